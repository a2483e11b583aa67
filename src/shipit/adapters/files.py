"""Files that a power cut cannot undo: bytes first, then the name, then the folder's entry."""

import os
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
