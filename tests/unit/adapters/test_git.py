"""What git is told and what its words mean, on texts that git and servers really said."""

from pathlib import Path

import pytest

from shipit.adapters.git import run
from shipit.adapters.git.remote import _refused_refs, in_safe_order, push_argv
from shipit.adapters.process import Finished
from shipit.errors import Denied, ExternalError, LeaseLost, Unavailable
from shipit.model import RefUpdate

MAIN, TAG, LOCK = "refs/heads/main", "refs/tags/v1.1.0", "refs/shipit/lock/release"
OLD, NEW = "1" * 40, "2" * 40

STALE = f"""\
To https://example.com/acme.git
!	{NEW}:{MAIN}	[rejected] (stale info)
Done
"""
DECLINED = f"""\
To https://example.com/acme.git
!	{NEW}:{MAIN}	[remote rejected] (protected branch hook declined)
!	{NEW}:{TAG}	[remote rejected] (atomic push failure)
Done
"""


def finished(stderr: str = "", stdout: str = "", code: int = 1) -> Finished:
    return Finished(("git", "push"), code, stdout.encode(), stderr)


def test_every_command_keeps_hooks_out_and_names_its_repository() -> None:
    assert run.argv(Path("/a b"), "status")[:5] == ("git", "-C", "/a b", "-c", "core.hooksPath=/dev/null")
    assert run.argv(Path("/a b"), "status")[-1] == "status"


def test_a_push_carries_a_lease_for_each_ref_and_never_forces() -> None:
    updates = [RefUpdate(MAIN, NEW, OLD), RefUpdate(TAG, NEW, None), RefUpdate(LOCK, None, OLD)]
    words = push_argv("origin", updates, "--atomic")
    assert words == (
        *("push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--atomic"),
        f"--force-with-lease={MAIN}:{OLD}",
        f"--force-with-lease={TAG}:",
        f"--force-with-lease={LOCK}:{OLD}",
        "origin",
        *(f"{NEW}:{MAIN}", f"{NEW}:{TAG}", f":{LOCK}"),
    )
    assert not any(word == "--force" or word.startswith("+") for word in words)


def test_without_atomic_pushes_branches_come_first_then_the_tag_and_deletions_last() -> None:
    gone = RefUpdate("refs/heads/release/v1.1.0", None, OLD)
    tag, lock, main = RefUpdate(TAG, NEW, None), RefUpdate(LOCK, NEW, OLD), RefUpdate(MAIN, NEW, OLD)
    assert in_safe_order([gone, tag, lock, main]) == [lock, main, tag, gone]


def test_the_refs_that_the_server_refused_are_told_from_those_that_fell_with_them() -> None:
    assert _refused_refs(DECLINED) == [MAIN]
    assert _refused_refs(STALE) == [MAIN]
    assert _refused_refs("!\tshort\nDone\n") == []


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("fatal: Authentication failed for 'https://example.com/acme.git/'", Denied),
        ("fatal: could not read Username for 'https://example.com': terminal prompts disabled", Denied),
        ("git@github.com: Permission denied (publickey).", Denied),
        ("fatal: unable to access 'https://example.com/': The requested URL returned error: 403", Denied),
        ("remote: Repository not found.\nfatal: repository 'https://example.com/x/' not found", Denied),
        ("fatal: '/gone' does not appear to be a git repository", Denied),
        ("remote: error: GH006: Protected branch update failed for refs/heads/main.", Denied),
        ("remote: error: GH013: Repository rule violations found for refs/heads/main.", Denied),
        (" ! [remote rejected] main -> main (pre-receive hook declined)", Denied),
        ("error: cannot lock ref 'refs/heads/main': is at 111 but expected 222", LeaseLost),
        (" ! [remote rejected] main -> main (failed to update ref)", LeaseLost),
        (" ! [rejected] main -> main (fetch first)", LeaseLost),
        (" ! [rejected] main -> main (non-fast-forward)", LeaseLost),
        (" ! [remote rejected] main -> main (reference already exists)", LeaseLost),
        ("fatal: unable to access 'https://example.com/': Could not resolve host: example.com", Unavailable),
        ("ssh: connect to host example.com port 22: Connection timed out", Unavailable),
        ("error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502", Unavailable),
        ("fatal: the remote end hung up unexpectedly", Unavailable),
        ("fatal: early EOF", Unavailable),
        ("fatal: bad object HEAD", ExternalError),
    ],
)
def test_gits_words_tell_the_class_of_trouble(stderr: str, kind: type[ExternalError]) -> None:
    trouble = run.explain(("push", "origin"), finished(stderr))
    assert type(trouble) is kind
    assert trouble.what == "git push failed"
    assert trouble.evidence == tuple(stderr.splitlines())


def test_a_stale_lease_stands_on_stdout_and_is_read_there_for_a_push_only() -> None:
    assert type(run.explain(("push",), finished(stdout=STALE))) is LeaseLost
    assert type(run.explain(("ls-remote",), finished(stdout=STALE))) is ExternalError


@pytest.mark.parametrize(
    ("words", "stderr", "kind", "hint"),
    [
        (
            ("hash-object",),
            "error: no temporary file: Read-only file system",
            ExternalError,
            "read-only",
        ),
        (
            ("update-ref",),
            "fatal: cannot lock ref: x: Permission denied",
            ExternalError,
            "right to",
        ),
        (("fetch",), "fatal: write error: No space left on device", ExternalError, "free some disk space"),
        (("push",), "remote: fatal: write error: No space left on device", Unavailable, "on the server: free some"),
        (("push",), "git@host: Permission denied (publickey).", Denied, "check the credentials"),
    ],
)
def test_a_disk_that_refuses_is_neither_a_race_nor_a_login(
    words: tuple[str, ...], stderr: str, kind: type[ExternalError], hint: str
) -> None:
    trouble = run.explain(words, finished(stderr))
    assert type(trouble) is kind
    assert hint in (trouble.hint or "")


def test_hints_and_progress_are_no_evidence() -> None:
    said = "hint: Updates were rejected\n\nTo https://example.com\nEverything up-to-date\nfatal: no\n"
    assert run.explain(("fetch",), finished(said)).evidence == ("fatal: no",)


def test_a_flood_of_words_is_cut_short() -> None:
    assert len(run.explain(("fetch",), finished("error: no\n" * 99)).evidence) == 12


def test_a_git_that_was_killed_may_do_better_next_time() -> None:
    trouble = run.explain(("fetch", "origin"), finished(code=-9))
    assert type(trouble) is Unavailable
    assert trouble.what == "git fetch was ended by signal 9"
    assert trouble.hint == "run the same command again"


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (("-c", "gpg.format=ssh", "tag", "-s"), "tag"),
        (("push", "--porcelain"), "push"),
        (("--version",), "command"),
    ],
)
def test_the_verb_of_a_command_is_found_behind_its_options(words: tuple[str, ...], verb: str) -> None:
    assert run.explain(words, finished()).what == f"git {verb} failed"
