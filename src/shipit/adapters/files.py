"""Files that a power cut cannot undo: bytes first, then the name, then the folder's entry."""

import contextlib
import os
import shutil
from pathlib import Path


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

    Raises OSError, after which the file is as it was.
    """
    path = path.resolve()
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
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
