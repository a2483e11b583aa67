"""The parts of a script: its head before the first statement, and the sections of dbmate's single file."""

import re

from msgspec import Struct

from shipit.migrations.model import Dialect, Finding, Position, Script

_BLANK = re.compile(r"(?:[ \t\n\f\v]+|--[^\n]*)+")
_INK = re.compile(r"\S")
_BRACKET = re.compile(r"/\*|\*/")
# wider than what dbmate reads: a marker that is overlooked would run the down script as part of the up script
_MARKER = re.compile(
    r"^[ \t]*--[ \t-]*migrate[ \t]*:[ \t]*(?P<role>up|down)\b(?P<options>.*)$", re.MULTILINE | re.IGNORECASE
)
_EXACT = re.compile(r"--[ \t]*migrate:(?:up|down)(?:[ \t].*)?")


class Section(Struct, frozen=True):
    """What stands between two markers; `line` is that of its first character, `solo`: `transaction:false`."""

    text: str
    line: int
    solo: bool
    marker: Position


class Sections(Struct, frozen=True):
    """A file of dbmate; `preamble` holds comments only."""

    preamble: Script
    up: Section
    down: Section | None


def place_at(script: Script, offset: int) -> Position:
    """Where a character of the script stands in its file."""
    text = script.text
    return Position(script.path, script.line + text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset))


def head(text: str, dialect: Dialect) -> str:
    """White space and comments before the first statement, as long as they are; block comments become blank."""
    if not text.startswith((" ", "\t", "\n", "\f", "\v", "--", "/*")):
        return ""
    kept, at = "", 0
    while True:
        end = _blank_end(text, at)
        kept += text[at:end]
        if not text.startswith("/*", end):
            return kept
        at = _comment_end(text, end, dialect)
        kept += _INK.sub(" ", text[end:at])


def is_empty(text: str, dialect: Dialect) -> bool:
    """Whether there is no statement, only comments and stray semicolons."""
    start = len(head(text, dialect))
    while text.startswith(";", start):
        start += 1 + len(head(text[start + 1 :], dialect))
    return start == len(text)


def split(path: str, text: str, dialect: Dialect) -> Sections | Finding | None:
    """Take a file of dbmate apart as dbmate does; None if it has no markers."""
    markers = list(_MARKER.finditer(text))
    if not markers:
        return None
    whole = Script(path, text, "")
    for marker in markers:
        if not _EXACT.fullmatch(marker[0]):
            exact = f"-- migrate:{marker['role'].lower()}"
            return _wrong(whole, marker.start(), "dbmate would overlook this marker", f"write it as `{exact}`")
    return _misplaced(whole, markers, dialect) or _sections(whole, markers)


def _misplaced(whole: Script, markers: list[re.Match[str]], dialect: Dialect) -> Finding | None:
    """What is wrong with the number or the order of markers, or before the first."""
    first, *others = markers
    if first["role"] == "down":
        what = "`-- migrate:down` stands without a `-- migrate:up` before it"
        return _wrong(
            whole, first.start(), what, "write `-- migrate:up` before the statements that change the schema"
        )
    repeated = [marker for marker in others[:1] if marker["role"] == "up"] or others[1:]
    if repeated:
        what = f"`-- migrate:{repeated[0]['role']}` stands here once more"
        return _wrong(whole, repeated[0].start(), what, "write one up section, then one down section")
    start = len(head(whole.text[: first.start()], dialect))
    if start < first.start():
        return _wrong(whole, start, "a statement stands before `-- migrate:up`", "move it below that line")
    return None


def _sections(whole: Script, markers: list[re.Match[str]]) -> Sections:
    up, *down = markers
    end = down[0].start() if down else len(whole.text)
    return Sections(
        Script(whole.path, whole.text[: up.start()], ""),
        _section(whole, up, end),
        _section(whole, down[0], len(whole.text)) if down else None,
    )


def _section(whole: Script, marker: re.Match[str], end: int) -> Section:
    text = whole.text[marker.end() + 1 : end].rstrip()  # blank lines before the next marker belong to nobody
    place = place_at(whole, marker.start())
    solo = "transaction:false" in marker["options"].split()
    return Section(f"{text}\n" if text else "", place.line + 1, solo, place)


def _wrong(whole: Script, offset: int, what: str, rewrite: str) -> Finding:
    return Finding(place_at(whole, offset), "dbmate-marker", what, rewrite)


def _blank_end(text: str, start: int) -> int:
    blank = _BLANK.match(text, start)
    return blank.end() if blank else start


def _comment_end(text: str, start: int, dialect: Dialect) -> int:
    """Behind the comment that begins at `start`; PostgreSQL nests them, SQLite does not."""
    depth = 0
    for bracket in _BRACKET.finditer(text, start):
        if bracket[0] == "*/":
            depth -= 1
        elif depth == 0 or dialect == "postgresql":
            depth += 1
        if depth == 0:
            return bracket.end()
    return len(text)
