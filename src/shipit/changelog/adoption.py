"""Marks the place of new versions in a changelog in which none can be recognised."""

import re

from shipit.changelog import editor, insertion
from shipit.changelog.headings import headings
from shipit.errors import Refused

_MARK = "\ufeff"
_ENTRY = re.compile(r"[-*+|>#]|v?\d", re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t\r]*\n")


def line(text: str) -> int | None:
    """The line, counting from 1, above which the next version goes; None if no place is recognised."""
    text = text.removeprefix(_MARK)
    try:
        return text[: insertion.find(text)].count("\n") + 1
    except Refused:
        return None


def adopt(text: str) -> str:
    """The changelog with a marker below its title and introduction; unchanged if it needs none."""
    if text.startswith(_MARK):
        return _MARK + adopt(text[1:])
    if line(text) is not None:
        return text
    return editor.put(text, _below_introduction(text), f"{insertion.MARKER}\n")


def _below_introduction(text: str) -> int:
    """Above the first heading after the title; without headings, below a title that is a line of its own."""
    found = headings(text)
    if found:
        return found[1].start if found[0].level == 1 else found[0].start  # a title alone is a place already
    blank = _BLANK.search(text)
    title = text[: blank.start()] if blank else text.strip()
    if not title.strip() or "\n" in title or _ENTRY.match(title):
        return 0
    return blank.end() if blank else len(text)
