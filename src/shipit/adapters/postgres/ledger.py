"""The ledger in the schema `shipit` of a PostgreSQL database: identity, migrations, intents and runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import astuple
from psycopg.pq import TransactionStatus

from shipit.adapters.postgres import ledger_tables, objects
from shipit.adapters.postgres.ledger_rows import (
    Intent,
    delete_applied,
    drop_intent,
    fitting,
    insert_applied,
    intents,
    note_own,
    put_intent,
    write,
)
from shipit.adapters.postgres.session import Connection, Session
from shipit.errors import Refused
from shipit.migrations.drift import Schema
from shipit.migrations.records import Applied, Run

__all__ = [
    "Intent",
    "Ledger",
    "delete_applied",
    "drop_intent",
    "insert_applied",
    "intents",
    "note_own",
    "put_intent",
]

_APPLIED = """
SELECT version, name, sha256, run, extract(epoch FROM applied_at)::float8, milliseconds, fingerprint
FROM shipit.migration ORDER BY position
"""
_RUNS = """
SELECT id, command, actor, host, extract(epoch FROM started_at)::float8, extract(epoch FROM ended_at)::float8,
    outcome, detail, backup
FROM shipit.run ORDER BY started_at DESC, id DESC
"""
_BOUND = "SELECT environment, bound_at AT TIME ZONE 'UTC', bound_by FROM shipit.identity"
_PUT_RUN = """
INSERT INTO shipit.run (id, command, actor, host, started_at, ended_at, outcome, detail, backup)
VALUES (%s, %s, %s, %s, to_timestamp(%s), to_timestamp(%s), %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome,
    detail = excluded.detail, backup = excluded.backup
"""


@dataclass
class Ledger:
    """Plays the port Ledger; errors as in `troubles`."""

    session: Session
    _layout: int = field(default=0, init=False)

    def identity(self) -> str | None:
        bound = self._bound()
        return bound[0] if bound else None

    def bind(self, environment: str) -> None:
        bound = self._bound() or self._bind(environment)
        if bound[0] != environment:
            raise Refused(
                f"this database belongs to {bound[0]}, not to {environment}",
                where=str(self.session.address),
                evidence=[f"bound {bound[1]:%Y-%m-%d %H:%M} UTC by {bound[2]}"],
                hint=f"give {environment} the address of its own database",
            )

    def applied(self) -> Sequence[Applied]:
        if not self.is_there():
            return ()
        return [Applied(*row) for row in self.session.ask(_APPLIED, doing="read the ledger")]

    def runs(self) -> Sequence[Run]:
        if not self.is_there():
            return ()
        return [Run(*row) for row in self.session.ask(_RUNS, doing="read the ledger")]

    def open_run(self, run: Run) -> None:
        self._put(run)

    def close_run(self, run: Run, schema: Schema | None = None) -> None:
        self._put(run, schema)

    def left(self) -> Schema | None:
        return objects.kept(self.session) if self.is_there() else None

    def adopt(self, rows: Sequence[Applied]) -> None:
        with self._writing() as connection:
            insert_applied(connection, rows, keep=True)

    def intents(self) -> Sequence[Intent]:
        """What runs that died have left; none without a ledger."""
        return intents(self.session.connection) if self.is_there() else ()

    def is_there(self) -> bool:
        """Whether the tables exist; raises Refused if a newer shipit made them, Denied without rights."""
        self._layout = self._layout or ledger_tables.layout(self.session)
        return self._layout > 0

    def _bound(self) -> tuple[Any, ...] | None:
        if not self.is_there():
            return None
        return next(iter(self.session.ask(_BOUND, doing="read the ledger")), None)

    def _bind(self, environment: str) -> tuple[Any, ...]:
        with self._writing() as connection:
            write(
                connection,
                "INSERT INTO shipit.identity (environment) VALUES (%s) ON CONFLICT DO NOTHING",
                [environment],
            )
            return connection.execute(_BOUND).fetchall()[0]

    def _put(self, run: Run, schema: Schema | None = None) -> None:
        with self._writing() as connection:
            # its fields stand in the order of the columns
            write(connection, _PUT_RUN, [fitting(connection, field) for field in astuple(run)])
            if schema:
                objects.keep(connection, schema)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction of the ledger's own, with all tables there, whatever became of the run's connection."""
        with _free(self.session) as session:
            found = self._layout or ledger_tables.layout(session)
            with session.transaction("write the ledger") as connection:
                if found < ledger_tables.LAYOUT:
                    self._layout = 0  # asked again when it is committed
                    ledger_tables.make(session, connection)
                yield connection


@contextmanager
def _free(session: Session) -> Iterator[Session]:
    """The session itself, or another where it is lost or in the middle of a transaction."""
    if session.connection.info.transaction_status is TransactionStatus.IDLE and session.is_alive():
        yield session
        return
    other = session.another()
    try:
        yield other
    finally:
        other.close()
