"""Runs the scripts of a migration, statement by statement, inside a transaction that is not theirs to end."""

import sqlite3
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from shipit import masking
from shipit.adapters import python_scripts
from shipit.adapters.sqlite.ledger import OURS
from shipit.adapters.sqlite.session import Connection, Session
from shipit.adapters.sqlite.troubles import explained
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused, Stop
from shipit.migrations.model import Prepared, Script, Statement
from shipit.migrations.wording import counted

_WIDTH = 60  # characters of a statement that are shown
_CONTROL = {sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
_CHANGES = {  # of the table that SQLite names first
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_DROP_TABLE,
}
_SURROUNDS = {  # what belongs to the table that SQLite names second
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_CREATE_INDEX,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_DROP_INDEX,
}


class Scripts:
    """Up, down and verify of migrations; raises ExternalError with the place in the file."""

    def __init__(self, session: Session, connection: Connection, say: Say) -> None:
        self.session = session
        self.connection = connection  # the one of the transaction, whatever becomes of the file's name
        self.say = say

    def up(self, migration: Prepared) -> int:
        """Milliseconds that it took."""
        return self._run(migration.label, migration.migration.up, migration.up, "up")

    def down(self, migration: Prepared) -> int:
        """Milliseconds that it took; without a down script there is nothing to run."""
        return self._run(migration.label, migration.migration.down, migration.down, "down")

    def verify(self, migration: Prepared) -> None:
        """Every statement must succeed, and no row of an answer may begin with NULL or 0, SQLite's false."""
        script = migration.migration.verify
        if script and script.language == "python":
            self._python(script, "verify")
        for statement in migration.verify:
            with self._confined(), self._limited(statement):
                rows = self.connection.execute(statement.text).fetchall()
            for number, row in enumerate(rows, 1):
                if not row[0] and row[0] != "":
                    raise ExternalError(
                        f"{migration.label} does not do what its verify script asks for",
                        where=str(statement.place),
                        evidence=[shortened(statement.text), f"row {number} begins with {row[0]}"],
                        hint="look at both scripts: the answer must be neither 0 nor NULL",
                    )

    def alone(self, statement: Statement) -> list[tuple[Any, ...]]:
        """One statement outside of any transaction, tried again while a lock is in the way."""
        with self._limited(statement):
            rows: list[tuple[Any, ...]] = self.session.patiently(
                lambda: self.connection.execute(statement.text).fetchall()
            )
            return rows

    def _run(self, label: str, script: Script | None, statements: Sequence[Statement], role: str) -> int:
        started = time.monotonic()
        if script and script.language == "python":
            self._python(script, role)
        for number, statement in enumerate(statements, 1):
            self._statement(f"{label} {number}/{len(statements)}", statement)
        return round((time.monotonic() - started) * 1000)

    def _statement(self, title: str, statement: Statement) -> None:
        started = time.monotonic()
        with self._confined(), self._limited(statement):
            cursor = self.connection.execute(statement.text)
            cursor.fetchall()  # what RETURNING or a SELECT has left would be done half
        took = f"{(time.monotonic() - started) * 1000:.0f} ms"
        rows = f", {counted(cursor.rowcount, 'row')}" if cursor.rowcount >= 0 else ""
        self.say(f"{title}: {shortened(statement.text)} · {took}{rows}")
        self._still_open(str(statement.place))

    def _python(self, script: Script, role: str) -> None:
        functions = python_scripts.load(script.path, script.text)
        if role not in functions:
            raise Refused(f"{script.path} has no function `{role}`", where=script.path)
        with self._confined(), self.connection.lent():
            try:
                answer = functions[role](self.connection)
            except sqlite3.Error as error:
                raise explained(error, _line_of(error, script)) from error
            except Stop:
                raise
            except (Exception, SystemExit) as error:  # exit() would end us with a code of its own
                raise ExternalError(f"{type(error).__name__}: {error}", where=_line_of(error, script)) from error
        if role == "verify" and answer is not None and not answer:  # SQLite has no bool: its false is 0
            raise ExternalError(f"the verify function answered {answer!r}", where=script.path)
        self._still_open(script.path)

    def _still_open(self, where: str) -> None:
        if not self.connection.in_transaction:
            raise ExternalError(
                "the transaction was ended from inside of a script",
                where=where,
                evidence=["what ran before in this group may be there or not; the ledger has no row for it"],
            )

    def _limited(self, statement: Statement) -> Any:
        return self.session.limited(str(statement.place), shortened(statement.text))

    @contextmanager
    def _confined(self) -> Iterator[None]:
        """Make SQLite itself refuse what would break the transaction open, other files, and shipit's tables."""
        self.connection.set_authorizer(_judge)
        try:
            yield
        finally:
            self.connection.set_authorizer(None)


def shortened(text: str) -> str:
    """One line of a statement for people; a secret is masked before its end can be cut off."""
    line = " ".join(masking.mask(text).split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def _judge(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    changed = first if action in _CHANGES else second if action in _SURROUNDS else None
    is_ours = (changed or "").lower() in OURS
    return sqlite3.SQLITE_DENY if action in _CONTROL or is_ours else sqlite3.SQLITE_OK


def _line_of(error: BaseException, script: Script) -> str:
    """The last line of the script itself that the error came through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script.path]
    return f"{script.path}:{lines[-1]}" if lines else script.path
