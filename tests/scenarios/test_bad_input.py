"""What bad input gets: the documented exit code, what and where with evidence, a hint; and all is as before."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from tests.support import run
from tests.support.acme import commit, git
from tests.support.gitserver import FETCH, PUSH, User
from tests.support.misbehaviour import Kind
from tests.support.place import TOKEN, Place, Stage
from tests.support.run import Ran
from tests.support.standing import left_over

MINOR = ("release", "--type", "minor")


def refused(
    place: Place, code: int, *words: str, where: Path | None = None, hurried: bool = False, **env: str
) -> Ran:
    """Run it, and see that it was refused decently and that nothing has changed anywhere."""
    outside, here = place.outside(), place.here()
    ran = place.shipit(*(words or MINOR), where=where, env=env, hurried=hurried).ended(code)
    assert "error: " in ran.said
    assert "hint: " in ran.said, ran.said
    assert place.outside() == outside
    assert place.here() == here
    assert left_over(place.clone) == []
    return ran


def edit(place: Place, old: str, new: str) -> None:
    pyproject = place.clone / "pyproject.toml"
    text = pyproject.read_text()
    assert old in text
    pyproject.write_text(text.replace(old, new))


def release_this(place: Place, old: str, new: str) -> None:
    """A change of pyproject.toml that is committed and pushed, as the user had done it."""
    other = place.fresh_clone("editor")
    pyproject = other / "pyproject.toml"
    text = pyproject.read_text()
    assert old in text
    commit(other, "chore: configure", {"pyproject.toml": text.replace(old, new)}, push=True)
    git(place.clone, "stash", "push", "--quiet")
    git(place.clone, "pull", "--quiet", "--ff-only", "origin", "develop")


def test_outside_of_a_repository(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    shutil.copy(place.clone / "pyproject.toml", folder)

    assert "not a git repository" in refused(place, 2, where=folder).said


def test_without_any_configuration(place: Place, tmp_path: Path) -> None:
    refused(place, 2, where=tmp_path)


def test_a_repository_without_commits(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    git(tmp_path, "clone", "--quiet", "bare.git", str(folder))
    shutil.copy(place.clone / "pyproject.toml", folder)

    assert "no branch" in refused(place, 4, where=folder).said


def test_without_a_remote(place: Place) -> None:
    git(place.clone, "remote", "remove", "origin")

    ran = refused(place, 2)
    assert "no remote origin" in ran.said
    assert "git remote add origin" in ran.said


def test_a_branch_that_the_remote_does_not_have(place: Place) -> None:
    assert "no branch nonsense" in refused(place, 4, *MINOR, "--from", "nonsense").said


def test_commits_that_are_not_pushed(place: Place) -> None:
    commit(place.clone, "feat: only here")

    ran = refused(place, 4)
    assert "develop here is 1 commit ahead of origin" in ran.said
    assert "hint: git push origin develop" in ran.said


def test_a_remote_that_moved_on(place: Place) -> None:
    place.push_something("feat: somebody else's")

    assert "develop" in refused(place, 4).said


def test_malformed_toml(place: Place) -> None:
    edit(place, "[tool.shipit.forge]", "[tool.shipit.forge")

    ran = refused(place, 2)
    assert "pyproject.toml" in ran.said
    assert "line" in ran.said


def test_every_unknown_key_at_once(place: Place) -> None:
    edit(place, "[tool.shipit.forge]", "[tool.shipit.forge]\nkidn = 1\n[tool.shipit.relaese]")

    ran = refused(place, 2)
    assert "kidn" in ran.said
    assert "relaese" in ran.said


def test_a_missing_secret(place: Place) -> None:
    environment = {name: value for name, value in place.environment.items() if name != "RELEASE_TOKEN"}
    outside, here = place.outside(), place.here()

    ran = run.shipit(place.clone, *MINOR, env=environment).ended(2)

    assert "env:RELEASE_TOKEN is missing" in ran.said
    assert "hint: " in ran.said
    assert (place.outside(), place.here()) == (outside, here)


@pytest.mark.parametrize("instead", ["", 'dynamic = ["version"]\n', 'version = "one"\n', "version = 1\n"])
def test_no_version_where_the_configuration_says_that_it_is(place: Place, instead: str) -> None:
    release_this(place, 'version = "1.0.0"\n', instead)

    outside = place.outside()
    ran = place.shipit(*MINOR)
    assert ran.code in {2, 4}, ran.said
    assert "version" in ran.said
    assert "pyproject.toml" in ran.said
    assert "hint: " in ran.said
    assert place.outside() == outside


def test_a_tag_that_is_only_here(place: Place) -> None:
    git(place.clone, "tag", "v1.1.0", "HEAD~1")

    ran = refused(place, 4)
    assert "git tag -d v1.1.0" in ran.said


@pytest.mark.parametrize("kind", ["annotated", "lightweight"])
def test_a_tag_that_the_remote_has_elsewhere(place: Place, kind: str) -> None:
    other = place.fresh_clone("tagger")
    commit(other, "feat: on a line of its own")
    git(other, "tag", *(("-a", "-m", "mine") if kind == "annotated" else ()), "v1.1.0")
    git(other, "push", "--quiet", "origin", "v1.1.0")

    assert "the tag v1.1.0 exists on another line of history" in refused(place, 4).said


def test_a_release_branch_that_somebody_else_made(place: Place) -> None:
    other = place.fresh_clone("other")
    git(other, "push", "--quiet", "origin", "HEAD~1:refs/heads/release/v1.1.0")

    assert "release/v1.1.0" in refused(place, 4).said


def test_main_that_conflicts_with_develop(place: Place) -> None:
    other = '__version__ = "1.0.0"\nWORD = "goodbye"\nLOUDER = 1\n'
    place.push_something("fix: on main", {"small.py": other}, "main")

    assert "conflict in small.py" in refused(place, 4).said


def test_nobody_known_to_git(place: Place) -> None:
    config = place.clone / ".git" / "config"
    text = config.read_text()
    config.write_text(text.replace("name = Ada Acme", "").replace("email = ada@acme.example", ""))

    assert "who you are" in refused(place, 4).said


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_network_of_the_remote_down(place: Place) -> None:
    git(place.clone, "remote", "set-url", "origin", f"http://127.0.0.1:{_closed_port()}/small.git")

    ran = refused(place, 4)
    assert "git ls-remote failed" in ran.said
    assert "unable to access 'http://127.0.0.1:" in ran.said


def test_the_network_of_the_forge_down(place: Place) -> None:
    ran = refused(place, 4, hurried=True, GITHUB_API_URL=f"http://127.0.0.1:{_closed_port()}")
    assert "GitHub did not answer" in ran.said


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_remote_that_refuses_to_be_read(place: Place, status: int) -> None:
    place.server.fail(status, service=FETCH, method="GET", times=9)
    outside, here = place.outside(), place.here()
    ran = place.shipit(*MINOR, hurried=True).ended(4)
    assert "hint: " in ran.said, ran.said
    assert "error: " in ran.said
    assert (place.outside(), place.here()) == (outside, here)


@pytest.mark.parametrize("status", [403, 500, "drop"])
def test_a_remote_that_fails_at_the_first_push(place: Place, status: int | Literal["drop"]) -> None:
    place.server.fail(status, service=PUSH, method="POST", times=9)
    outside, here = place.outside(), place.here()
    ran = place.shipit(*MINOR, hurried=True)
    place.server.heal()
    assert ran.code in {4, 5, 7}, ran.said
    assert "hint: " in ran.said, ran.said
    assert (place.outside(), place.here()) == (outside, here)


def test_a_reader_may_not_release(theatre: Stage, place: Place) -> None:
    place.server.users = {"reader": User("pass-word", push=False)}
    git(place.clone, "remote", "set-url", "origin", place.server.url(place.name, "reader"))
    try:
        ran = refused(place, 4)
    finally:
        place.server.users = {}
    assert "denied to reader" in ran.said
    assert "pass-word" not in ran.said


FORGE = [Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.ERROR_BEFORE, Kind.NO_JSON, Kind.DROP_BEFORE]


@pytest.mark.parametrize("kind", FORGE, ids=lambda kind: kind.name)
def test_a_forge_that_refuses_is_seen_before_anything_is_touched(place: Place, kind: Kind) -> None:
    place.github.misbehave("GET", r"^/repos/acme/small$", kind, times=9)
    try:
        ran = refused(place, 4, hurried=True)
    finally:
        place.github._orders._waiting.clear()
    assert "GitHub" in ran.said


def test_a_token_that_may_only_read(place: Place) -> None:
    token = place.github.add_token("read")

    ran = refused(place, 4, RELEASE_TOKEN=token)
    assert token not in ran.said


AFTER = [Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.INVALID, Kind.ERROR_BEFORE, Kind.DROP_BEFORE]


def test_a_forge_that_fails_after_the_push_leaves_a_release_that_can_be_resumed(place: Place) -> None:
    words: tuple[str, ...] = MINOR
    for kind in AFTER:
        place.github.misbehave("POST", r"^/repos/acme/small/releases$", kind)
        ran = place.shipit(*words)
        assert (kind, ran.code) == (kind, 5), ran.said
        assert "draft" in ran.said
        assert "--resume" in ran.said
        assert "refs/tags/v1.1.0" in place.outside()["refs"]
        words = ("release", "--resume")

    assert "draft" in place.shipit("release").ended(5).said
    place.shipit("release", "--resume").ended(0)
    (release,) = place.outside()["forge"]["releases"]
    assert not release["draft"]


LOST = [Kind.ERROR_AFTER, Kind.DROP_AFTER]


@pytest.mark.parametrize("kind", LOST, ids=lambda kind: kind.name)
def test_answers_that_were_lost_make_nothing_twice(place: Place, kind: Kind) -> None:
    for method, path in (("POST", r"/releases$"), ("POST", r"/assets$"), ("PATCH", r"/releases/\d+$")):
        place.github.misbehave(method, path, kind)

    place.shipit(*MINOR).ended(0)

    (release,) = place.outside()["forge"]["releases"]
    assert not release["draft"]
    assert len(release["assets"]) == 4


def test_an_index_that_is_no_directory(place: Place) -> None:
    place.laid.index.write_text("a file\n")
    try:
        assert "is not a directory" in refused(place, 4).said
    finally:
        place.laid.index.unlink()


def test_a_gate_that_fails_is_told_with_its_words_and_taken_back(place: Place) -> None:
    edit(place, '["python", "-S", "-c", "pass"]', '["python", "-S", "-c", "print(6 * 7); raise SystemExit(3)"]')

    ran = refused(place, 4)
    assert "gate tests failed" in ran.said
    assert "42" in ran.said
    assert "exit code 3" in ran.said
    assert "everything is as before" in ran.said


def test_a_gate_that_is_no_command(place: Place) -> None:
    edit(place, '["python", "-S", "-c", "pass"]', '["no-such-command"]')

    assert "no-such-command" in refused(place, 4).said


def test_a_build_that_fails(place: Place) -> None:
    edit(place, '"build_quickly.py"]', '"no_such_file.py"]')

    assert "the build failed" in refused(place, 4).said


def _journal(place: Place) -> Path:
    return place.clone / ".git" / "shipit" / "journal" / "v1.1.0.jsonl"


def _fill_the_disk(place: Place) -> None:
    """From here on every write to the journal finds the disk full."""
    path = _journal(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.rename(path.with_suffix(".before"))
    path.symlink_to("/dev/full")


def test_a_full_disk_before_the_first_effect(place: Place) -> None:
    _fill_the_disk(place)

    ran = refused(place, 4)
    assert "the journal cannot be written: No space left on device" in ran.said
    assert str(_journal(place)) in ran.said


def _at_push(place: Place, number: int, act: Callable[[], None]) -> None:
    seen = 0

    def arrived() -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            act()
        else:
            place.server.before_push = arrived

    place.server.before_push = arrived


def test_a_disk_that_fills_up_before_the_push_is_told_and_all_is_taken_back(place: Place) -> None:
    _at_push(place, 1, lambda: _fill_the_disk(place))

    ran = refused(place, 7)
    assert "No space left on device" in ran.said
    assert "everything is as before" in ran.said


@pytest.mark.parametrize("push", [2, 3])
def test_a_disk_that_fills_up_after_the_push_leaves_a_release_that_can_be_resumed(place: Place, push: int) -> None:
    _at_push(place, push, lambda: _fill_the_disk(place))

    ran = place.shipit(*MINOR).ended(5)

    assert "No space left on device" in ran.said
    assert "--resume" in ran.said
    assert "refs/tags/v1.1.0" in place.outside()["refs"]
    _journal(place).unlink()
    place.shipit("release", "--resume").ended(0)
    place.shipit("verify", "release", "v1.1.0").ended(0)


def test_a_full_disk_never_keeps_a_release_from_being_resumed_or_undone_elsewhere(place: Place) -> None:
    _at_push(place, 2, lambda: _fill_the_disk(place))
    place.shipit(*MINOR).ended(5)

    place.shipit("release", "--resume", where=place.fresh_clone()).ended(0)


def test_resume_and_undo_exclude_each_other(place: Place) -> None:
    refused(place, 2, "release", "--resume", "--undo")


def test_undo_past_the_point_of_no_return(place: Place) -> None:
    place.github.misbehave("POST", r"^/repos/acme/small/releases$", Kind.FORBIDDEN)
    place.shipit(*MINOR).ended(5)
    outside = place.outside()

    ran = place.shipit("release", "--undo").ended(4)

    assert "past its point of no return" in ran.said
    assert "--resume" in ran.said
    assert place.outside() == outside
    assert TOKEN not in ran.said
