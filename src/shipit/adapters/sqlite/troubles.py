"""What SQLite says no with, in the words of the ports."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from shipit.errors import Denied, ExternalError, Signalled, Unavailable

BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DENIED = {
    sqlite3.SQLITE_AUTH: "a migration may not control transactions, attach databases or write shipit's own tables",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a SQLite database",
    sqlite3.SQLITE_PERM: "the database may not be used",
    sqlite3.SQLITE_READONLY: "the database may not be written",
}
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "the database is locked by somebody else",
    sqlite3.SQLITE_LOCKED: "the database is locked by somebody else",
    sqlite3.SQLITE_FULL: "there is no space left for the database",
    sqlite3.SQLITE_IOERR: "the disk failed under the database",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
}
_HINTS = {
    sqlite3.SQLITE_AUTH: "leave it out: the transaction is shipit's, and the database is that of the environment",
    sqlite3.SQLITE_CANTOPEN: "look what is at that path, or name another file in database.url",
    sqlite3.SQLITE_IOERR: "look at the disk, and whether that path is a plain file",
    sqlite3.SQLITE_NOTADB: "look what is at that path, or name another file in database.url",
    sqlite3.SQLITE_PERM: "check the rights of the file and of its folder",
    sqlite3.SQLITE_READONLY: "check the rights of the file and of its folder",
    sqlite3.SQLITE_BUSY: "end what uses the database, or give database.lock-patience more seconds",
    sqlite3.SQLITE_CORRUPT: "bring a backup back: shipit migrate restore RUN",
    sqlite3.SQLITE_FULL: "free some disk space",
}


def code(error: sqlite3.Error) -> int:
    """The primary result code; 0 where Python itself refused."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


@contextmanager
def errors_translated(where: str, *evidence: str) -> Iterator[None]:
    """Make a Trouble of what SQLite raises; `where` is a file with line, or the database."""
    try:
        yield
    except sqlite3.Error as error:
        raise explained(error, where, *evidence) from error


def explained(error: sqlite3.Error, where: str, *evidence: str) -> ExternalError | Signalled:
    """The Trouble for an error of SQLite.

    A signal that arrives while SQLite asks us for the time is swallowed by it and comes out as an interruption.
    """
    number = code(error)
    if number == sqlite3.SQLITE_INTERRUPT:
        return Signalled("a signal")
    hint = _HINTS.get(number)
    if number in _DENIED:
        return Denied(_DENIED[number], where=where, evidence=[str(error), *evidence], hint=hint)
    if number in _UNAVAILABLE:
        return Unavailable(_UNAVAILABLE[number], where=where, evidence=[str(error), *evidence], hint=hint)
    if "within a transaction" in str(error):
        hint = "put it into a file of its own with the line `-- shipit: solo`"
    return ExternalError(str(error), where=where, evidence=evidence, hint=hint)
