"""Files that a power cut cannot undo: bytes first, then the name, then the folder's entry."""

import contextlib
import errno
import os
import re
import shutil
from itertools import accumulate
from pathlib import Path, PurePosixPath

from shipit.errors import Refused


def sync(path: Path) -> None:
    """A file's bytes, or a folder's entries, are on disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename(partial: Path, path: Path) -> None:
    """Give a file whose bytes are on disk its name, on disk when this returns."""
    partial.replace(path)
    sync(path.parent)


def settle(partial: Path, path: Path) -> None:
    """Give a file that was just written its name: no power cut leaves a name without its bytes."""
    sync(partial)
    rename(partial, path)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its rights stay. A link is followed, as every editor does.

    Raises OSError, after which the file is as it was; also for a device or a pipe, which would be gone otherwise.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "Not a plain file", str(path))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        _remove_left(path)
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, partial)
        rename(partial, path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def _remove_left(path: Path) -> None:
    """Remove what processes that were killed have left half-written; it may be a link to somebody's file."""
    name = re.compile(rf"\.{re.escape(path.name)}(?:\.(\d{{1,9}}))?\.partial")
    for one in os.listdir(path.parent):  # noqa: PTH208 - names are enough
        if (found := name.fullmatch(one)) and not _is_of_another(found[1]):
            path.with_name(one).unlink(missing_ok=True)


def _is_of_another(process: str | None) -> bool:
    """Whether another process lives that may be writing it."""
    if process is None or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except OSError as error:  # it may be somebody else's
        return not isinstance(error, ProcessLookupError)
    return True


def inside(top: Path, path: str) -> Path:
    """The file that a path in the repository finally leads to, whether it is there or not.

    Raises Refused where a link leads out of the repository, into git's own folder, or to itself.
    """
    target = Path(os.path.realpath(top / path))  # Path.resolve raises RuntimeError for links in a circle
    within = Path(os.path.realpath(top))
    circle = target.is_symlink()
    if target.is_relative_to(within) and ".git" not in target.relative_to(within).parts and not circle:
        return target
    places = accumulate(PurePosixPath(path).parts, lambda above, name: f"{above}/{name}")
    link = next((one for one in places if (top / one).is_symlink()), path)
    raise Refused(
        f"{path} is a link to itself" if circle else f"{path} leads out of the repository",
        evidence=[f"{link} is a link to {os.path.realpath(top / link)}"],
        hint="put the file itself there",
    )
