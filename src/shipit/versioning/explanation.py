"""What `version --why` prints: the base tag, the level and the commit that decides on top, then all of them."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from shipit.versioning.columns import columns, cut, folded, padded
from shipit.versioning.explain import Row
from shipit.versioning.levels import Level

if TYPE_CHECKING:
    from shipit.versioning.decision import Decision

_HEADINGS = ("commit", "effect", "subject", "why")
_PIPE_SUBJECT, _LONGEST_SUBJECT = 60, 200
"""Columns of a subject that are shown where each commit has one line, and where it is folded."""
_GAP = "  "
_LEAST = 40
"""Columns that subject and reason need to stand side by side."""
_LEVELS = {level.word: level for level in Level}

_Cells = tuple[str, str, str, str]


def page(decision: "Decision", asked: str, width: int | None) -> str:
    """Everything but the version itself, in `width` columns; None is no terminal, with one line for each commit.

    `asked` is the level that a person asked for, if one did.
    """
    reason = f"{decision.version} was asked for: {decision.reason}" if decision.reason else ""
    blocks = (
        _folded(summary(decision, asked, _LONGEST_SUBJECT if width else _PIPE_SUBJECT), width),
        table(decision.rows, width) if decision.rows else "",
        _folded(reason, width),
        _folded(decision.basis, width),
    )
    return "\n\n".join(filter(None, blocks)) + "\n"


def summary(decision: "Decision", asked: str = "", longest: int = _LONGEST_SUBJECT) -> str:
    """The version, its level, what it comes after, and the newest commit of those that ask for that level."""
    if decision.version is None:
        return f"none: {decision.why}"
    if decision.reason or asked:
        level = f"{asked}, as asked for" if asked else "as asked for"
        return f"{decision.version}: {level}{_after(decision)}"
    if decision.previous is None:
        return f"{decision.version}: the first release"
    deciding = max(decision.rows, key=lambda row: _LEVELS[row.effect], default=None)
    if deciding is None or not _LEVELS[deciding.effect]:
        return f"{decision.version}{_after(decision)}"
    is_early = deciding.effect == Level.MAJOR.word and decision.version.startswith("0.")
    level = f"{deciding.effect} (minor below 1.0.0)" if is_early else deciding.effect
    subject = cut(_printable(deciding.subject), longest)
    return f"{decision.version}: {level}{_after(decision)}: {deciding.sha[:7]} {subject}"


def table(found: Sequence[Row], width: int | None = None) -> str:
    """Plain text in columns; the last line has no line end."""
    longest = _PIPE_SUBJECT if width is None else _LONGEST_SUBJECT
    cells = [(row.sha[:7], row.effect, cut(_printable(row.subject), longest), row.why) for row in found]
    lines = _in_columns(cells) if width is None else _within(cells, width)
    return "\n".join(lines)


def _after(decision: "Decision") -> str:
    return f", after {decision.previous}" if decision.previous else ""


def _folded(text: str, width: int | None) -> str:
    return text if width is None else "\n".join(folded(text, width, _GAP, hard=True))


def _within(cells: Sequence[_Cells], width: int) -> Iterator[str]:
    wide = [max(columns(line[at]) for line in (_HEADINGS, *cells)) for at in range(len(_HEADINGS))]
    space = width - sum(wide[:2]) - len(_GAP) * 3
    if space < _LEAST:
        return _stacked(cells, width)
    if sum(wide[2:]) <= space:
        return _in_columns(cells)
    why = min(wide[3], max(space - wide[2], space * 2 // 5))
    return _in_columns(cells, space - why, why)


def _in_columns(cells: Sequence[_Cells], *widths: int) -> Iterator[str]:
    """A line for each commit, or more where `widths` of subject and reason are too small."""
    lines = [_HEADINGS, *(line for row in cells for line in (_split(row, *widths) if widths else (row,)))]
    wide = [max(columns(line[at]) for line in lines) for at in range(len(_HEADINGS))]
    for line in lines:
        yield _GAP.join(map(padded, line, wide)).rstrip()


def _split(row: _Cells, subject: int, why: int) -> Iterator[_Cells]:
    first = row[:2]
    for left, right in zip_longest(
        folded(row[2], subject, hard=True), folded(row[3], why, hard=True), fillvalue=""
    ):
        yield (*first, left, right)
        first = ("", "")


def _stacked(cells: Sequence[_Cells], width: int) -> Iterator[str]:
    """For narrow terminals: subject and reason below the commit."""
    for sha, effect, subject, why in cells:
        yield f"{sha}{_GAP}{effect}"
        for text in (subject, why):
            yield from (f"{_GAP}{line}".rstrip() for line in folded(text, width - len(_GAP), hard=True))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
