"""A line of output as pieces, each with its style: a pipe gets their text, a terminal draws them."""

from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size

Line: TypeAlias = tuple[tuple[str, str], ...]
"""Pieces of text, each with the name of a style of Rich or with none."""


def plain(line: Line) -> str:
    return "".join(text for text, _ in line)


def columns(line: Line) -> int:
    return sum(cell_len(text) for text, _ in line)


def fitted(text: str, width: int) -> str:
    """Exactly so many columns: filled with spaces, or cut with an ellipsis."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"


def cut(line: Line, width: int) -> Line:
    """At most so many columns, with an ellipsis where it was longer."""
    if columns(line) <= width:
        return line
    kept = [("", "")]
    rest = width - 1
    for text, style in line:
        if rest:
            kept.append((set_cell_size(text, min(rest, cell_len(text))), style))
        rest = max(rest - cell_len(text), 0)
    text, style = kept.pop()
    return (*kept[1:], (f"{text}…", style))


def stripped(pieces: Sequence[tuple[str, str]]) -> Line:
    """Without spaces at its end."""
    left = list(pieces)
    while left:
        text, style = left.pop()
        if text.rstrip():
            return (*left, (text.rstrip(), style))
    return ()
