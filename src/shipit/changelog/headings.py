"""The headings of a changelog that somebody keeps: where versions stand, and in which style."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shipit.quotations import quotations

_HEADING = re.compile(
    r"^(?: {0,3}(#{1,6})[ \t]+(?P<atx>[^\r\n]*)|(?P<setext>[^\s#>|<`*+-][^\r\n]*)\r?\n(={3,}|-{3,})[ \t]*\r?$)",
    re.MULTILINE,
)
_VERSION = r"(?P<v>v?)(?P<number>\d+\.\d+(?:\.\d+)*+(?:[-+.]?[0-9A-Za-z]++)*+)"
_TITLE = re.compile(
    # an optional word such as `Version` or the project's name, then the version, linked or not
    rf"(?P<word>[^\d\s\[][^\s\[]*[ @])?(?P<open>\[?){_VERSION}\]?(?:\([^()\s]*\))?(?P<rest>.*)"
)
_DATE = re.compile("\\s*(?P<before>[-\u2013\u2014:,/]?\\s*\\(?)\\d{4}[-./]\\d{1,2}[-./]\\d{1,2}\\)?\\s*")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b"
# as text: few files write dates in words, or with the year at the end; a new one is written as all others are
_OTHER_DATE = (
    "(?i)\\s*(?P<before>[-\u2013\u2014:,/]?\\s*\\(?)"
    rf"(?:[^\d\n]*{_MONTH}[^\n]*\d{{4}}\b|\d{{1,2}}[^\n]{{0,5}}{_MONTH}[^\n]*\d{{4}}\b|\d{{1,2}}([-./])\d{{1,2}}\2\d{{4}}\b)"
)
_PLAIN_WORDS = frozenset({"version", "release"})
_UNRELEASED = re.compile(r"\[?(?:upcoming|next|in development|head)\b|.*\bunreleased\b", re.IGNORECASE)

_UNRELEASED_WORD = re.compile("[-\u2013\u2014:, ]*[\\[(]?\\bunreleased\\b[\\])]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the file; `start` is where its line begins.

    `version` is the version that it names (without v) or nothing; `underline` is `=` or `-` for a setext heading.
    """

    start: int
    level: int
    title: str
    version: str = ""
    underline: str = ""

    @property
    def is_unreleased(self) -> bool:
        return _UNRELEASED.match(self.title) is not None

    @property
    def planned(self) -> str:
        """The version that a heading such as `1.1.0 (unreleased)` names; empty for every other one."""
        return _version(_UNRELEASED_WORD.sub("", self.title)) if self.is_unreleased else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingStyle:
    """How a file writes the heading of a version; where it is `linked`, it may lead to a comparison."""

    level: int = 2
    word: str = ""
    brackets: bool = True
    linked: bool = True
    prefix: str = ""
    date: str = " - {date}"
    underline: str = ""

    def write(self, version: str, date: str, link: str) -> str:
        """The heading of a version, without a line end (a setext heading has one inside)."""
        name = f"{self.prefix}{version}"
        if link and self.linked:
            name = f"[{name}]({link})"
        elif self.brackets:
            name = f"[{name}]"
        title = f"{self.word}{name}{self.date.format(date=date) if date else ''}"
        if self.underline:
            return f"{title}\n{self.underline * len(title)}"
        return f"{'#' * self.level} {title}"


HEADING_STYLES = {
    "keep-a-changelog": HeadingStyle(),
    "conventional": HeadingStyle(brackets=False, date=" ({date})"),
}
"""How the first heading of a file is written, by the name of a style."""


def headings(text: str) -> list[Heading]:
    """All headings outside of quotations, in order."""
    quoted = quotations(text)
    return [_heading(found) for found in _HEADING.finditer(text) if not quoted.cover(found.start())]


def heading_style_of(found: Iterable[Heading], default: HeadingStyle) -> HeadingStyle:
    """The manner of the newest version's heading; the default if there is none."""
    versions = [heading for heading in found if heading.version]
    title = _TITLE.fullmatch(versions[0].title) if versions else None
    if title is None:
        return default
    date = _DATE.match(title["rest"]) or re.match(_OTHER_DATE, title["rest"])
    return HeadingStyle(
        level=min(heading.level for heading in versions),
        word=title["word"] or "",
        brackets=bool(title["open"]),
        linked=bool(title["open"]),
        prefix=title["v"],
        date=_date_format(date) if date else "",
        underline=versions[0].underline,
    )


def _heading(found: re.Match[str]) -> Heading:
    marks, atx, setext, underline = found.groups()
    title = (atx or setext or "").strip().rstrip("#").strip()
    level = len(marks) if marks else (1 if underline.startswith("=") else 2)
    heading = Heading(start=found.start(), level=level, title=title, underline=(underline or "")[:1])
    return heading if heading.is_unreleased else replace(heading, version=_version(title))


def _version(title: str) -> str:
    """The version that a title names; titles like `Python 3.12 support` and `3.12 support` name none."""
    found = _TITLE.fullmatch(title)
    if not found:
        return ""
    word = (found["word"] or "").rstrip(" @").lower()
    is_long = found["number"].count(".") > 1
    is_alone = not found["rest"].strip() or _DATE.fullmatch(found["rest"]) is not None
    foreign = word and word not in _PLAIN_WORDS
    return found["number"] if (is_long and is_alone) or (not foreign and (is_long or is_alone)) else ""


def _date_format(found: re.Match[str]) -> str:
    mark = found["before"].strip()
    if "(" in mark:
        return " ({date})"
    return f"{mark} {{date}}" if mark in {",", ":"} else f" {mark} {{date}}".replace("  ", " ")
