"""Files as they are and as they are to be: every line with its sign, and its reason beside or below it.

Only signs are coloured: text has the terminal's own colour, which can be read on a dark and on a light one.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TypeAlias

from msgspec import Struct

from shipit.output.line import Line
from shipit.output.text import clean_text, count
from shipit.output.wrapping import wrapped
from shipit.versioning.columns import columns

_AROUND = 3
"""Unchanged lines that are shown around changed ones."""
_USUAL = 100
"""Columns by which reasons stand beside or below where there is no terminal."""
_MARK = "· "
_GOES_ON = "→"
"""Beside the sign of what belongs to the line above it."""
_STYLES = {"+": "green", "-": "red"}
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


def lines(diff: FileDiff, width: int | None) -> Iterator[Line]:
    """The head and all changed lines, within so many columns; with None no line is broken."""
    yield from _headed(diff, width)
    rows = list(_rows(diff))
    beside = _column(rows, width or _USUAL)
    for sign, text, reason in rows:
        yield from _drawn(sign, text, reason, beside, width)


def counted(diff: FileDiff) -> str:
    """Its path, its state, and how many lines come and go."""
    signs = [sign for sign, _, _ in _rows(diff)]
    numbers = [(signs.count("+"), "added"), (signs.count("-"), "removed")]
    said = ", ".join(f"{count(number, 'line')} {word}" for number, word in numbers if number)
    return f"{clean_text(diff.path)} ({diff.state}): {said}"


def noted(text: str, width: int | None) -> Iterator[str]:
    """A sentence behind a mark, in lines of so many columns."""
    inside = None if width is None else width - len(_MARK)
    for number, piece in enumerate(wrapped(clean_text(text), inside)):
        yield f"{' ' * len(_MARK) if number else _MARK}{piece}"


def _headed(diff: FileDiff, width: int | None) -> Iterator[Line]:
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
    skipped = max(_shared(before, after) - _AROUND, 0)
    before, after = before[skipped:], after[skipped:]
    if left_out := max(
        _shared(before[::-1], after[::-1]) - _AROUND, 0
    ):  # comparing all of a long file takes seconds
        before, after = before[:-left_out], after[:-left_out]
    for number, group in enumerate(
        SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_AROUND)
    ):
        if number or group[0][1] or skipped:
            yield ("~", "…", "")
        for kind, first, last, start, end in group:
            if kind == "equal":
                yield from ((" ", text, "") for text in before[first:last])
            else:
                yield from (("-", text, "") for text in before[first:last])
                yield from (("+", text, reasons.get(text, "")) for text in after[start:end])


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _column(rows: Sequence[_Row], width: int) -> int:
    """Where reasons stand, beside all lines that leave them half of the screen."""
    longest = max((columns(text) for _, text, reason in rows if reason and columns(text) <= width // 2), default=0)
    return longest + 6


def _drawn(sign: str, text: str, reason: str, column: int, width: int | None) -> Iterator[Line]:
    own = " " * (len(text) - len(text.lstrip(" ")))
    pieces = list(wrapped(text, None if width is None else width - 2, f"{own}    "))
    is_beside = columns(text) + 6 <= column and _fits_beside(reason, column, width)
    indent = column if is_beside else 6
    notes = list(noted(reason, None if width is None else width - indent)) if reason else []
    for number, piece in enumerate(pieces):
        line = _signed(sign, piece, is_first=not number)
        if is_beside and notes:
            yield (*line, (" " * (column - 2 - columns(piece)) + notes.pop(0), ""))
        else:
            yield line
    yield from (((" " * indent + note, ""),) for note in notes)


def _signed(sign: str, piece: str, *, is_first: bool) -> Line:
    start = " " if sign == "~" else sign
    if not piece:
        return ((start.rstrip(), _STYLES.get(sign, "")),)
    return ((start, _STYLES.get(sign, "")), (f"{' ' if is_first else _GOES_ON}{piece}", ""))


def _fits_beside(reason: str, column: int, width: int | None) -> bool:
    """Whether every word of a reason fits beside its line."""
    return width is None or max(map(columns, reason.split()), default=0) <= width - column - len(_MARK)
