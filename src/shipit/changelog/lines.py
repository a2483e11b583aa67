"""Two texts that grew from one, merged line by line: what both sides wrote stays, nobody is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

Rows = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What one side made of the base's lines from `start` up to `end`; nothing of the base is an insertion."""

    start: int
    end: int
    rows: Rows


def merge_lines(base: str, ours: str, theirs: str) -> str:
    """Every line that either side wrote, without those of the base that either side took away.

    Where both changed the same lines in their own way, ours come first.
    """
    if theirs in {base, ours}:
        return ours
    if ours == base:
        return theirs
    before, here, there = (text.splitlines(keepends=True) for text in (base, ours, theirs))
    return "".join(row for part in _parts(before, here, there) for row in part)


def _parts(base: Rows, ours: Rows, theirs: Rows) -> Iterator[Rows]:
    """The merged lines, piece by piece between places that neither side changed across."""
    changes = [_changes(base, side) for side in (ours, theirs)]
    inside = {at for side in changes for one in side.values() for at in range(one.start + 1, one.end)}
    places = [at for at in range(len(base) + 1) if at not in inside]
    for start, end in pairwise([*places, len(base)]):
        yield _agreed([], *(_inserted(side, start) for side in changes))
        yield _agreed(base[start:end], *(_rewritten(base, side, start, end) for side in changes))


def _changes(base: Rows, side: Rows) -> Mapping[int, _Change]:
    """What this side changed, by the line of the base at which it begins."""
    blocks = SequenceMatcher(None, base, side).get_opcodes()
    return {i1: _Change(start=i1, end=i2, rows=side[j1:j2]) for kind, i1, i2, j1, j2 in blocks if kind != "equal"}


def _inserted(changes: Mapping[int, _Change], at: int) -> Rows:
    """What a side put in front of this line of the base, if it did no more than that."""
    change = changes.get(at)
    return change.rows if change and change.end == at else []


def _rewritten(base: Rows, changes: Mapping[int, _Change], start: int, end: int) -> Rows:
    """What a side made of these lines of the base; an insertion in front of the first is not among them."""
    rows: Rows = []
    at = start
    while at < end:
        change = changes.get(at)
        if change and change.end > at:
            rows += change.rows
            at = change.end
            continue
        rows += [*(_inserted(changes, at) if at > start else []), base[at]]
        at += 1
    return rows


def _agreed(base: Rows, ours: Rows, theirs: Rows) -> Rows:
    if theirs in (base, ours):
        return ours
    return theirs if ours == base else _both(base, ours, theirs)


def _both(base: Rows, ours: Rows, theirs: Rows) -> Rows:
    """Our lines but those that they took away, then what they wrote and we did not."""
    added = [row for row in theirs if row not in base and (row not in ours or not row.strip())]
    return [*_kept(base, ours, theirs), *(added if _says_something(added) else [])]


def _kept(base: Rows, ours: Rows, theirs: Rows) -> Rows:
    """Our lines but those that they took away; a heading stays with what stays below it."""
    kept: Rows = []
    waiting: Rows = []
    for row in ours:
        stays = row not in base or row in theirs
        if row.startswith("#"):
            waiting = [] if stays else [row]
        if waiting and not row.strip():
            waiting.append(row)
        elif stays:
            kept += [*waiting, row]
            waiting = []
    return kept


def _says_something(rows: Sequence[str]) -> bool:
    return any(row.strip() for row in rows)
