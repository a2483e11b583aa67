"""The one connection of this process to a database file: its transactions, its waiting, its time limits."""

import errno
import os
import secrets
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from shipit.adapters.sqlite.troubles import BUSY, code, errors_translated, explained
from shipit.errors import Denied, ExternalError, Unavailable

Row: TypeAlias = tuple[Any, ...]
Given = TypeVar("Given", sqlite3.Cursor, sqlite3.Blob)

MEMORY = Path(":memory:")
_BLINK = 0.05
"""Seconds that SQLite itself waits for a lock; longer waiting is done here, where signals are heard."""
_OPCODES = 20_000  # between two looks at the clock: about a millisecond


class Unclear(Unavailable):
    """COMMIT failed and the transaction is over: only a look at the database shows how."""


class Connection(sqlite3.Connection):
    """One that a migration in Python may use, and may not close."""

    is_lent = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._given: weakref.WeakSet[sqlite3.Cursor | sqlite3.Blob] = weakref.WeakSet()

    def cursor(self, *arguments: Any, **named: Any) -> Any:
        return self._noted(super().cursor(*arguments, **named))

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        return self._noted(super().execute(*arguments))

    def blobopen(self, *arguments: Any, **named: Any) -> sqlite3.Blob:
        return self._noted(super().blobopen(*arguments, **named))

    def close(self) -> None:
        if self.is_lent:
            raise sqlite3.ProgrammingError("the connection is shipit's: a migration may not close it")
        super().close()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Around a script; how it wants its rows is not how the ledger wants them.

        A cursor that it leaves open, or that the traceback of its failure holds, would keep the file in use and
        locked: no restore and no VACUUM could follow, and closing the connection would not free the lock.
        """
        self.is_lent = True
        try:
            yield
        finally:
            self.is_lent, self.row_factory, self.text_factory = False, None, str
            for one in self._given:
                one.close()
            self._given.clear()

    def _noted(self, one: Given) -> Given:
        if self.is_lent:
            self._given.add(one)
        return one


class Session:
    """Opened when first needed and kept, so that `PRAGMA data_version` shows only the writes of others.

    Foreign keys are never enforced on it: the switch cannot be turned inside a transaction, and the recipe for
    rebuilding a table needs it off. Whoever changes rows asks `PRAGMA foreign_key_check` before COMMIT.
    """

    def __init__(self, path: Path, *, lock_patience: float, statement_timeout: float) -> None:
        self.path = path if path == MEMORY else path.absolute()
        self.lock_patience = lock_patience
        self.statement_timeout = statement_timeout
        self.token = ""
        """names this connection: another one has counted nothing that this one saw"""
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._deadline = 0.0

    @property
    def exists(self) -> bool:
        """Also where it may not be looked at: to open it then says why."""
        if self.path == MEMORY:
            return True
        try:
            self.path.stat()
        except OSError as error:
            return error.errno not in {errno.ENOENT, errno.ENOTDIR}
        return True

    @property
    def connection(self) -> Connection:
        """Never in autocommit of Python's making: a transaction is what BEGIN and COMMIT say."""
        if self._connection is None or self._file != self._identity():
            self.close()
            self._connection = self._opened()
            self._file = self._identity()
            self.token = secrets.token_hex(8)
        return self._connection

    def close(self) -> None:
        """Let go of the file and its locks; the next question opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Rows of a question; of a database that is not there yet, those of an empty one."""
        if not self.exists:
            with closing(sqlite3.connect(":memory:")) as nothing:
                return nothing.execute(sql, values).fetchall()
        with errors_translated(str(self.path)):
            rows: list[Row] = self.patiently(lambda: self.connection.execute(sql, values).fetchall())
            return rows

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """All questions inside see the same state; of a database that is not there yet, an empty one."""
        if not self.exists:
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as nothing:
                yield nothing
            return
        connection = self.connection
        with errors_translated(str(self.path)):
            connection.execute("BEGIN")
            try:
                self.patiently(lambda: connection.execute("SELECT count(*) FROM sqlite_schema").fetchall())
                yield connection
            finally:
                _roll_back(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction, committed at the end of the block, rolled back on any way out of it."""
        connection = self._made()
        with errors_translated(str(self.path)):
            connection.execute("PRAGMA foreign_keys = OFF")  # a build of SQLite or a script may have said ON
            self.patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        try:
            yield connection
            self._commit(connection)
        finally:
            _roll_back(connection)

    def _commit(self, connection: sqlite3.Connection) -> None:
        """Readers hold a commit up, but never undo it: it may be asked again."""
        try:
            with errors_translated(str(self.path)):
                self.patiently(lambda: connection.execute("COMMIT"))
        except ExternalError as error:
            if connection.in_transaction:
                raise
            raise Unclear(error.what, where=error.where, evidence=error.evidence) from error

    def patiently(self, attempt: Callable[[], Any]) -> Any:
        """Try until nobody's lock is in the way, or `lock_patience` seconds are over."""
        deadline = time.monotonic() + self.lock_patience
        while True:
            try:
                return attempt()
            except sqlite3.OperationalError as error:
                if code(error) not in BUSY or time.monotonic() >= deadline:
                    raise
            time.sleep(0.01)

    @contextmanager
    def limited(self, where: str, *evidence: str) -> Iterator[None]:
        """Run one statement under the time limit, with its place in what is raised."""
        self._deadline = time.monotonic() + self.statement_timeout if self.statement_timeout else 0.0
        try:
            yield
        except sqlite3.Error as error:
            if code(error) != sqlite3.SQLITE_INTERRUPT or not self._is_late():
                raise explained(error, where, *evidence) from error
            what = f"the statement took longer than {self.statement_timeout:g} s"
            hint = "give database.statement-timeout more seconds"
            raise Unavailable(what, where=where, evidence=evidence, hint=hint) from error
        finally:
            self._deadline = 0.0

    def _is_late(self) -> bool:
        return bool(self._deadline) and time.monotonic() > self._deadline

    def _identity(self) -> tuple[int, int] | None:
        """Which file has the name now: one that was put in its place is another database."""
        if self.path == MEMORY:
            return None
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _opened(self) -> Connection:
        place = ":memory:" if self.path == MEMORY else f"{self.path.as_uri()}?mode=rw"
        with errors_translated(str(self.path)):
            connection = sqlite3.connect(
                place, _BLINK, isolation_level=None, check_same_thread=False, factory=Connection, uri=True
            )
            connection.set_progress_handler(self._watch(), _OPCODES)
        weakref.finalize(self, connection.close)
        return connection

    def _watch(self) -> Callable[[], bool]:
        """Weak, since the connection keeps it and the connection is closed when nobody has this any more."""
        weak = weakref.ref(self)

        def is_late() -> bool:
            session = weak()
            return session is not None and session._is_late()  # noqa: SLF001 - ourselves

        return is_late

    def _made(self) -> Connection:
        """The connection; the first write makes the file and its folder."""
        if not self.exists:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644))
            except OSError as error:
                raise Denied(
                    f"the database cannot be made: {error.strerror}", where=error.filename or str(self.path)
                ) from error
        return self.connection


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
