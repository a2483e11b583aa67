"""Paragraphs on one line, for pages that show every line end as a break, as GitHub does with a release."""

import re
from collections.abc import Iterable, Iterator

# a list item, quote, heading, table, element, fence, definition, line or underline begins or ends a block
_STARTS = r"(?:[-*+]|\d{1,9}[.)])(?:\s|$)|[>|<]|#{1,6}(?:\s|$)|`{3}|~{3}|\[[^\]]*\]:|[-=*_:| ]+$"
_ALONE = r"[>|<]|#{1,6}(?:\s|$)|\[[^\]]*\]:|[-=*_:| ]+$"
_LASTING = r"\s*[>|<]|.*\|"
"""a table, quote or element goes on to the next blank line"""
_INDENTED = r" {4}\s*(?!(?:[-*+]|\d{1,9}[.)])\s)"
_FENCE = r"(?:(?:[-*+]|\d{1,9}[.)]|>)\s+)*(`{3,}|~{3,})"


def unwrapped(text: str) -> str:
    """Markdown in which a paragraph, also one of a list, is one line; code, tables, quotes and HTML stay."""
    return "\n".join(_joined(text.split("\n")))


def _joined(rows: Iterable[str]) -> Iterator[str]:
    paragraph, fence, is_closed = "", "", False
    for row in rows:
        opening = re.match(_FENCE, row.lstrip())
        is_closed = bool(row.strip()) and (is_closed or re.match(_LASTING, row) is not None)
        if not fence and not opening and paragraph and not is_closed and _goes_on(paragraph, row):
            paragraph = f"{paragraph} {row.strip()}" + "  " * row.endswith("  ")
            continue
        if paragraph:
            yield paragraph
        is_text = bool(row.strip()) and not fence and not opening
        if fence or opening:
            fence = _fence(fence, row.strip(), opening)
        paragraph = row if is_text else ""
        if not is_text:
            yield row
    if paragraph:
        yield paragraph


def _fence(fence: str, row: str, opening: re.Match[str] | None) -> str:
    """What will close the code that this line is in; nothing behind the line that does."""
    if fence:
        return "" if row.startswith(fence) and not row.strip(fence[0]) else fence
    return opening[1] if opening else ""


def _goes_on(paragraph: str, row: str) -> bool:
    """Whether a line belongs to the paragraph before it, which has no end of its own."""
    text = row.strip()
    is_open = not re.match(_ALONE, paragraph.lstrip()) and not paragraph.endswith(("  ", "\\"))
    is_code = re.match(_INDENTED, paragraph)
    return bool(text) and is_open and not is_code and not re.match(_STARTS, text)
