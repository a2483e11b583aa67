"""The files of a folder as Vercel knows them: by name, size and SHA-1."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from shipit.errors import ExternalError

_CHUNK = 1 << 20
_SHOWN = 5


class SourceFile(Struct, frozen=True, kw_only=True):
    """A file of the published folder; `name` is below it, with `/`, `size` in bytes, `sha` is its SHA-1 in hex."""

    name: str
    place: Path
    size: int
    sha: str


def read_folder(top: Path) -> Sequence[SourceFile]:
    """Every file, in the order of their names; raises ExternalError for what cannot be uploaded, or for nothing."""
    found = sorted(_paths(top))
    strange = [name for name, place in found if place.is_symlink() or not name.isprintable()]
    if strange or not found:
        raise ExternalError(
            (
                "the folder has what cannot be uploaded to Vercel"
                if strange
                else "the folder to publish has no files"
            ),
            evidence=[f"{name!r}: no regular file with a printable name" for name in strange[:_SHOWN]],
            hint="commit what is to be published as plain files",
        )
    return [_hashed(name, place) for name, place in found]


def _paths(top: Path) -> Iterator[tuple[str, Path]]:
    """Names and places of files and symbolic links, which are not followed."""
    for parent, folders, files in os.walk(top):
        for name in (*files, *(one for one in folders if (Path(parent) / one).is_symlink())):
            place = Path(parent, name)
            yield place.relative_to(top).as_posix(), place


def _hashed(name: str, place: Path) -> SourceFile:
    digest, size = hashlib.sha1(usedforsecurity=False), 0
    with place.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return SourceFile(name=name, place=place, size=size, sha=digest.hexdigest())
