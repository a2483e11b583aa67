"""Text in lines for a terminal: broken between words, never cut."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TextIO

from shipit.versioning.columns import columns, folded

_USUAL = 80
_LATE = ("/", "-")
"""Characters after which a word is broken that no line is wide enough for; the first of them that it has."""
_ENOUGH = 4
"""Characters for each column that are looked at: most take one column or two, and few none at all."""


def columns_of(stream: TextIO, environment: Mapping[str, str]) -> int | None:
    """How many columns a terminal has, or COLUMNS asks for; None in a pipe, where lines stay whole."""
    wanted = environment.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    if not stream.isatty():
        return None
    with suppress(OSError, ValueError):  # a stand-in for a terminal may have no number
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    return _USUAL


def wrapped(text: str, width: int | None, indent: str = "") -> Iterator[str]:
    """A text in lines of so many columns, broken between words; all but the first begin with `indent`.

    A long word begins further to the left. One that no line is wide enough for is broken behind a slash, else
    behind a hyphen, else beside a wide character; what has none of them is left to the terminal.
    """
    rest = text
    while width is not None and _is_wider(rest, width):
        place = _place(rest, width)
        yield rest[:place].rstrip(" ")
        left = rest[place:].lstrip(" ")
        if not left:
            return
        rest = _fitting(indent, left.partition(" ")[0], width) + left
    yield rest


def _is_wider(text: str, width: int) -> bool:
    """Whether a text takes more columns; one without end is not measured whole."""
    return columns(text[: _ENOUGH * width + 1]) > width


def _place(text: str, width: int) -> int:
    """Where the first line ends: the last space that fits, else a place in its first word, else its end."""
    start = len(text) - len(text.lstrip(" "))
    fits = 0
    for at, character in enumerate(text):
        if columns(text[:at]) > width:
            break
        if character == " " and at > start:
            fits = at
    if fits:
        return fits
    word = text[start:].partition(" ")[0]
    return start + (_inside(word, width - start) or _soonest(word))


def _inside(word: str, width: int) -> int:
    """Where a long word may be broken so that its first part fits; 0 where it may not."""
    start = word[: _ENOUGH * width + 1]
    for mark in _LATE:
        for at in range(min(len(start), width + 1) - 1, 1, -1):
            if start[at - 1] == mark and columns(start[:at]) <= width:
                return at
    first = next(folded(start, width))
    return len(first) if columns(first) <= width else 0


def _soonest(word: str) -> int:
    """Where a word is broken whose first part is too long: behind the first mark, else at its end."""
    found = (word.find(mark, 2) + 1 for mark in _LATE)
    return next((at for at in found if 0 < at < len(word)), len(word))


def _fitting(indent: str, word: str, width: int) -> str:
    """As much of the indentation as fits before a word, or for a part of it that it may be broken into."""
    if not _is_wider(word, width):
        return indent[: width - columns(word)]
    return indent if _inside(word, width - len(indent)) else ""
