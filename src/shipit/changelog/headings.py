"""The headings of a changelog that somebody keeps: where versions stand, and in which style."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shipit.quoting import Quotations, quotations

_HEADING = re.compile(
    r"^(?: {0,3}(#{1,6})[ \t]+(?P<atx>[^\r\n]*)|(?P<setext>[^\s#>|<`*+-][^\r\n]*)\r?\n(={3,}|-{3,})[ \t]*\r?$)",
    re.MULTILINE,
)
_VERSION = r"(?P<v>v?)(?P<number>\d+\.\d+(?:\.\d+)*(?:[-+.]?[0-9A-Za-z]+)*)"
_TITLE = re.compile(
    # an optional word such as `Version` or the project's name, then the version, linked or not
    rf"(?P<word>[^\d\s\[][^\s\[]*[ @])?(?P<open>\[?){_VERSION}(?P<close>\]?)(?P<url>\([^()\s]*\))?"
    r"(?P<rest>.*)"
)
_DATE = re.compile(r"\s*(?P<before>[-–—:,]?\s*\(?)\d{4}[-./]\d{1,2}[-./]\d{1,2}\)?\s*")
_PLAIN_WORDS = frozenset({"version", "release", "v"})
_UNRELEASED = re.compile(r"\[?(?:unreleased|upcoming|next|in development|head)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the file: `start` is where its line begins, `end` where it ends.

    `version` is the version that it names (without v) or nothing; `underline` is `=` or `-` for a setext heading.
    """

    start: int
    end: int
    level: int
    title: str
    version: str = ""
    underline: str = ""

    @property
    def is_unreleased(self) -> bool:
        return _UNRELEASED.match(self.title) is not None or "unreleased" in self.title.lower()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file writes the heading of a version."""

    level: int = 2
    brackets: bool = True
    prefix: str = ""
    date: str = " - {date}"
    underline: str = ""

    def write(self, version: str, date: str, link: str) -> str:
        """The heading of a version, without a line end (a setext heading has one inside)."""
        name = f"{self.prefix}{version}"
        if link:
            name = f"[{name}]({link})"
        elif self.brackets:
            name = f"[{name}]"
        title = name + (self.date.format(date=date) if date else "")
        if self.underline:
            return f"{title}\n{self.underline * len(title)}"
        return f"{'#' * self.level} {title}"


def headings(text: str, quoted: Quotations | None = None) -> list[Heading]:
    """All headings outside of quotations, in order."""
    quoted = quoted or quotations(text)
    return [_heading(found) for found in _HEADING.finditer(text) if not quoted.cover(found.start())]


def manner(text: str, found: list[Heading]) -> Manner:
    """The manner of the newest version's heading; that of Keep a Changelog if there is none."""
    versions = [heading for heading in found if heading.version]
    if not versions:
        return Manner()
    newest = versions[0]
    title = _TITLE.fullmatch(newest.title)
    if title is None:  # a heading with a version always has such a title
        return Manner()
    date = _DATE.match(title["rest"])
    return Manner(
        level=min(heading.level for heading in versions),
        brackets=bool(title["open"]),
        prefix=title["v"],
        date=_date_format(date) if date else _date_elsewhere(versions),
        underline=newest.underline,
    )


def _heading(found: re.Match[str]) -> Heading:
    marks, atx, setext, underline = found.groups()
    title = (atx if atx is not None else setext).strip().rstrip("#").strip()
    level = len(marks) if marks else (1 if underline.startswith("=") else 2)
    mark = underline[0] if underline else ""
    heading = Heading(found.start(), found.end(), level, title, underline=mark)
    if heading.is_unreleased:
        return heading
    return Heading(found.start(), found.end(), level, title, _version(title), mark)


def _version(title: str) -> str:
    """The version that a title names; a title like `Python 3.12 support` names none."""
    found = _TITLE.fullmatch(title)
    if not found:
        return ""
    word = (found["word"] or "").rstrip(" @").lower()
    if word and word not in _PLAIN_WORDS:
        named = found["number"].count(".") >= 2 and (not found["rest"].strip() or _DATE.fullmatch(found["rest"]))
        return found["number"] if named else ""
    return found["number"]


def _date_format(found: re.Match[str]) -> str:
    return " ({date})" if "(" in found["before"] else f" {found['before'].strip() or '-'} {{date}}"


def _date_elsewhere(versions: list[Heading]) -> str:
    return "" if versions else " - {date}"


def sections_of(found: list[Heading]) -> Iterator[str]:
    """The versions that the file tells of, newest first."""
    yield from (heading.version for heading in found if heading.version)
