"""What a file system refuses is told with its true cause."""

import errno
import os

import pytest

from shipit import disk
from shipit.engine.ending import as_stop
from shipit.errors import ExternalError, Stop


def refused(number: int, path: str | None = "/x/y") -> OSError:
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "free some disk space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "right to write"),
        (errno.ENOTDIR, "move it away"),
        (errno.EEXIST, "move it away"),
        (errno.EIO, "disk itself fails"),
    ],
)
def test_the_hint_is_about_the_cause_and_about_no_other(number: int, hint: str) -> None:
    stop = as_stop(refused(number))
    assert type(stop) is ExternalError
    assert stop.exit_code == 4
    assert stop.what == f"/x/y cannot be used: {os.strerror(number)}"
    assert hint in (stop.hint or "")
    assert (number == errno.ENOSPC) == ("free some disk space" in (stop.hint or ""))


def test_where_no_path_is_known_none_is_named() -> None:
    assert as_stop(refused(errno.ENOSPC, None)).what == "the file system refuses: No space left on device"


def test_a_machine_without_a_temporary_folder_is_told_the_variable() -> None:
    stop = as_stop(FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"))
    assert (type(stop), stop.hint) == (ExternalError, "set TMPDIR to a folder that can be written")


@pytest.mark.parametrize(
    "error", [refused(errno.ENOENT), ValueError("no"), ConnectionRefusedError(errno.ECONNREFUSED, "refused")]
)
def test_what_is_no_refusal_of_a_file_system_is_still_a_bug(error: Exception) -> None:
    assert not disk.is_refusal(error)
    assert type(as_stop(error)) is Stop


def test_an_error_without_a_reason_is_told_in_its_own_words() -> None:
    stop = disk.refusal("x cannot be kept", OSError("odd"), "/x", ["3 bytes"])
    assert (stop.what, stop.where, stop.evidence) == ("x cannot be kept: odd", "/x", ("3 bytes",))
    assert disk.hint_for(OSError("odd")) is None


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("fatal: unable to write: No space left on device", "free some disk space"),
        ("error: insufficient permission for adding an object to repository database", "right to write"),
        ("fatal: repository not found", None),
    ],
)
def test_what_another_program_says_of_it_is_understood(said: str, hint: str | None) -> None:
    found = disk.hint_in(said)
    assert (found is None) if hint is None else hint in (found or "")
