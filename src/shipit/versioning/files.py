"""Places that hold the version: text in, text out, and every byte but the version's own stays."""

import copy
import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from packaging.utils import canonicalize_name

from shipit.errors import Refused, UsageError
from shipit.versioning.number import written

Load = Callable[[str], Any]

LOCK_FILES = ("uv.lock",)
"""Lock files in which a project's own version stands."""


@dataclass(frozen=True, slots=True)
class VersionLocation:
    """`path:key` taken apart: `key` is dotted in TOML and JSON, else the name of a variable."""

    path: str
    key: str

    @property
    def load(self) -> Load | None:
        """Read the whole text; None where lines are searched instead."""
        if self.path.endswith((".toml", ".lock")):
            return tomllib.loads
        return json.loads if self.path.endswith(".json") else None

    def spell(self, version: str) -> str:
        """Spell a SemVer version as this file's readers want it: PEP 440 where Python reads it."""
        python = self.path.endswith((".py", ".pyi", "pyproject.toml", "setup.cfg"))
        return written(version) if python or self.key == "project.version" else version


def parse_location(location: str) -> VersionLocation:
    """Take a location apart; raises UsageError if it is not `path:key`."""
    path, colon, key = location.rpartition(":")
    if colon and path and key:
        return VersionLocation(path, key)
    raise UsageError(
        f"`{location}` is not a version location",
        hint="write path:key.path for TOML and JSON, path:NAME for a variable",
    )


def read_version(location: str, text: str) -> str:
    """Read the version as it is written there; raises Refused if there is none."""
    where = parse_location(location)
    if where.load is None:
        return _only_line(where, text)["value"]
    return _value(where, _loaded(where, text))


def write_version(location: str, text: str, version: str) -> str:
    """Write a SemVer version, spelled as the file wants it; raises Refused unless only the value changes."""
    where = parse_location(location)
    new = where.spell(version)
    if where.load is None:
        line = _only_line(where, text)
        return text[: line.start("value")] + new + text[line.end("value") :]
    data = _loaded(where, text)
    return _replace(where, text, (_value(where, data), new), _with_value(where, data, new))


def lock_changes(files: Mapping[str, str], project: str, version: str, folder: str = ".") -> Mapping[str, str]:
    """Write a SemVer version into the project's own entry of each lock file; only changed texts come back.

    `files` are texts by path; what is no lock file is left alone. `folder` is where the project lies; a lock file
    further up may be that of another project, one beside it must have an entry, or Refused is raised.
    """
    locks = {path: text for path, text in files.items() if PurePosixPath(path).name in LOCK_FILES}
    changed = {path: _locked(path, text, _Own(project, folder), version) for path, text in locks.items()}
    return {path: text for path, text in changed.items() if text != files[path]}


@dataclass(frozen=True, slots=True)
class _Own:
    """A project as lock files name it."""

    project: str
    folder: str

    def source(self, lock: str) -> str:
        """The folder as seen from a lock file."""
        return posixpath.relpath(self.folder, posixpath.dirname(lock) or ".")

    def is_meant(self, entry: dict[str, Any], lock: str) -> bool:
        source, here = entry.get("source", {}), self.source(lock)
        same = any(source.get(kind) == here for kind in ("editable", "virtual", "directory"))
        return same and canonicalize_name(entry.get("name", "")) == canonicalize_name(self.project)


def _locked(path: str, text: str, own: _Own, version: str) -> str:
    where = VersionLocation(path, f"package.{canonicalize_name(own.project)}.version")
    data = _loaded(where, text)
    found = [entry for entry in data.get("package", ()) if own.is_meant(entry, where.path)]
    if not found and own.source(where.path) != ".":
        return text
    if len(found) != 1:
        entries = f"{len(found)} entries of {own.project} in this folder"
        raise _refused(where, entries, "run `uv lock` and commit it")
    if "version" not in found[0]:  # a dynamic one
        return text
    span = _entry(text, data["package"].index(found[0]))
    old, found[0]["version"] = found[0]["version"], written(version)
    values = (old, found[0]["version"])
    return _replace(where, text, values, data, span)


def _entry(text: str, number: int) -> tuple[int, int]:
    """Where the n-th [[package]] begins and ends."""
    starts = [match.start() for match in re.finditer(r"^\[\[package\]\]", text, re.MULTILINE)]
    return list(pairwise([*starts, len(text)]))[number]


def _loaded(where: VersionLocation, text: str) -> Any:
    try:
        return _parse(where, text)
    except ValueError as error:
        raise _refused(where, f"the file cannot be read: {error}", f"correct {where.path}") from None


def _value(where: VersionLocation, data: Any) -> str:
    found = data
    for part in where.key.split("."):
        if not isinstance(found, dict) or part not in found:
            raise _refused(where, _instead(data, part), _dynamic(where, data))
        found = found[part]
    if isinstance(found, str):
        return found
    raise _refused(where, f"a {type(found).__name__} stands there: {found!r}", "a version is a string")


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


def _replace(
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
    raise _refused(where, f"{old!r} is written in an unusual way", 'write it as "1.2.3", on one line')


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
    """Find `NAME = "1.0.0"`, `NAME: str = '1.0.0'` or `name: 1.0.0`.

    One at the margin wins over indented ones.
    """
    pattern = re.compile(
        rf"""^\ufeff?(?P<indent>[ \t]*)(?P<mark>["']?){re.escape(where.key)}(?P=mark)"""
        r"""[ \t]*(?::[ \t]*[\w.\[\]]+[ \t]*=|:=|=|:)[ \t]*"""
        r"""(?P<quote>["']?)v?(?P<value>\d[\w.+!-]*)(?P=quote)(?=[ \t\r,;]*(?:\#|//|$))""",
        re.MULTILINE,
    )
    found = list(pattern.finditer(text))
    outer = [match for match in found if not match["indent"]] or found
    if len(outer) == 1:
        return outer[0]
    lines = "; ".join(match[0].strip() for match in outer[:5])
    hint = "name a place where the version stands once, under version.files"
    raise _refused(where, f"{len(outer)} places: {lines}" if outer else f'no line like {where.key} = "1.2.3"', hint)


def _refused(where: VersionLocation, found: str, hint: str) -> Refused:
    what = f"the version in {where.path} cannot be read or written"
    return Refused(what, where=f"{where.path}:{where.key}", evidence=[found], hint=hint)
