"""The stand-in for a git host, proved with the real git client."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import gitserver
from tests.support.acme import Laid, commit, fresh_clone, git, refs
from tests.support.gitserver import FETCH, GH013, GitServer, User


@pytest.fixture
def server(small_acme: Laid) -> Iterator[GitServer]:
    users = {"bot": User("pa/ss word"), "reader": User("secret", push=False)}
    with GitServer(small_acme.folder, users, public=True) as running:
        git(small_acme.clone, "remote", "set-url", "origin", running.url("remote", "bot"))
        yield running


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RuntimeError) as stopped:
        act()
    return str(stopped.value)


def push(laid: Laid, *arguments: str) -> str:
    return git(laid.clone, "push", "--porcelain", "origin", *arguments)


def test_anybody_clones_a_public_repository_with_and_without_the_suffix(
    small_acme: Laid, server: GitServer
) -> None:
    git(small_acme.folder, "clone", "--quiet", server.url("remote"), "one")
    git(small_acme.folder, "clone", "--quiet", server.url("remote").removesuffix(".git"), "two")

    assert (small_acme.folder / "one" / "small.py").is_file()
    assert git(small_acme.folder / "two", "tag") == "v1.0.0"
    assert {request.user for request in server.requests} == {None}


def test_a_shallow_clone_without_blobs_comes_over_protocol_version_two(small_acme: Laid, server: GitServer) -> None:
    git(small_acme.folder, "clone", "--quiet", "--depth=1", "--filter=blob:none", server.url("remote"), "one")

    assert git(small_acme.folder / "one", "rev-list", "--count", "HEAD") == "1"


def test_a_push_with_credentials_in_the_address_lands(small_acme: Laid, server: GitServer) -> None:
    head = commit(small_acme.clone, "fix: one")

    push(small_acme, "develop")

    assert refs(small_acme.remote)["refs/heads/develop"] == head
    assert [(request.user, request.status) for request in server.pushes] == [("bot", 200)]


def test_a_large_push_comes_in_chunks(small_acme: Laid, server: GitServer) -> None:
    (small_acme.clone / "large.bin").write_bytes(os.urandom(3_000_000))
    git(small_acme.clone, "add", ".")
    head = commit(small_acme.clone, "feat: something large")

    push(small_acme, "develop")

    assert refs(small_acme.remote)["refs/heads/develop"] == head
    assert server.pushes


def test_a_long_negotiation_comes_compressed(small_acme: Laid, server: GitServer) -> None:
    other = fresh_clone(small_acme, "other")
    git(other, "remote", "set-url", "origin", server.url("remote"))
    for number in range(60):
        commit(other, f"fix: number {number}")
    head = commit(small_acme.clone, "fix: upstream", push=True)

    git(other, "fetch", "--quiet", "origin")

    assert git(other, "rev-parse", "origin/develop") == head
    assert any(request.service == FETCH for request in server.requests)


def test_wrong_and_missing_credentials_are_401(small_acme: Laid, server: GitServer) -> None:
    wrong = server.url("remote", "bot").replace("word", "sword")

    said = refusal(lambda: git(small_acme.clone, "push", wrong, "develop"))
    assert "Authentication failed" in said
    said = refusal(lambda: git(small_acme.clone, "push", server.url("remote"), "develop"))
    assert "could not read Username" in said
    assert {request.status for request in server.requests} == {401}


def test_a_reader_may_clone_and_is_told_that_pushing_is_denied(small_acme: Laid, server: GitServer) -> None:
    git(small_acme.folder, "clone", "--quiet", server.url("remote", "reader"), "one")

    said = refusal(lambda: git(small_acme.folder / "one", "push", "origin", "HEAD:refs/heads/mine"))

    assert "Permission to remote.git denied to reader" in said
    assert "403" in said


def test_an_unknown_repository_is_not_found(small_acme: Laid, server: GitServer) -> None:
    assert "not found" in refusal(lambda: git(small_acme.folder, "clone", server.url("nothing"), "one"))


def test_a_declined_branch_does_not_stop_the_tag_of_the_same_push(small_acme: Laid, server: GitServer) -> None:
    before = refs(small_acme.remote)
    gitserver.decline(small_acme.remote, "refs/heads/develop")
    commit(small_acme.clone, "fix: one")
    git(small_acme.clone, "tag", "v1.0.1")

    said = refusal(lambda: push(small_acme, "develop", "v1.0.1"))

    after = refs(small_acme.remote)
    assert "GH006: Protected branch update failed for refs/heads/develop." in said
    assert after.pop("refs/tags/v1.0.1")
    assert after == before


def test_of_an_atomic_push_with_a_declined_branch_nothing_lands(small_acme: Laid, server: GitServer) -> None:
    before = refs(small_acme.remote)
    gitserver.decline(small_acme.remote, "refs/heads/develop", "refs/heads/main")
    commit(small_acme.clone, "fix: one")
    git(small_acme.clone, "tag", "v1.0.1")

    with pytest.raises(RuntimeError, match="GH006"):
        push(small_acme, "--atomic", "develop", "v1.0.1")
    assert refs(small_acme.remote) == before

    gitserver.remove_hooks(small_acme.remote)
    push(small_acme, "--atomic", "develop", "v1.0.1")
    assert "refs/tags/v1.0.1" in refs(small_acme.remote)


def test_a_rule_can_name_a_pattern_and_let_one_user_in(small_acme: Laid, server: GitServer) -> None:
    gitserver.decline(small_acme.remote, "refs/tags/v*", text=GH013, unless="bot")
    push(small_acme, "HEAD:refs/tags/v9")

    gitserver.decline(small_acme.remote, "refs/tags/v*", text=GH013, unless="somebody")
    assert "GH013: Repository rule violations found for refs/tags/v8." in refusal(
        lambda: push(small_acme, "HEAD:refs/tags/v8")
    )


def test_a_pre_receive_hook_declines_everything(small_acme: Laid, server: GitServer) -> None:
    before = refs(small_acme.remote)
    gitserver.decline_everything(small_acme.remote)

    assert "read-only" in refusal(lambda: push(small_acme, "HEAD:refs/tags/one", "HEAD:refs/tags/two"))
    assert refs(small_acme.remote) == before


def test_a_lease_on_nothing_is_refused_when_the_tag_exists(small_acme: Laid, server: GitServer) -> None:
    before = refs(small_acme.remote)
    commit(small_acme.clone, "fix: one")
    lease = "--force-with-lease=refs/tags/v1.0.0:"

    said = refusal(lambda: push(small_acme, "--atomic", lease, "develop", "HEAD:refs/tags/v1.0.0"))

    assert "[rejected] (stale info)" in said
    assert refs(small_acme.remote) == before
    assert server.pushes == []


def test_without_the_atomic_capability_git_says_so(small_acme: Laid, server: GitServer) -> None:
    server.advertise_atomic = False

    said = refusal(lambda: push(small_acme, "--atomic", "HEAD:refs/heads/new"))

    assert "the receiving end does not support --atomic push" in said


def test_of_two_pushes_at_once_one_wins(small_acme: Laid, server: GitServer) -> None:
    pushers = []
    for name in ("one", "two"):
        clone = fresh_clone(small_acme, name)
        git(clone, "remote", "set-url", "origin", server.url("remote", "bot"))
        pushers.append(commit(clone, f"fix: from {name}"))

    def attempt(name: str) -> bool:
        try:
            git(
                small_acme.folder / name,
                "push",
                "--quiet",
                "--atomic",
                "origin",
                "develop",
                "HEAD:refs/tags/v1.0.1",
            )
        except RuntimeError:
            return False
        return True

    with ThreadPoolExecutor() as pool:
        won = list(pool.map(attempt, ("one", "two")))

    assert sorted(won) == [False, True]
    winner = pushers[won.index(True)]
    after = refs(small_acme.remote)
    assert after["refs/heads/develop"] == after["refs/tags/v1.0.1"] == winner


def test_what_a_test_puts_between_the_lease_and_the_push_makes_the_push_lose(
    small_acme: Laid, server: GitServer
) -> None:
    main = refs(small_acme.remote)["refs/heads/main"]
    commit(small_acme.clone, "fix: one")
    server.before_push = lambda: git(small_acme.remote, "update-ref", "refs/heads/develop", main)

    with pytest.raises(RuntimeError):
        push(small_acme, "develop")

    assert refs(small_acme.remote)["refs/heads/develop"] == main


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_an_ordered_status_fails_the_nth_push_and_only_that(
    small_acme: Laid, server: GitServer, status: int
) -> None:
    server.fail(status, nth=2)
    push(small_acme, "HEAD:refs/tags/one")

    with pytest.raises(RuntimeError):
        push(small_acme, "HEAD:refs/tags/two")
    assert "refs/tags/two" not in refs(small_acme.remote)

    push(small_acme, "HEAD:refs/tags/two")
    assert [request.status for request in server.pushes] == [200, status, 200]


def test_a_connection_dropped_before_the_work_leaves_nothing(small_acme: Laid, server: GitServer) -> None:
    server.fail("drop")

    with pytest.raises(RuntimeError):
        push(small_acme, "HEAD:refs/tags/one")

    assert "refs/tags/one" not in refs(small_acme.remote)
    assert [request.status for request in server.pushes] == [0]


def test_a_connection_dropped_after_the_work_leaves_a_push_that_nobody_heard_of(
    small_acme: Laid, server: GitServer
) -> None:
    server.fail("drop-after")

    with pytest.raises(RuntimeError):
        push(small_acme, "HEAD:refs/tags/one")

    assert "refs/tags/one" in refs(small_acme.remote)
    server.heal()
    push(small_acme, "HEAD:refs/tags/two")


def test_an_advertisement_can_fail_too(small_acme: Laid, server: GitServer) -> None:
    server.fail(503, service=FETCH, method="GET")

    assert "503" in refusal(lambda: git(small_acme.clone, "fetch", "origin"))
    git(small_acme.clone, "fetch", "--quiet", "origin")


def test_it_serves_as_a_program_of_its_own(small_acme: Laid, tmp_path: Path) -> None:
    port = tmp_path / "port"
    command = [
        sys.executable,
        "-m",
        "tests.support.gitserver",
        f"--root={small_acme.folder}",
        f"--port-file={port}",
    ]
    with subprocess.Popen([*command, "--user=bot:word", "--user=guest:word:read"]) as child:
        try:
            deadline = time.monotonic() + 20
            while not port.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            address = f"127.0.0.1:{port.read_text(encoding='utf-8')}/remote.git"
            git(small_acme.clone, "push", f"http://bot:word@{address}", "HEAD:refs/tags/one")
            with pytest.raises(RuntimeError, match="403"):
                git(small_acme.clone, "push", f"http://guest:word@{address}", "HEAD:refs/tags/two")
        finally:
            child.terminate()
    assert "refs/tags/one" in refs(small_acme.remote)
