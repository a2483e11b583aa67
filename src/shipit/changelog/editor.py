"""Puts a new section into a changelog that people keep, and proves that it did nothing else."""

import re
from dataclasses import dataclass
from itertools import takewhile

from shipit.changelog.headings import Heading, Manner, headings, manner
from shipit.errors import Refused, Stop

MARKER = "<!-- shipit: new versions go below this line -->"
"""What `shipit changelog adopt` writes where it cannot guess the place."""

NEW_FILE = "# Changelog\n\nAll notable changes to this project are documented in this file.\n"

_MARK = "\ufeff"
_MARKERS = re.compile(
    r"^<!--[ \t]*(?:shipit[^\n>]*|version list|towncrier release notes start)[ \t]*-->[ \t]*$", re.MULTILINE
)
_ANCHORS = re.compile(r"(?:^[ \t]*<a (?:name|id)=[^\n]*\n(?:[ \t]*\n)?)+\Z", re.MULTILINE)
_FOOTER = re.compile(r"\[[^\]]+\]:.*|<!--.*-->")


@dataclass(frozen=True, slots=True)
class Entry:
    """A new section: `date` as YYYY-MM-DD, `link` the address that the heading leads to (empty for none)."""

    version: str
    date: str
    notes: str
    link: str = ""


def insert(text: str | None, entry: Entry) -> str:
    """The changelog with this section added; unchanged if it tells of the version already.

    `text` is the file as it is, with its byte order mark and line ends; None or nothing makes a new file. Raises
    Refused if there is no recognisable place for a version.
    """
    if text and text.startswith(_MARK):
        return _MARK + insert(text[1:], entry)
    old = text or ""
    if not old.strip():
        return f"{old}{NEW_FILE}\n{_section(entry, Manner())}"
    found = headings(old)
    if any(heading.version == entry.version for heading in found):
        return old
    place = _place(old, found)
    new = old[:place] + _fitted(old, place, _section(entry, manner(found))) + old[place:]
    prove(old, new)
    return new


def insert_bytes(data: bytes | None, entry: Entry) -> bytes:
    """Like `insert`, on the bytes of the file: what is not UTF-8 survives, UTF-16 is refused."""
    if data is not None and data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise Refused("the changelog is written in UTF-16", hint="convert it to UTF-8")
    text = None if data is None else data.decode("utf-8", "surrogateescape")
    return insert(text, entry).encode("utf-8", "surrogateescape")


def prove(old: str, new: str) -> str:
    """What was inserted; raises Stop (a bug) if anything else was changed."""
    grown = len(new) - len(old)
    start = _common(old, new)
    if grown < 0 or old[start:] != new[start + grown :]:
        raise Stop("the changelog would have been changed beyond one insertion")
    return new[start : start + grown]


def tells_of(text: str, version: str) -> bool:
    """Whether the changelog has a section on this version."""
    return any(heading.version == version for heading in headings(text.removeprefix(_MARK)))


def _common(old: str, new: str) -> int:
    """The length of the common beginning."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[:middle] == new[:middle] else (low, middle - 1)
    return low


def _section(entry: Entry, style: Manner) -> str:
    notes = entry.notes.strip("\n")
    deeper = "#" * max(0, style.level - 2)
    if deeper:
        notes = re.sub(r"^(?=#{3,5} )", deeper, notes, flags=re.MULTILINE)
    heading = style.write(entry.version, entry.date, entry.link)
    return f"{heading}\n\n{notes}\n" if notes else f"{heading}\n"


def _place(text: str, found: list[Heading]) -> int:
    """Where the new section goes: below a marker, else above the newest version, else below Unreleased."""
    marker = _MARKERS.search(text.replace("\r", " "))
    if marker:
        return _next_line(text, marker.end())
    for heading in found:
        if heading.version:
            return _above_anchors(text, heading.start)
    unreleased = next((index for index, heading in enumerate(found) if heading.is_unreleased), None)
    if unreleased is not None:
        level = found[unreleased].level
        after = (heading.start for heading in found[unreleased + 1 :] if heading.level <= level)
        return next(after, _before_footer(text))
    if len(found) == 1 and found[0].level == 1:
        return _before_footer(text)
    raise Refused(
        "the changelog has no place for a new version that shipit can recognise",
        evidence=[f"heading: {heading.title}" for heading in found[:5]] or ["it has no headings"],
        hint="run `shipit changelog adopt` to mark the place",
    )


def _next_line(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline + 1


def _above_anchors(text: str, start: int) -> int:
    """standard-version writes `<a name="1.2.0"></a>` above a heading: the two stay together."""
    anchors = _ANCHORS.search(text, max(0, start - 500), start)
    return anchors.start() if anchors else start


def _before_footer(text: str) -> int:
    """Above the link definitions and comments that close the file; at its end if there are none."""
    rows = list(takewhile(_closes, reversed(text.splitlines(keepends=True))))
    while rows and not rows[-1].strip():
        rows.pop()
    return len(text) - sum(map(len, rows))


def _closes(row: str) -> bool:
    return not row.strip() or _FOOTER.fullmatch(row.strip()) is not None


def _fitted(text: str, place: int, section: str) -> str:
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
