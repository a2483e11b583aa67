"""Notes from a project's own template, made safe for the changelog: people's words may stand there as they are."""

import re

from shipit.changelog import insertion
from shipit.changelog.headings import Heading, headings
from shipit.quotations import quotations

_ELEMENT = re.compile(r"^ {0,3}(?=<(?:(?:details|blockquote|pre)\b|!--))", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(?=`{3}|~{3})", re.MULTILINE)


def contained(text: str) -> str:
    """The notes, in which nothing passes for a section of the changelog, for the place of one, or hides one.

    These become text: headings that name a version or Unreleased, shipit's marker, and comments, elements and
    fences that never end.
    """
    text = _without_open_ends(insertion.without_markers(text))
    # what was a heading by its `#` may still be one by the line below it
    while misleading := [one for one in headings(text) if one.version or one.is_unreleased]:
        for heading in reversed(misleading):
            place = _mark(text, heading)
            text = f"{text[:place]}\\{text[place:]}"
    return text


def _without_open_ends(text: str) -> str:
    """The text in which every comment, element and fence ends; from the first that does not on, none begins."""
    quoted = quotations(f"{text}\n.")
    if quoted.ends and quoted.ends[-1] > len(text):  # what ends does not reach the line below
        start = quoted.starts[-1]
        text = text[:start] + _ELEMENT.sub(r"\g<0>\\", text[start:])
        quoted = quotations(text)
    return _FENCE.sub(lambda found: found[0] if quoted.cover(found.start()) else f"{found[0]}\\", text)


def _mark(text: str, heading: Heading) -> int:
    """Where the `#` of a heading stands, or the line below its title."""
    return text.index("\n", heading.start) + 1 if heading.underline else text.index("#", heading.start)
