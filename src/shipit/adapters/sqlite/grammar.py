"""SQLite's own grammar: the library compiles each statement with EXPLAIN and says what it cannot read."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from shipit.migrations.model import Finding, Parsed, Position
from shipit.migrations.statements import Lines, quiet, skip_blank, unseen

_FAULT = re.compile(r'near "(.*)": syntax error|unrecognized token: "(.*)"', re.DOTALL)
_FAULTS = ("syntax error", "unrecognized token", "incomplete input")
_EXPLAIN = re.compile(r"EXPLAIN\b", re.IGNORECASE)
# with these in place the statements that follow compile further, so that a fault behind a name is found as well
_DEFINES = re.compile(r"(CREATE|ALTER|DROP)\b", re.IGNORECASE)
_STEPS = 100_000
_DOT = re.compile(r"\.[A-Za-z]\w*")
_ALTERNATIVES = {
    ".import": "INSERT INTO … VALUES (…), or a Python script",
    ".read": "make the other file a migration of its own, or write its statements here",
}
_OPENING = ("'", '"', "`", "[")


class SqliteGrammar:
    """Plays Syntax; nothing runs but definitions, in a database in memory that is gone afterwards."""

    def read(self, path: str, text: str, line: int = 1) -> Parsed:
        lines = Lines(text, line)
        if "\0" in text:
            place = Position(path, *lines.at(text.index("\0")))
            return Parsed((), (Finding(place, "syntax", "a NUL character cannot stand in SQL"),))
        opened = _open_comment(text)
        if opened is not None:
            place = Position(path, *lines.at(opened))
            return Parsed((), (Finding(place, "syntax", "the comment that begins here does not end"),))
        spans = tuple(_split(text))
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as scratch:
            scratch.set_progress_handler(lambda: 1, _STEPS)
            for start, end in spans:
                if dot := _DOT.match(text, start):
                    return Parsed((), (_shell(dot[0], Position(path, *lines.at(start))),))
                fault = _fault(scratch, text[start:end])
                if fault:
                    place = Position(path, *lines.at(start + fault[1]))
                    return Parsed((), (Finding(place, "syntax", fault[0]),))
        return Parsed(
            tuple((text[start:end].removesuffix(";").rstrip(), *lines.at(start), None) for start, end in spans)
        )


def _open_comment(text: str) -> int | None:
    """Where a comment begins that has no end: SQLite would pass over all that follows without a word."""
    if not quiet(f"{text}\n*/", nested=False).endswith("\n  ") or sqlite3.complete_statement(f"{text}\n;"):
        return None
    begins = (found.start() for found in re.finditer(r"/\*", text))
    return next(
        at for at in begins if quiet(f"{text[:at]}*/", nested=False).endswith("*/") and "*/" not in text[at + 2 :]
    )


def _shell(command: str, place: Position) -> Finding:
    what = f"{command} is a command of the program sqlite3, not of SQLite"
    return Finding(place, "meta-command", what, _ALTERNATIVES.get(command, "leave it out, or say it in SQL"))


def _split(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement starts and ends, its semicolon included; those of a trigger's body do not end it."""
    start, code = skip_blank(text, nested=False), quiet(text, nested=False)
    for mark in re.finditer(";", code):
        end = mark.end()
        if mark.start() >= start and sqlite3.complete_statement(text[start:end]):
            yield start, end
            start = skip_blank(text, end, nested=False)
    if start < len(text):
        yield start, len(text.rstrip())


def _fault(scratch: sqlite3.Connection, statement: str) -> tuple[str, int] | None:
    """What SQLite cannot read in it, and where; None when only a name is missing or nothing at all."""
    message = _complaint(scratch, statement)
    if not message.endswith(_FAULTS) and not message.startswith(_FAULTS):
        if _DEFINES.match(statement):
            _define(scratch, statement)
        return None
    named = _FAULT.search(message)
    if not named:
        return message, len(statement)
    token = named[1] or named[2]
    return _explained(message, token, _where(scratch, statement, message, token))


def _explained(message: str, token: str, at: int) -> tuple[str, int]:
    """The same complaint in words that help: of what does not end SQLite shows all, of what nobody sees nothing."""
    if token.startswith(_OPENING) and message.startswith("unrecognized"):
        return f"the quotation that {token[0]} begins here does not end", at
    found = unseen(token, "SQLite")
    return (found[0], at + found[1]) if found else (message, at)


def _complaint(scratch: sqlite3.Connection, statement: str) -> str:
    explain = "" if _EXPLAIN.match(statement) else "EXPLAIN "
    try:
        scratch.execute(explain + statement).close()
    except (sqlite3.Error, sqlite3.Warning) as error:
        return str(error)
    return ""


def _define(scratch: sqlite3.Connection, statement: str) -> None:
    try:
        scratch.execute(statement).close()
    except (sqlite3.Error, sqlite3.Warning):
        return


def _where(scratch: sqlite3.Connection, statement: str, message: str, token: str) -> int:
    """The first place of the token where the statement, cut right behind it, meets with the same complaint."""
    start = statement.find(token)
    while start >= 0:
        if _complaint(scratch, statement[: start + len(token)]) == message:
            return start
        start = statement.find(token, start + 1)
    return max(statement.find(token), 0)
