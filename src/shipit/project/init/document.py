"""[tool.shipit] as a person would write it, and the file that it goes into; nothing else there changes."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from shipit.config.mistake import dotted, is_table
from shipit.config.sources import OWN, PYPROJECT
from shipit.project.init.model import Finding, Setting, Suggestion

_ORDER = ("name", "branches", "version", "changelog", "index", "migrations", "workflows", "protection")
_TABLES = ("gates", "images", "packages")
_WIDEST = 100
_HEADER = re.compile(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*shipit[ \t]*\][^\r\n]*(?=\r?$)", re.MULTILINE)


class Row(Struct, frozen=True):
    """A line of the file with its reason, which does not stand in it."""

    text: str
    reason: str = ""


def rows(findings: Iterable[Finding], file: str) -> Sequence[Row]:
    """The lines of all settings, in the order in which people think of them, and suggestions in comments."""
    found = tuple(findings)
    settings = [one for one in found if isinstance(one, Setting)]
    suggestions = [one for one in found if isinstance(one, Suggestion)]
    prefix = "" if file == OWN else "tool.shipit"
    blocks = [list(_plain(settings, suggestions))]
    blocks += [list(_table(settings, name, prefix)) for name in _TABLES]
    blocks += [list(_commented(suggestions, prefix))]
    lines: list[Row] = [Row(f"[{prefix}]")] if prefix else []
    for number, block in enumerate(one for one in blocks if one):
        lines += [*([Row("")] if number and lines else []), *block]
    return lines


def placed(text: str | None, block: Sequence[Row]) -> str | None:
    """A file with these lines at its end, or in the place of its empty table; None if that would change more."""
    if text is None:
        return "".join(f"{row.text}\n" for row in block)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = end.join(row.text for row in block)
    header = _HEADER.search(text)
    if header:
        after = text[: header.start()] + lines + text[header.end() :]
    else:
        gap = "" if not text.strip() else end
        after = f"{text.rstrip()}{end * bool(text.strip())}{gap}{lines}{end}"
    return after if _rest(after) == _rest(text) is not None else None


def _rest(text: str) -> dict[str, Any] | None:
    """All that a TOML text holds but [tool.shipit]; None if it is no TOML."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    tool = {name: value for name, value in found.pop("tool", {}).items() if name != "shipit"}
    return {**found, "tool": tool}


def _plain(settings: Sequence[Setting], suggestions: Sequence[Suggestion]) -> Iterator[Row]:
    for name in _ORDER:
        for one in settings:
            if one.key.partition(".")[0] == name:
                yield from _assigned(one.key, one.value, one.comment, one.reason)
        for other in suggestions:
            if other.lines[0].partition(".")[0] == name:
                yield from (Row(f"# {line}", other.reason) for line in other.lines)


def _table(settings: Sequence[Setting], name: str, prefix: str) -> Iterator[Row]:
    """A table of tables with a line each; one that is too long for a line has a header of its own."""
    entries: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for one in settings:
        table, _, inside = one.key.partition(".")
        if table == name:
            key, *rest = inside.split(".", 1)
            values, reasons = entries.setdefault(key, ({}, []))
            values.update(one.value if is_table(one.value) else {rest[0]: one.value})
            reasons.append(one.reason)
    short: list[tuple[Row, str, dict[str, Any]]] = []
    long: list[tuple[Row, str, dict[str, Any]]] = []
    for key, (values, reasons) in entries.items():
        row = Row(f"{dotted('', key)} = {literal(values)}", "; ".join(reasons))
        (short if len(row.text) <= _WIDEST else long).append((row, key, values))
    if short:
        yield Row(f"[{dotted(prefix, name)}]")
        yield from (row for row, _, _ in short)
    for number, (row, key, values) in enumerate(long):
        if short or number:
            yield Row("")
        yield Row(f"[{dotted(prefix, name, key)}]", row.reason)
        for inner, value in values.items():
            yield from _assigned(inner, value, "", "")


def _commented(suggestions: Sequence[Suggestion], prefix: str) -> Iterator[Row]:
    """Tables in comments, below why they are there; what two suggestions share stands there once."""
    tables = [one for one in suggestions if one.lines[0].startswith("[")]
    yield from (Row(f"# {one.reason}") for one in tables)
    for line in dict.fromkeys(line for one in tables for line in one.lines):
        yield Row(f"# {_headed(line, prefix)}")


def _headed(line: str, prefix: str) -> str:
    """The head of a table with where it stands in this file; any other line as it is."""
    return f"[{prefix}.{line[1:]}" if prefix and line.startswith("[") else line


def _assigned(key: str, value: Any, comment: str, reason: str) -> Iterator[Row]:
    line = f"{key} = {literal(value)}" + (f" # {comment}" if comment else "")
    if len(line) <= _WIDEST or not isinstance(value, tuple | list):
        yield Row(line, reason)
        return
    yield Row(f"{key} = [", reason)
    yield from (Row(f"  {literal(one)},") for one in value)
    yield Row("]")


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    if is_table(value):
        return "{ " + ", ".join(f"{dotted('', key)} = {literal(one)}" for key, one in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def file_for(pyproject: str | None) -> str:
    """Where the keys go: a pyproject.toml that was not there would change how pip builds the project."""
    return OWN if pyproject is None else PYPROJECT


def reasons(block: Sequence[Row]) -> Mapping[str, str]:
    """The reason of each line that has one."""
    return {row.text: row.reason for row in block if row.reason}
