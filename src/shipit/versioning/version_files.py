"""The version in all files of a project at once: read, compared, and written with the lock files that repeat it."""

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from shipit.errors import Refused, UsageError
from shipit.versioning.files import LOCK_FILES, lock_changes, parse_location, read_version, write_version
from shipit.versioning.number import Version, from_pep440

Read = Callable[[str], str | None]
"""The text of a file, by its path from the top; None if there is no such file."""


def versions(locations: Sequence[str], read: Read) -> dict[str, Version]:
    """The version that each location holds; raises Refused or UsageError, naming it, where there is none."""
    return {location: _version(location, read) for location in locations}


def present(locations: Sequence[str], read: Read) -> list[str]:
    """Those of the locations that hold a version."""
    return [location for location in locations if _is_present(location, read)]


def rewritten(
    locations: Sequence[str], read: Read, version: str, project: Callable[[], str], folder: str = ""
) -> dict[str, str]:
    """Every file of these locations, and every lock file, with a SemVer version in it; by path.

    `project` gives the name that lock files have, `folder` where the project lies. Raises Refused if a file is
    missing.
    """
    texts: dict[str, str] = {}
    for location in locations:
        path = parse_location(location).path
        texts[path] = write_version(location, texts.get(path) or _text(path, read), version)
    return {**texts, **_locks(read, version, project, folder)}


@dataclass(frozen=True, slots=True)
class Levelled:
    """Files that hold another version, by path, with the one that was asked for in them.

    In `unreadable` ones a version is looked for and cannot be read.
    """

    texts: Mapping[str, str]
    unreadable: frozenset[str]


def levelled(
    locations: Sequence[str], read: Read, version: str, project: Callable[[], str], folder: str = ""
) -> Levelled:
    """Like `rewritten`, for files that a merge left: each for itself, and what says so already stays as it is."""
    texts: dict[str, str] = {}
    unreadable = set()
    for path, rewrite in _places(locations, version, project, folder):
        try:
            text = texts.get(path) or read(path)
            new = text and rewrite(text)
        except (Refused, UsageError):
            unreadable.add(path)
        else:
            if text and new and new != text:
                texts[path] = new
    return Levelled(texts, frozenset(unreadable))


def _places(
    locations: Sequence[str], version: str, project: Callable[[], str], folder: str
) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Every path with what puts the version into its text."""
    for location in locations:
        yield parse_location(location).path, partial(_with_version, location, version)
    for path in _lock_paths(folder):
        yield path, partial(_lock_with_version, path, version, project, folder)


def _with_version(location: str, version: str, text: str) -> str:
    """The text with this version, however it is spelled there."""
    same = str(_version(location, lambda _: text)) == version
    return text if same else write_version(location, text, version)


def _lock_with_version(path: str, version: str, project: Callable[[], str], folder: str, text: str) -> str:
    return lock_changes({path: text}, project(), version, folder or ".").get(path, text)


def _lock_paths(folder: str) -> Sequence[str]:
    return list(
        dict.fromkeys(path for name in LOCK_FILES for path in (name, posixpath.normpath(f"{folder or '.'}/{name}")))
    )


def _locks(read: Read, version: str, project: Callable[[], str], folder: str) -> Mapping[str, str]:
    found = {path: text for path in _lock_paths(folder) if (text := read(path)) is not None}
    return lock_changes(found, project(), version, folder or ".") if found else {}


def _version(location: str, read: Read) -> Version:
    try:
        return from_pep440(read_version(location, _text(parse_location(location).path, read)))
    except UsageError as error:
        raise UsageError(error.what, where=error.where or location, hint=error.hint) from None


def _is_present(location: str, read: Read) -> bool:
    try:
        read_version(location, _text(parse_location(location).path, read))
    except Refused:
        return False
    return True


def _text(path: str, read: Read) -> str:
    text = read(path)
    if text is None:
        raise Refused(f"{path} is not there, but version.files names it", hint="correct version.files")
    return text
