"""The table of verify protection: branch and demand, and what holds it."""

from collections.abc import Sequence

from shipit.output.text import one_line
from shipit.project.protection.demands import Row, State

_MARKS = {State.HELD: "✓", State.MISSING: "✗", State.UNKNOWN: "·"}
_HEAD = ("", "branch", "demand", "held by")


def table(rows: Sequence[Row]) -> list[str]:
    """One line for each row, in columns."""
    lines = [_HEAD, *((_MARKS[row.state], row.branch, row.demand, _words(row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(one_line(cell).ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def difference(row: Row) -> str:
    """What is wanted and what stands, in one line."""
    return f"{row.branch}: {row.demand}: {one_line(row.words)}"


def _words(row: Row) -> str:
    return row.words if row.state is State.HELD else f"{row.state}: {row.words}"
