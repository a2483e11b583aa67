"""The version in all files of a project at once: read, compared, and written with the lock files that repeat it."""

from collections.abc import Callable, Mapping, Sequence

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


def _locks(read: Read, version: str, project: Callable[[], str], folder: str) -> Mapping[str, str]:
    paths = dict.fromkeys(path for name in LOCK_FILES for path in (name, f"{folder}/{name}".lstrip("/")))
    found = {path: text for path in paths if (text := read(path)) is not None}
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
