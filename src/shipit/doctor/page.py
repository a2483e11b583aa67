"""What the doctor found: a table with what is missing and how to get it below, or one JSON object."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from shipit.doctor.remedies import Has, remedy
from shipit.doctor.rows import Row, State
from shipit.doctor.secrets import Secret
from shipit.output.text import clean_text, one_line

_HEAD = ("", "tool", "here", "needed", "what for")
_MOST = 3
"""Keys that are named of what needs a tool."""


class Findings(Struct, frozen=True, kw_only=True):
    """All that was found; `environment` is empty for all of them."""

    rows: Sequence[Row]
    secrets: Sequence[Secret]
    environment: str = ""

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is required and not there as it must be, tools first."""
        tools = (f"{row.need.tool} ({row.state})" for row in self.rows if row.lacks)
        return (*tools, *(f"{one.source} ({one.state})" for one in self.secrets if one.lacks))


def text(findings: Findings, has: Has) -> str:
    """For people: the table, what tools said that do not run, secrets that are not set, and hints."""
    rows = findings.rows
    blocks = [list(_table(rows)), list(_faults(rows)), list(_secrets(findings.secrets)), list(_hints(rows, has))]
    return "\n\n".join("\n".join(map(clean_text, block)) for block in blocks if block)


def as_json(findings: Findings, has: Has) -> str:
    """For programs: one object."""
    return clean_text(json.dumps(_data(findings, has), ensure_ascii=False))


def _data(findings: Findings, has: Has) -> Mapping[str, Any]:
    return {
        "ready": not findings.lacking,
        "environment": findings.environment or None,
        "rows": [_object(row, has) for row in findings.rows],
        "secrets": [
            {"key": one.key, "source": one.source, "state": one.state, "required": one.is_required}
            for one in findings.secrets
        ],
    }


def _table(rows: Sequence[Row]) -> Iterator[str]:
    lines = [_HEAD, *(tuple(map(one_line, _cells(row))) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    why = row.need.why
    more = f" and {len(why) - _MOST} more" if len(why) > _MOST else ""
    named = ", ".join(why[:_MOST]) + more
    here = row.version or "yes" if row.state in {State.HERE, State.UNFIT} else str(row.state)
    return (
        _mark(row),
        row.need.tool,
        here,
        row.need.wanted or "any",
        named if row.is_required else f"optional: {named}",
    )


def _mark(row: Row) -> str:
    """For a column of marks: as it must be, required and not so, and not required and not so."""
    if row.state is State.HERE:
        return "✓"
    return "✗" if row.is_required else "·"


def _faults(rows: Sequence[Row]) -> Iterator[str]:
    yield from (f"{row.need.tool} does not run: {one_line(row.fault)}" for row in rows if row.fault)


def _secrets(found: Sequence[Secret]) -> Iterator[str]:
    """One line for each source, however many keys name it."""
    keys: dict[tuple[str, str, bool], list[str]] = {}
    for one in found:
        if one.is_here is False:
            keys.setdefault((one.source, one.state, one.is_required), []).append(one.key)
    for (source, state, is_required), named in keys.items():
        yield f"{'✗' if is_required else '·'} {source} is {state}: {', '.join(named)}"


def _hints(rows: Sequence[Row], has: Has) -> Iterator[str]:
    """What is required first."""
    wrong = [row for row in rows if row.state is not State.HERE]
    for row in sorted(wrong, key=lambda one: not one.is_required):
        yield f"hint: {row.need.tool}{'' if row.is_required else ' (optional)'}: {remedy(row, has)}"


def _object(row: Row, has: Has) -> Mapping[str, Any]:
    return {
        "tool": row.need.tool,
        "state": str(row.state),
        "version": row.version or None,
        "place": row.place or None,
        "needed": row.need.wanted or None,
        "required": row.is_required,
        "for": row.need.why,
        "said": row.fault or None,
        "get": None if row.state is State.HERE else remedy(row, has),
    }
