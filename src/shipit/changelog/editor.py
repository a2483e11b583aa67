"""Puts a new section into a changelog that people keep, and proves that it did nothing else."""

import re
from dataclasses import dataclass, replace

from shipit.changelog import insertion, plans
from shipit.changelog.headings import HEADING_STYLES, HeadingStyle, heading_style_of, headings
from shipit.errors import Refused, Stop, UsageError
from shipit.versioning.number import parse

NEW_FILE = "# Changelog\n\nAll notable changes to this project are documented in this file.\n"

MARK = "\ufeff"

_OTHERS = {
    **dict.fromkeys(("rst", "rest"), "reStructuredText"),
    **dict.fromkeys(("adoc", "asciidoc", "asc"), "AsciiDoc"),
    "org": "Org",
    "textile": "Textile",
    "html": "HTML",
}
"""Languages by the ending of a file's name, in which `###` is no heading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A new section: `date` as YYYY-MM-DD, `link` the address that the heading leads to (empty for none).

    `manner` is that of a file without versions; every other one has its own.
    """

    version: str
    date: str
    notes: str
    link: str = ""
    heading_style: HeadingStyle = HEADING_STYLES["keep-a-changelog"]


def require_markdown(name: str) -> None:
    """Raise UsageError for a changelog in another language than Markdown, by the ending of its name."""
    ending = name.rpartition(".")[2].lower()
    if ending in _OTHERS:
        raise UsageError(
            f"{name} is written in {_OTHERS[ending]}, and shipit writes Markdown",
            where="changelog.file",
            hint='name a Markdown file, or keep that one by hand: set changelog.file = ""',
        )


def insert(text: str | None, entry: Entry, *, collect: bool = True) -> str:
    """The changelog with this section added; unchanged if it has the version already.

    `text` is the file as it is, with its byte order mark and line ends; None or nothing makes a new file. What
    people wrote under Unreleased becomes part of the section; without `collect`, and for a prerelease, it stays
    above. Raises Refused if there is no recognisable place for a version.
    """
    if text and text.startswith(MARK):
        return MARK + insert(text[1:], entry, collect=collect)
    old = text or ""
    if not old.strip():
        return f"{old}{NEW_FILE}\n{_section(entry, entry.heading_style)}"
    found = headings(old)
    if any(heading.version == entry.version for heading in found):
        plans.require_released(old, entry.version)
        return old
    collect = collect and parse(entry.version).is_final  # a final version repeats all of its prereleases
    if collect:
        plans.require_clear(old, entry.version)
        above = plans.heading_above(entry.notes, insertion.collected(old))
        entry = replace(entry, notes="\n\n".join(part for part in (entry.notes.strip("\n"), above) if part))
    return put(
        old,
        insertion.find(old, collect=collect),
        _section(entry, heading_style_of(found, entry.heading_style)),
    )


def put(old: str, where: int, section: str) -> str:
    """The text with a section of its own paragraph at this position, proved to be nothing but an insertion."""
    new = old[:where] + insertion.fitted(old, where, section) + old[where:]
    prove(old, new)
    return new


def insert_bytes(data: bytes | None, entry: Entry, *, collect: bool = True) -> bytes:
    """Like `insert`, on the bytes of the file: what is not UTF-8 survives, UTF-16 is refused."""
    text = None if data is None else decoded(data)
    return insert(text, entry, collect=collect).encode("utf-8", "surrogateescape")


def decoded(data: bytes) -> str:
    """The text of a file; encoded again it gives the same bytes, whatever they are. Raises Refused for UTF-16."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise Refused("the changelog is written in UTF-16", hint="convert it to UTF-8")
    return data.decode("utf-8", "surrogateescape")


def collected(data: bytes | None) -> str:
    """What people wrote under Unreleased, which the next final version takes in; empty if there is nothing."""
    return insertion.collected((data or b"").decode("utf-8", "replace").removeprefix(MARK))


def prove(old: str, new: str) -> str:
    """What was inserted; raises Stop (a bug) if anything else was changed."""
    grown = len(new) - len(old)
    start = _common(old, new)
    if grown < 0 or old[start:] != new[start + grown :]:
        raise Stop("the changelog would have been changed beyond one insertion")
    return new[start : start + grown]


def _common(old: str, new: str) -> int:
    """The length of the common beginning."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[:middle] == new[:middle] else (low, middle - 1)
    return low


def _section(entry: Entry, style: HeadingStyle) -> str:
    notes = entry.notes.strip("\n")
    deeper = "#" * max(0, style.level - 2)
    if deeper:
        notes = re.sub(r"^(?=#{3,5} )", deeper, notes, flags=re.MULTILINE)
    heading = style.write(entry.version, entry.date, entry.link)
    return f"{heading}\n\n{notes}\n" if notes else f"{heading}\n"
