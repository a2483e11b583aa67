"""Files as they are and as they are to be: every line with its sign, and its reason beside or below it."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from msgspec import Struct
from rich.cells import cell_len

from shipit.output.line import Line
from shipit.output.text import clean_text

_AROUND = 3
"""Unchanged lines that are shown around changed ones."""
_MARK = "· "
_STYLES = {"+": "green", "-": "red", " ": "dim", "~": "dim"}
_Row: TypeAlias = tuple[str, str, str]
"""Sign, text and reason of a line; `~` is the sign where lines are left out."""


class FileDiff(Struct, frozen=True, kw_only=True):
    """One file: `state` in a word, and why it is written; `reasons` are those of single new lines."""

    path: str
    state: str
    before: str
    after: str
    reason: str
    reasons: Sequence[tuple[str, str]] = ()


def lines(diff: FileDiff, width: int) -> Iterator[Line]:
    """The head and all changed lines, within so many columns; a line is only broken between words."""
    yield from _headed(diff, width)
    rows = list(_rows(diff))
    beside = _column(rows, width)
    for sign, text, reason in rows:
        yield from _drawn(sign, text, reason, beside, width)


def wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """A text in lines of so many columns, broken between words; all but the first begin with `indent`.

    A long word begins further to the left.
    """
    rest = text
    while cell_len(rest) > width:
        start = len(rest) - len(rest.lstrip(" "))
        place = rest.rfind(" ", start, width + 1)
        place = place if place > start else rest.find(" ", width)
        if place < 0:
            break
        yield rest[:place].rstrip()
        left = rest[place:].lstrip()
        rest = indent[: max(width - cell_len(left.partition(" ")[0]), 0)] + left
    yield rest


def _headed(diff: FileDiff, width: int) -> Iterator[Line]:
    head = f"{clean_text(diff.path)} ({diff.state})"
    whole = f"{head}: {clean_text(diff.reason)}"
    for number, text in enumerate(wrapped(whole, width, "  ")):
        if number:
            yield ((text, ""),)
        else:
            yield ((text[: len(head)], "bold"), (text[len(head) :], ""))
    yield ()


def _rows(diff: FileDiff) -> Iterator[_Row]:
    before, after = (clean_text(text).splitlines() for text in (diff.before, diff.after))
    reasons = {clean_text(text): clean_text(reason) for text, reason in diff.reasons}
    for number, group in enumerate(
        SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_AROUND)
    ):
        if number or group[0][1]:
            yield ("~", "…", "")
        for kind, first, last, start, end in group:
            if kind == "equal":
                yield from ((" ", text, "") for text in before[first:last])
            else:
                yield from (("-", text, "") for text in before[first:last])
                yield from (("+", text, reasons.get(text, "")) for text in after[start:end])


def _column(rows: Sequence[_Row], width: int) -> int:
    """Where reasons stand, beside all lines that leave them half of the screen."""
    longest = max(
        (cell_len(text) for _, text, reason in rows if reason and cell_len(text) <= width // 2), default=0
    )
    return longest + 6


def _drawn(sign: str, text: str, reason: str, column: int, width: int) -> Iterator[Line]:
    start = "  " if sign == "~" else f"{sign} "
    own = " " * (len(text) - len(text.lstrip(" ")))
    pieces = list(wrapped(text, width - 2, f"{own}    "))
    is_beside = cell_len(text) + 6 <= column
    indent = column if is_beside else 6
    notes = list(wrapped(f"{_MARK}{reason}", width - indent, "  ")) if reason else []
    for number, piece in enumerate(pieces):
        line = (f"{start}{piece}".rstrip(), _STYLES[sign])
        if is_beside and notes and not number:
            yield (line, (" " * (column - 2 - cell_len(piece)) + notes.pop(0), "dim"))
        else:
            yield (line,)
    yield from (((" " * indent + note, "dim"),) for note in notes)
