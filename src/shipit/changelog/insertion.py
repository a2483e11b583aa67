"""Where a new section belongs in a changelog that people keep."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from shipit.changelog.headings import Heading, headings
from shipit.errors import Refused

MARKER = "<!-- shipit: new versions go below this line -->"
"""What `shipit changelog adopt` writes where it cannot guess the place."""

_MARKERS = re.compile(
    r"^<!--[ \t]*(?:shipit[^\n>]*|version list|towncrier release notes start)[ \t]*-->[ \t]*$", re.MULTILINE
)
_ANCHORS = re.compile(r"(?:^[ \t]*<a (?:name|id)=[^\n]*\n(?:[ \t]*\n)?)+\Z", re.MULTILINE)
_FOOTER = re.compile(r"\[[^\]]+\]:.*|<!--.*-->")


def find(text: str, *, collect: bool = True) -> int:
    """Where the new section goes: below a marker, else below the heading Unreleased, else above the newest version.

    What stands under Unreleased becomes part of the new section, unless it is not to `collect` it. Raises Refused
    if there is no such place.
    """
    found = headings(text)
    marker = _MARKERS.search(text.replace("\r", " "))
    if marker:
        return _next_line(text, marker.end())
    newest = next((heading for heading in found if heading.version), None)
    opened = unreleased(found)
    if opened and collect:
        return _below_heading(text, opened)
    if newest:
        return above_anchors(text, newest.start)
    if opened:
        return next((heading.start for heading in _after(opened, found)), before_footer(text))
    if len(found) == 1 and found[0].level == 1:
        return before_footer(text)
    raise Refused(
        "the changelog has no place for a new version that shipit can recognise",
        evidence=[f"heading: {heading.title}" for heading in found[:5]] or ["it has no headings"],
        hint="run `shipit changelog adopt` to mark the place",
    )


def collected(text: str) -> str:
    """What people wrote under Unreleased and the next section takes in; empty if there is nothing of that kind."""
    found = headings(text)
    opened = unreleased(found)
    if not opened or _MARKERS.search(text.replace("\r", " ")):
        return ""
    ends = (above_anchors(text, one.start) for one in _after(opened, found))
    own = text[_below_heading(text, opened) : next(ends, before_footer(text))]
    return own.replace("\r\n", "\n").strip()


def without_markers(text: str) -> str:
    """The text in which what marks the place of new versions is shown as text."""
    return _MARKERS.sub(r"\\\g<0>", text)


def unreleased(found: Sequence[Heading]) -> Heading | None:
    """The heading above all versions below which people write what is not released yet."""
    levels = {heading.level for heading in found if heading.version}
    above = takewhile(lambda heading: not heading.version, found)
    return next((heading for heading in above if _is_open(heading, levels)), None)


def fitted(text: str, place: int, section: str) -> str:
    """The section with blank lines around it and the line ends of the file."""
    newline = "\r\n" if "\r\n" in text else "\n"
    before = text[:place].replace("\r", "")
    if before and not before.endswith("\n"):
        section = f"\n\n{section}"
    elif before and not before.endswith("\n\n"):
        section = f"\n{section}"
    after = text[place:].replace("\r", "")
    if after and not after.startswith("\n"):
        section = f"{section}\n"
    return section.replace("\n", newline) if newline != "\n" else section


def _after(heading: Heading, found: Sequence[Heading]) -> Iterator[Heading]:
    """The headings that end a section."""
    return (one for one in found if one.start > heading.start and one.level <= heading.level)


def _is_open(heading: Heading, levels: set[int]) -> bool:
    """Whether this heading is that of what is not released yet; a title that has the word in it is not."""
    return heading.is_unreleased and (not levels or heading.level in levels)


def _below_heading(text: str, heading: Heading) -> int:
    """Below the heading, its underline and one blank line."""
    place = _next_line(text, heading.start)
    if heading.underline:
        place = _next_line(text, place)
    following = _next_line(text, place)
    return place if text[place:following].strip() else following


def _next_line(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline + 1


def above_anchors(text: str, start: int) -> int:
    """standard-version writes `<a name="1.2.0"></a>` above a heading: the two stay together."""
    anchors = _ANCHORS.search(text, max(0, start - 500), start)
    return anchors.start() if anchors else start


def before_footer(text: str) -> int:
    """Above the link definitions and comments that close the file; at its end if there are none."""
    rows = list(takewhile(_closes, reversed(text.splitlines(keepends=True))))
    while rows and not rows[-1].strip():
        rows.pop()
    return len(text) - sum(map(len, rows))


def _closes(row: str) -> bool:
    return not row.strip() or _FOOTER.fullmatch(row.strip()) is not None
