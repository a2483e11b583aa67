"""Tracked requirements files, read by shipit itself: their exact pins, and the lines that pin nothing."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_NAME = re.compile(r"(?:^|/)(?:(?:[\w.]+[-_.])?requirements[^/]*\.txt|requirements/[^/]+\.txt)$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTION = re.compile(r"\s--?[A-Za-z].*$")  # hashes
_INCLUDE = re.compile(r"^(?:-r|--requirement)[\s=]*(.+)$")
_LOCAL = re.compile(r"^(?:-e|--editable)\b|^\.{0,2}/|^\.$|^file:")
_SETTING = re.compile(r"^-(?!r|e|-requirement\b|-editable\b)-?[A-Za-z]")  # an index, constraints


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One exact version, and the file that asks for it."""

    name: str
    version: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What files of requirements say.

    `loose` are requirements without an exact version, `others` lines that are none and files that are not there;
    both with their places, and without what may hold a password. `needed` is `loose` without places.
    """

    pins: tuple[Pin, ...] = ()
    needed: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def files(tracked: Sequence[str]) -> list[str]:
    """Choose the requirements files among tracked files, by their names."""
    return [file for file in tracked if _NAME.search(file)]


def read(
    tree: Path, tracked: Sequence[str], markers: Mapping[str, str], names: Sequence[str] | None = None
) -> Requirements:
    """Read all requirements files, or those that are named, with the ones that they include.

    Lines whose marker is false here are `skipped`.
    """
    needed: list[str] = []
    found: dict[str, list[str]] = {"loose": [], "local": [], "skipped": [], "others": []}
    pins: dict[tuple[str, str], Pin] = {}
    for path, number, line in _lines(tree, frozenset(tracked), files(tracked) if names is None else names):
        kind, text = sort(line, markers)
        if kind == "pin":
            name, _, version = text.partition("==")
            pins.setdefault((name, version), Pin(name=name, version=version, path=path))
        elif kind:
            found[kind].append(f"{path}:{number} {text}".rstrip())
            needed += [text] if kind == "loose" else []
    return Requirements(
        pins=tuple(pins.values()), needed=tuple(needed), **{kind: tuple(lines) for kind, lines in found.items()}
    )


def _lines(tree: Path, tracked: frozenset[str], names: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Give every line with its file and number; a file that is included is read once."""
    waiting, done = [*names], set[str]()
    while waiting:
        path = waiting.pop(0)
        if path in done:
            continue
        done.add(path)
        for number, line in _joined((tree / path).read_text("utf-8-sig", "replace")):
            included = _INCLUDE.match(line)
            other = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), included[1].strip())) if included else ""
            )
            if other in tracked:
                waiting.append(other)
            else:
                yield path, number, line


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Give lines without comments and hashes, with their numbers; those that end in a backslash go on."""
    whole, first = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        first = first or number
        line = _COMMENT.sub("", raw).rstrip()
        if line.endswith("\\"):
            whole += line[:-1] + " "
            continue
        yield first, _OPTION.sub("", (whole + line).strip()).strip()
        whole, first = "", 0
    if whole:
        yield first, _OPTION.sub("", whole.strip()).strip()


def sort(line: str, markers: Mapping[str, str]) -> tuple[str, str]:
    """Tell what kind of line this is (pin, loose, local, skipped, others; empty for nothing) and its text.

    The text is empty where it may hold an address with a password.
    """
    if not line or _SETTING.match(line):
        return "", ""
    if _LOCAL.match(line):
        return "local", _shown(line)
    try:
        wanted = Requirement(line)
    except InvalidRequirement:
        return "others", _shown(line) if _INCLUDE.match(line) else ""
    try:
        applies = is_for(wanted, markers)
    except InvalidRequirement:
        return "others", ""
    if not applies:
        return "skipped", wanted.name
    if wanted.url:
        return "others", f"{wanted.name} from an address"
    version = _exact(wanted)
    return ("pin", f"{canonicalize_name(wanted.name)}=={version}") if version else ("loose", str(wanted))


def is_for(wanted: Requirement, markers: Mapping[str, str]) -> bool:
    """Tell whether a requirement is for this environment; raises InvalidRequirement where its marker is unclear."""
    try:
        return wanted.marker is None or wanted.marker.evaluate({**markers, "extra": ""})
    except (UndefinedEnvironmentName, UndefinedComparison):
        raise InvalidRequirement(f"its marker says nothing: {wanted.marker}") from None


def _shown(line: str) -> str:
    return "" if "://" in line or "@" in line else line


def _exact(wanted: Requirement) -> str:
    """Give the one version that is asked for; empty for `==2.*`, `===` and all that is no single version."""
    only = [*wanted.specifier]
    if len(only) != 1 or only[0].operator != "==":
        return ""
    try:
        return str(Version(only[0].version))
    except InvalidVersion:
        return ""
