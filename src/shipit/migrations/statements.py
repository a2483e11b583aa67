"""From scripts to statements: where each stands in its file, and a text without comments and literals."""

import re
import unicodedata
from bisect import bisect_right

from shipit.migrations.model import Node, Position, Script, Statement

_BLANK = re.compile(r"(?:[\s\ufeff]+|;|--[^\n]*)+")  # SQLite passes a byte order mark anywhere
_QUIET = re.compile(
    r"--[^\n]*|/\*|(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?|\"(?:[^\"]|\"\")*\"?"
    r"|(?<![\w$])\$((?:[^\W\d]\w*)?)\$.*?(?:\$\1\$|\Z)",
    re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_NOT_NEWLINE = re.compile(r"[^\n]")


_UNSEEN = {"Cf", "Zl", "Zp", "Zs"}


def unseen(text: str, server: str) -> tuple[str, int] | None:
    """A space that is none for the server, or a mark that nobody sees: what to say of it, and where it stands."""
    for offset, sign in enumerate(text):
        if sign != " " and unicodedata.category(sign) in _UNSEEN:
            named = f"U+{ord(sign):04X} {unicodedata.name(sign, '')}"
            return f"an unseen character ({named}) stands here, which is no space for {server}", offset
    return None


class Lines:
    """Turns offsets into lines and columns (both from 1); `first` is the line that the text begins on."""

    def __init__(self, text: str, first: int = 1) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._first = first

    def at(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self._starts, offset) - 1
        return row + self._first, offset - self._starts[row] + 1


def skip_blank(text: str, start: int = 0, *, nested: bool = True) -> int:
    """Where the first word at or after `start` begins: white space, comments and semicolons are passed.

    Comments nest in PostgreSQL, in SQLite they do not.
    """
    while True:
        blank = _BLANK.match(text, start)
        start = blank.end() if blank else start
        if not text.startswith("/*", start):
            return start
        start = _end_of_comment(text, start, nested=nested)


def _end_of_comment(text: str, start: int, *, nested: bool) -> int:
    depth = 0
    for mark in _COMMENT.finditer(text, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0 or (mark[0] == "*/" and not nested):
            return mark.end()
    return len(text)


def quiet(text: str, *, nested: bool = True) -> str:
    """The same text, character for character: blanks for comments, only quotes for literals and quoted names."""
    parts, start = [], 0
    while found := _QUIET.search(text, start):
        end = _end_of_comment(text, found.start(), nested=nested) if found[0] == "/*" else found.end()
        filling = " " if found[0].startswith(("--", "/*")) else "'"
        parts += [text[start : found.start()], _NOT_NEWLINE.sub(filling, text[found.start() : end])]
        start = end
    return "".join((*parts, text[start:]))


def statements(script: Script, read: tuple[tuple[str, int, int, Node | None], ...]) -> tuple[Statement, ...]:
    """What a grammar read, with the path of the script."""
    return tuple(Statement(text, Position(script.path, line, column), tree) for text, line, column, tree in read)
