"""Text in columns of a terminal: East Asian wide characters take two, and lines are broken between words."""

import unicodedata
from collections.abc import Iterator

_NEVER_FIRST = frozenset({"Pe", "Pf", "Po"})
"""Closing brackets and marks such as a full stop, before which no line is broken."""


def columns(text: str) -> int:
    """How many columns it takes."""
    return len(text) if text.isascii() else sum(map(_size, text))


def padded(text: str, width: int) -> str:
    """Filled with spaces to so many columns."""
    return text + " " * (width - columns(text))


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if columns(text) <= width:
        return text
    kept, taken = 0, 1
    while kept < len(text) and (taken := taken + _size(text[kept])) <= width:
        kept += 1
    return f"{text[:kept]}…"


def folded(text: str, width: int, indent: str = "", *, hard: bool = False) -> Iterator[str]:
    """The text in lines of so many columns; all but the first begin with `indent`.

    They are broken between words, or beside a wide character. A longer word stands whole in a line of its own; with
    `hard` it is broken where the line is full, and spaces before the text are left out.
    """
    indent = indent[: max(width // 2, 0)]
    rest = text.lstrip(" ") if hard else text
    while columns(rest) > width:
        place = _place(rest, max(width, 2), hard=hard)
        if not rest[place:].strip(" "):
            break
        yield rest[:place].rstrip(" ")
        rest = indent + rest[place:].lstrip(" ")
    yield rest.rstrip(" ") if rest is not text else rest


def _place(text: str, width: int, *, hard: bool) -> int:
    """Where the first line ends: the last place that fits, else the first one there is."""
    start = len(text) - len(text.lstrip(" "))
    taken, best, wide = start, 0, False
    for at in range(start, len(text)):
        character = text[at]
        size = _size(character)
        if at > start and _may_break(character, size, is_after_wide=wide):
            if taken > width:
                return best or at
            best = at
        taken += size
        if taken > width and (best or (hard and at > start)):
            return best or at
        wide = size == 2 or (wide and not size)
    return len(text)


def _may_break(character: str, size: int, *, is_after_wide: bool) -> bool:
    if character == " ":
        return True
    beside = (is_after_wide or size == 2) and size > 0
    return beside and unicodedata.category(character) not in _NEVER_FIRST


def _size(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in {"Mn", "Me", "Cf"} else 1
