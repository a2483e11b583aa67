"""The names of a clone's tags, read from files: git itself opens a file and an object for each to list them."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_ELSEWHERE = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_REFERENCE_BACKEND")
"""Variables that make git look for tags in another place."""


def read(folder: Path, environment: Mapping[str, str] = os.environ) -> frozenset[str] | None:
    """The names in the folder that all work trees share; None if git itself must be asked.

    A name alone proves nothing: what it leads to, if to anything, git must tell.
    """
    if any(name in environment for name in _ELSEWHERE):
        return None
    try:
        if b"refstorage" in (folder / "config").read_bytes().lower():  # such as reftable: not in these files
            return None
        # in git's own order: a tag that is packed meanwhile is seen twice rather than never
        return frozenset([*_loose(f"{folder}/refs/tags"), *_packed(folder / "packed-refs")])
    except (OSError, ValueError):
        return None


def _loose(folder: str, at: str = "") -> Iterator[str]:
    """One file each, in folders where names have slashes; raises ValueError for a symbolic link."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                raise ValueError(entry.name)
            if entry.is_dir():
                yield from _loose(entry.path, f"{at}{entry.name}/")
            else:
                yield f"{at}{entry.name}"


def _packed(file: Path) -> Iterator[str]:
    """A line each, `<id> refs/tags/<name>`, among those of other refs."""
    try:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return
    for line in text.split("\n"):
        name = line.partition(" refs/tags/")[2]
        if name:
            yield name
