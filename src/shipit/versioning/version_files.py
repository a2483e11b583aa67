"""The version in all files of a project at once: read, compared, and written with the lock files that repeat it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from shipit.errors import Refused, UsageError
from shipit.versioning.files import parse_location, read_version, write_version
from shipit.versioning.lock_files import Read, Rewrite, rewrites
from shipit.versioning.number import Version, from_pep440


def versions(locations: Sequence[str], read: Read) -> dict[str, Version]:
    """The version that each location holds; raises Refused or UsageError, naming it, where there is none."""
    return {location: _version(location, read) for location in locations}


def present(locations: Sequence[str], read: Read) -> list[str]:
    """Those of the locations that hold a version."""
    return [location for location in locations if _is_present(location, read)]


def forgotten(
    written: Sequence[str], others: Sequence[str], read: Read, otherwise: Version | None
) -> dict[str, Version]:
    """Those of the other locations that hold the very version that is written, or this one where none is."""
    old = held(written, read) or {one for one in [otherwise] if one}
    return {location: there for location in others for there in held([location], read) if {there} == old}


def held(locations: Sequence[str], read: Read) -> set[Version]:
    """The versions that these locations hold; none where one cannot be read."""
    with suppress(Refused, UsageError):
        return set(versions(locations, read).values())
    return set()


def rewritten(locations: Sequence[str], read: Read, version: str) -> dict[str, str]:
    """Every file of these locations, and every lock file that repeats one, with a SemVer version in it; by path.

    Raises Refused if a file is missing, or a lock file does not fit.
    """
    texts: dict[str, str] = {}
    for location in locations:
        path = parse_location(location).path
        texts[path] = write_version(location, texts.get(path) or _text(path, read), version)
    for path, rewrite in rewrites(locations, read, version):
        before = texts.get(path) or read(path)
        if before and (after := rewrite(before)) != before:
            texts[path] = after
    return texts


@dataclass(frozen=True, slots=True)
class Levelled:
    """Files that hold another version, by path, with the one that was asked for in them.

    In `unreadable` ones a version is looked for and cannot be read.
    """

    texts: Mapping[str, str]
    unreadable: frozenset[str]


def levelled(locations: Sequence[str], read: Read, version: str) -> Levelled:
    """Like `rewritten`, for files that a merge left: each for itself, and what says so already stays as it is."""
    texts: dict[str, str] = {}
    unreadable = set()
    for path, rewrite in _places(locations, read, version):
        try:
            text = texts.get(path) or read(path)
            new = text and rewrite(text)
        except (Refused, UsageError):
            unreadable.add(path)
        else:
            if text and new and new != text:
                texts[path] = new
    return Levelled(texts, frozenset(unreadable))


def _places(locations: Sequence[str], read: Read, version: str) -> Iterator[tuple[str, Rewrite]]:
    """Every path with what puts the version into its text."""
    for location in locations:
        yield parse_location(location).path, partial(_with_version, location, version)
    yield from rewrites(locations, read, version)


def _with_version(location: str, version: str, text: str) -> str:
    """The text with this version, however it is spelled there."""
    same = str(_version(location, lambda _: text)) == version
    return text if same else write_version(location, text, version)


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
