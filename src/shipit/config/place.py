"""Where a project's version is written, as far as its own files say so, and how that is known."""

import posixpath
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

Read = Callable[[str], str | None]
"""The text of a file, by its path from the project's folder; None if there is none that can be read."""


def no_files(_: str) -> None:
    """A folder without any file."""


def files_in(folder: Path) -> Read:
    """The files of a folder; what is no UTF-8 cannot be read."""

    def read(path: str) -> str | None:
        try:
            return (folder / path).read_bytes().decode("utf-8")
        except (OSError, ValueError):
            return None

    return read


class Place(Struct, frozen=True, kw_only=True):
    """The locations of the version, none where only the tag holds it; `reason` is how that is known.

    `doubt` says why the place is not known, and is empty where it is.
    """

    files: tuple[str, ...] = ()
    reason: str
    doubt: str = ""


def written(location: str, reason: str) -> Place:
    """The version is written there."""
    if location.startswith("/"):
        file = location.partition(":")[0]
        return unknown(f"{reason} names {file}, which is not a path from the project's folder")
    return Place(files=(_plain(location),), reason=reason)


def from_tags(reason: str) -> Place:
    """The build backend takes the version from the tag, so that nothing is written."""
    return Place(reason=f"{reason}: from the tag")


def unknown(doubt: str) -> Place:
    """Nobody can tell from the project's files where its version comes from."""
    return Place(reason=f"not known: {doubt}", doubt=doubt)


def seen_from_top(place: Place, folder: str) -> Place:
    """The same place for a project in this folder; it must not lie out of the repository."""
    if not folder and not any(one.startswith("..") for one in place.files):
        return place
    files = tuple(_plain(f"{folder}/{location}" if folder else location) for location in place.files)
    if any(one.startswith("..") for one in files):
        return unknown(f"{place.reason} leads out of the repository")
    return Place(files=files, reason=place.reason, doubt=place.doubt)


def _plain(location: str) -> str:
    path, colon, key = location.rpartition(":")
    return f"{posixpath.normpath(path)}:{key}" if colon else posixpath.normpath(location)
