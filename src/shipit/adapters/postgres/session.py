"""One connection to a PostgreSQL database: opened when first touched, and gone soon after its process is."""

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
from msgspec.structs import replace
from psycopg import errors, sql
from psycopg.pq import ExecStatus

from shipit.adapters.postgres.address import Target
from shipit.adapters.postgres.troubles import translated
from shipit.masking import register
from shipit.migrations.records import Address

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
NAME = "shipit"
"""As which our sessions are seen by others."""

_PATIENT = {
    "connect_timeout": "10",
    # a machine that is gone without a word is noticed within half a minute, not after two hours
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_WATCH = b"SET client_connection_check_interval = 500"
_MAY_WATCH = b"SELECT set_config('client_connection_check_interval', '500', true)"
# no query: after one the isolation level of a transaction can no longer be set
_WATCH_BRIEFLY = b"SET LOCAL client_connection_check_interval = 500"
_FIRST_TO_WATCH = 140000
# of the server's side: it learns within half a minute that our machine is gone, and lets go of the migration lock;
# and a backslash in a literal is one, as our own questions and the grammar that read the files have it
_SETTINGS = (
    b"SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    b"SET tcp_user_timeout = 30000; SET standard_conforming_strings = on; "
)


logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it passes over is no word for people


class Session:
    """Asks in autocommit mode; times are in seconds, 0 means without end.

    A connection that broke is never replaced silently: locks and transactions went with it; see `reconnect`.
    """

    def __init__(
        self,
        target: Target,
        *,
        lock_timeout: float = 0.2,
        lock_patience: float = 60,
        statement_timeout: float = 0,
    ) -> None:
        self.target = target
        self.lock_timeout = lock_timeout
        self.lock_patience = lock_patience
        self.statement_timeout = statement_timeout
        self._connection: Connection | None = None
        self._pooled = False
        self._version = 0
        self._watches = False

    @property
    def address(self) -> Address:
        return self.target.address

    @property
    def connection(self) -> Connection:
        """The one connection, in autocommit mode; raises Unavailable or Denied."""
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    @property
    def pooled(self) -> bool:
        """Whether a pooler stands between: then two transactions may meet two servers' sessions."""
        return self._pooled if self.connection else False

    @property
    def version(self) -> int:
        """As server_version_num: 150018 is 15.18."""
        return self._version if self.connection else 0

    def reconnect(self) -> None:
        """Leave the connection, whatever its state, and open another."""
        self.close()
        self._connection = self._open()

    def close(self) -> None:
        """Close it, if it is open; who touches `connection` afterwards opens another."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def is_alive(self) -> bool:
        """Whether the connection that we have still answers; opens none."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def ask(
        self, query: str | sql.Composable, parameters: Sequence[Any] = (), *, doing: str = "ask the database"
    ) -> list[tuple[Any, ...]]:
        """The rows of one statement, or none if it has no rows; `doing` completes "could not …" in errors."""
        connection = self.connection
        text = query if isinstance(query, str) else query.as_string(connection)
        with translated(self.address, doing, text):
            cursor = connection.execute(text.encode(), parameters or None)
            answered = cursor.pgresult is not None and cursor.pgresult.status == ExecStatus.TUPLES_OK
            return cursor.fetchall() if answered else []

    @contextmanager
    def transaction(self, doing: str = "write to the database") -> Iterator[Connection]:
        """A transaction (within one: a savepoint) that ends with this process; errors are translated."""
        connection = self.connection
        with translated(self.address, doing), connection.transaction():
            self.watch()
            yield connection

    def watch(self) -> None:
        """Have the server look whether we are still there: call it first in each transaction.

        Only behind a pooler is there anything to do: there a setting lasts no longer than a transaction.
        """
        if self._watches and self.pooled:
            self.connection.execute(_WATCH_BRIEFLY)

    def keep_alive(self) -> None:
        """Settings of the session that RESET ALL takes away; behind a pooler they would stay with others."""
        if not self.pooled:
            self.connection.execute(self._settings())

    def another(self, database: str | None = None) -> "Session":
        """A further session of the same user, not opened yet; to another database of the server if named."""
        target = self.target
        if database is not None:
            target = dataclasses.replace(
                target,
                address=replace(target.address, database=database),
                parameters={**target.parameters, "dbname": database},
            )
        return Session(
            target,
            lock_timeout=self.lock_timeout,
            lock_patience=self.lock_patience,
            statement_timeout=self.statement_timeout,
        )

    def _open(self) -> Connection:
        ours = {"application_name": NAME, "client_encoding": "utf8"}
        parameters: dict[str, Any] = {**_PATIENT, **self.target.parameters, **ours}
        with translated(self.address, "connect to the database"):
            connection = psycopg.connect(autocommit=True, prepare_threshold=None, **parameters)
            register(connection.info.password)  # it may come from PGPASSWORD or a password file
            try:
                self._get_to_know(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def _get_to_know(self, connection: Connection) -> None:
        asked = "SELECT pg_backend_pid(), current_setting('server_version_num')::int"
        pid, self._version = connection.execute(asked).fetchall()[0]
        self._pooled = pid != connection.info.backend_pid
        self._watches = self._version >= _FIRST_TO_WATCH and self._is_watched(connection)
        if not self._watches and not self._pooled:
            connection.execute(self._settings())

    def _settings(self) -> bytes:
        """Our own questions, too, wait for a lock no longer than the patience lasts."""
        return _SETTINGS + f"SET lock_timeout = {max(1, round(self.lock_patience * 1000))}; ".encode()

    def _is_watched(self, connection: Connection) -> bool:
        """Asked in one message with what else the server must notice: every command pays for each question."""
        try:
            # behind a pooler nothing may stay on a server session that others get next
            connection.execute(_MAY_WATCH if self._pooled else self._settings() + _WATCH)
        except errors.InvalidParameterValue:  # the server's operating system cannot: nothing of the message is set
            return False
        return True
