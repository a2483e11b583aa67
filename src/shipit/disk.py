"""What a file system refuses, with its true cause and what helps against that."""

import errno
from collections.abc import Sequence

from shipit.errors import ExternalError

_IN_THE_WAY = "something else stands where shipit keeps a file or a folder: move it away"
_RIGHTS = "give the user who runs this the right to write there"
_HINTS = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some of the space that this user may take",
    errno.EROFS: "the file system is read-only: make it writable, or work in a clone elsewhere",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTEMPTY: _IN_THE_WAY,
    errno.ELOOP: _IN_THE_WAY,
    errno.EIO: "the disk itself fails: look into the log of the system",
    errno.ENAMETOOLONG: "the path is too long for this file system: work in a clone higher up",
    errno.EFBIG: "the file is larger than this file system or a limit of the user allows",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
}
_NO_TEMPORARY = "No usable temporary directory"
_WORDS = {
    "No space left on device": errno.ENOSPC,
    "Disk quota exceeded": errno.EDQUOT,
    "Read-only file system": errno.EROFS,
    "Input/output error": errno.EIO,
    "insufficient permission for adding an object": errno.EACCES,
    "Permission denied": errno.EACCES,
    "Not a directory": errno.ENOTDIR,
    "Is a directory": errno.EISDIR,
}
"""How programs that we start say it."""


def is_refusal(error: BaseException) -> bool:
    """Whether the file system refused, which is no bug of ours; what is not there at all may be one."""
    return isinstance(error, OSError) and (error.errno in _HINTS or _NO_TEMPORARY in str(error))


def refusal(what: str, error: OSError, where: str | None = None, evidence: Sequence[str] = ()) -> ExternalError:
    """The error for what cannot be done, with the reason and a hint that fits it."""
    reason = error.strerror or str(error)
    return ExternalError(f"{what}: {reason}", where=where, evidence=evidence, hint=hint_for(error))


def unnamed_refusal(error: OSError) -> ExternalError:
    """The error where nobody knows what it was for: the path says it."""
    return refusal(f"{error.filename} cannot be used" if error.filename else "the file system refuses", error)


def hint_for(error: OSError) -> str | None:
    """What helps; None for what is no refusal of the file system."""
    if _NO_TEMPORARY in str(error):
        return "set TMPDIR to a folder that can be written"
    return _HINTS.get(error.errno or 0)


def hint_in(said: str) -> str | None:
    """What helps against what another program says; None where it says nothing of a file system."""
    return next((_HINTS[number] for words, number in _WORDS.items() if words in said), None)
