"""Which parts of a Markdown text are quotations: fenced code, comments, <details>, <blockquote>, <pre>."""

import re
from bisect import bisect_right

from msgspec import Struct

_OPEN = re.compile(r"^ {0,3}(?:(`{3,}+|~{3,}+)|<(details|blockquote|pre)\b|(<!--))", re.MULTILINE | re.IGNORECASE)
_LONGEST_FENCE = 8  # longer fences are taken for this long: the number of searches stays small


class Quotations(Struct, frozen=True):
    """The quoted spans of one text, in order and apart from each other."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def cover(self, position: int) -> bool:
        """Whether the character at this position is quoted."""
        index = bisect_right(self.starts, position) - 1
        return index >= 0 and position < self.ends[index]


_NONE = Quotations((), ())


def quotations(text: str, start: int = 0) -> Quotations:
    """Find what is quoted from `start` on, in one pass.

    A fence without an end is taken for plain text, so that it hides nothing; an HTML element or a comment
    without an end reaches to the end of the text, as browsers and GitHub have it.
    """
    found = _OPEN.search(text, start) if "`" in text or "~" in text or "<" in text else None
    if not found:
        return _NONE
    starts: list[int] = []
    ends: list[int] = []
    endless: dict[str, int] = {}
    while found:
        end = _end(text, found, endless)
        if end:
            starts.append(found.start())
            ends.append(end)
        found = _OPEN.search(text, end or found.end())
    return Quotations(tuple(starts), tuple(ends))


def _end(text: str, opening: re.Match[str], endless: dict[str, int]) -> int:
    """Where the quotation ends; 0 if it never does and is none."""
    fence, element, _comment = opening.groups()
    if fence:
        return _end_of_fence(text, opening, endless)
    if element:
        return _end_of_element(text, opening.start(), element)
    closing = text.find("-->", opening.end())
    return len(text) if closing < 0 else closing + 3


def _end_of_fence(text: str, opening: re.Match[str], endless: dict[str, int]) -> int:
    fence = opening[1]
    mark, length = fence[0], min(len(fence), _LONGEST_FENCE)
    if length >= endless.get(mark, _LONGEST_FENCE + 1):
        return 0
    closing = re.compile(rf"^ {{0,3}}{mark}{{{length},}}+[ \t\r]*$", re.MULTILINE).search(text, opening.end())
    if closing:
        return closing.end()
    endless[mark] = length
    return 0


def _end_of_element(text: str, start: int, element: str) -> int:
    depth = 0
    for tag in re.compile(rf"<(/?){element}\b", re.IGNORECASE).finditer(text, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(text)
