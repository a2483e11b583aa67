"""Places that hold the version: text in, text out, and every byte but the version's own stays."""

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shipit.errors import Refused, UsageError
from shipit.versioning.number import written
from shipit.versioning.places import places

Load = Callable[[str], Any]

_WITH_KEYS = (".toml", ".json", ".lock", ".py", ".pyi", ".cfg", ".ini")
"""Endings of files that never hold a version alone."""


@dataclass(frozen=True, slots=True)
class VersionLocation:
    """`path:key` taken apart: `key` is dotted in TOML and JSON, else the name of a variable.

    It is empty for a file that holds nothing but the version.
    """

    path: str
    key: str

    @property
    def load(self) -> Load | None:
        """Read the whole text; None where lines are searched instead."""
        if self.path.endswith((".toml", ".lock")):
            return tomllib.loads
        return json.loads if self.path.endswith(".json") else None

    def __str__(self) -> str:
        return f"{self.path}:{self.key}" if self.key else self.path

    def spell(self, version: str) -> str:
        """Spell a SemVer version as this file's readers want it: PEP 440 where Python reads it."""
        python = self.path.endswith((".py", ".pyi", "pyproject.toml", "setup.cfg"))
        return written(version) if python or self.key == "project.version" else version


def parse_location(location: str) -> VersionLocation:
    """Take a location apart; raises UsageError if it is neither `path:key` nor the path of a fitting file."""
    path, colon, key = location.rpartition(":")
    if colon and path and key:
        return VersionLocation(path, key)
    if location and not colon and not location.endswith(_WITH_KEYS):
        return VersionLocation(location, "")
    raise UsageError(
        f"`{location}` is not a version location",
        hint="write path:key.path for TOML and JSON, path:NAME for a variable, path for a file with nothing else",
    )


def read_version(location: str, text: str) -> str:
    """Read the version as it is written there; raises Refused if there is none."""
    where = parse_location(location)
    if where.load is None:
        return _only_line(where, text)["value"]
    return _value(where, loaded(where, text))


def write_version(location: str, text: str, version: str) -> str:
    """Write a SemVer version, spelled as the file wants it; raises Refused unless only the value changes."""
    where = parse_location(location)
    new = where.spell(version)
    if where.load is None:
        line = _only_line(where, text)
        return text[: line.start("value")] + new + text[line.end("value") :]
    data = loaded(where, text)
    return replaced(where, text, (_value(where, data), new), _with_value(where, data, new))


def loaded(where: VersionLocation, text: str) -> Any:
    try:
        return _parse(where, text)
    except ValueError as error:
        raise refused(where, f"the file cannot be read: {error}", f"correct {where.path}") from None


def _value(where: VersionLocation, data: Any) -> str:
    found = data
    for part in where.key.split("."):
        if not isinstance(found, dict) or part not in found:
            raise refused(where, _instead(data, part), _dynamic(where, data))
        found = found[part]
    if isinstance(found, str):
        return found
    raise refused(where, f"a {type(found).__name__} stands there: {found!r}", "a version is a string")


def _instead(data: Any, part: str) -> str:
    keys = ", ".join(sorted(data)[:8]) if isinstance(data, dict) else type(data).__name__
    return f"no `{part}`; the file holds {keys or 'nothing'}"


def _dynamic(where: VersionLocation, data: Any) -> str:
    """Hint at the usual reason in Python projects."""
    project = data.get("project") if isinstance(data, dict) else None
    dynamic = project.get("dynamic", ()) if isinstance(project, dict) else ()
    if where.key == "project.version" and "version" in dynamic:
        return "the version is dynamic: name the file that holds it, e.g. src/package/__init__.py:__version__"
    return "name a key that holds the version, under version.files"


def _with_value(where: VersionLocation, data: Any, new: str) -> Any:
    changed = copy.deepcopy(data)
    *tables, last = where.key.split(".")
    table = changed
    for part in tables:
        table = table[part]
    table[last] = new
    return changed


def replaced(
    where: VersionLocation, text: str, values: tuple[str, str], wanted: Any, span: tuple[int, int] | None = None
) -> str:
    """Replace the one quoted value after which the whole file reads as wanted.

    That is proof, where a TOML or JSON writer would have to be trusted with line ends, comments and order.
    """
    old, new = values
    start, end = span or (0, len(text))
    for at in _quoted(old, text[start:end]):
        candidate = text[: start + at] + new + text[start + at + len(old) :]
        if _reads_as(where, candidate, wanted):
            return candidate
    raise refused(where, f"{old!r} is written in an unusual way", 'write it as "1.2.3", on one line')


def _quoted(value: str, text: str) -> Iterator[int]:
    return (match.start(2) for match in re.finditer(rf"""(["'])({re.escape(value)})\1""", text))


def _reads_as(where: VersionLocation, text: str, wanted: Any) -> bool:
    try:
        return bool(_parse(where, text) == wanted)
    except ValueError:  # the same letters inside another string: replacing them there broke the file
        return False


def _parse(where: VersionLocation, text: str) -> Any:
    load = where.load or str
    return load(text.removeprefix("\ufeff"))


def _only_line(where: VersionLocation, text: str) -> re.Match[str]:
    """The one place where the version stands; raises Refused where there is none, or several."""
    found = places(where.path, where.key, text)
    if len(found) == 1:
        return found[0]
    lines = "; ".join(match[0].strip() for match in found[:5])
    hint = "name a place where the version stands once, under version.files"
    if not where.key:
        raise refused(where, "the file holds something else than a version", f"write {where.path}:NAME")
    raise refused(where, f"{len(found)} places: {lines}" if found else f'no line like {where.key} = "1.2.3"', hint)


def refused(where: VersionLocation, found: str, hint: str) -> Refused:
    what = f"the version in {where.path} cannot be read or written"
    return Refused(what, where=str(where), evidence=[found], hint=hint)
