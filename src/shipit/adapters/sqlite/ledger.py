"""What the database itself remembers: five tables whose names begin with `shipit_`."""

import sqlite3
import time
from collections.abc import Iterable, Sequence

import msgspec

from shipit.adapters.sqlite.session import Session
from shipit.errors import Refused
from shipit.migrations.drift import Schema
from shipit.migrations.records import Applied, Run

OURS = ("shipit_migration", "shipit_run", "shipit_identity", "shipit_intent", "shipit_schema")
"""Not part of the schema that is fingerprinted and counted."""

_ALGORITHM = "sha256-lf"
_TABLES = (
    """CREATE TABLE IF NOT EXISTS shipit_migration (
        position INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sha256 TEXT NOT NULL,
        algorithm TEXT NOT NULL, run TEXT NOT NULL, at REAL NOT NULL, milliseconds INTEGER NOT NULL,
        fingerprint TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS shipit_run (
        id TEXT PRIMARY KEY, command TEXT NOT NULL, actor TEXT NOT NULL, host TEXT NOT NULL,
        started REAL NOT NULL, ended REAL, outcome TEXT NOT NULL, detail TEXT NOT NULL, backup TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS shipit_identity (
        one INTEGER PRIMARY KEY CHECK (one = 1), environment TEXT NOT NULL, at REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS shipit_intent (
        version TEXT PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS shipit_schema (
        one INTEGER PRIMARY KEY CHECK (one = 1), fingerprint TEXT NOT NULL, objects TEXT NOT NULL)""",
)
_APPLIED = (
    "SELECT version, name, sha256, run, at, milliseconds, fingerprint FROM shipit_migration ORDER BY position"
)
_RECORD = """INSERT OR IGNORE INTO shipit_migration
    (version, name, sha256, algorithm, run, at, milliseconds, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_RUNS = """SELECT id, command, actor, host, started, ended, outcome, detail, backup FROM shipit_run
    ORDER BY started DESC, rowid DESC"""
_RUN = """INSERT INTO shipit_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    ended = excluded.ended, outcome = excluded.outcome, detail = excluded.detail, backup = excluded.backup"""


class Ledger:
    """Plays databases.Ledger."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def identity(self) -> str | None:
        with self.session.snapshot() as connection:
            if not is_there(connection):
                return None
            row = connection.execute("SELECT environment FROM shipit_identity").fetchone()
            return str(row[0]) if row else None

    def bind(self, environment: str) -> None:
        if self.identity() == environment:
            return
        with self.session.write() as connection:
            create(connection)
            bind = "INSERT OR IGNORE INTO shipit_identity VALUES (1, ?, ?)"
            connection.execute(bind, (environment, time.time()))
            [(found,)] = connection.execute("SELECT environment FROM shipit_identity").fetchall()
            if found != environment:
                raise Refused(
                    f"this database belongs to {found}, not to {environment}",
                    where=str(self.session.path),
                    evidence=[f"it was first bound to {found}"],
                    hint="check which database the environment names in pyproject.toml",
                )

    def applied(self) -> Sequence[Applied]:
        with self.session.snapshot() as connection:
            return [Applied(*row) for row in connection.execute(_APPLIED)] if is_there(connection) else []

    def runs(self) -> Sequence[Run]:
        with self.session.snapshot() as connection:
            return all_runs(connection)

    def open_run(self, run: Run) -> None:
        with self.session.write() as connection:
            create(connection)
            write_runs(connection, [run])

    def close_run(self, run: Run, schema: Schema | None = None) -> None:
        """Also where the row is not there: a backup that was restored may be older than it."""
        with self.session.write() as connection:
            create(connection)
            write_runs(connection, [run])
            if schema and schema.fingerprint == newest_fingerprint(connection):
                keep = "INSERT OR REPLACE INTO shipit_schema VALUES (1, ?, ?)"
                connection.execute(keep, (schema.fingerprint, msgspec.json.encode(schema.objects).decode()))

    def left(self) -> Schema | None:
        with self.session.snapshot() as connection:
            if not is_there(connection, "shipit_schema"):  # made by an older shipit, or not at all
                return None
            row = connection.execute("SELECT fingerprint, objects FROM shipit_schema").fetchone()
            return Schema(row[0], msgspec.json.decode(row[1])) if row else None

    def adopt(self, rows: Sequence[Applied]) -> None:
        with self.session.write() as connection:
            create(connection)
            record(connection, rows)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables that are not there; part of the transaction that is open."""
    for table in _TABLES:
        connection.execute(table)


def versions(connection: sqlite3.Connection) -> set[str]:
    """What is applied, as the open transaction sees it."""
    return {version for (version,) in connection.execute("SELECT version FROM shipit_migration")}


def record(connection: sqlite3.Connection, rows: Iterable[Applied]) -> None:
    """Write rows in the open transaction; those that are there stay."""
    values = [
        (row.version, row.name, row.sha256, _ALGORITHM, row.run, row.at, row.milliseconds, row.fingerprint)
        for row in rows
    ]
    connection.executemany(_RECORD, values)


def forget(connection: sqlite3.Connection, version: str) -> None:
    """Delete the row of a version that is rolled back."""
    connection.execute("DELETE FROM shipit_migration WHERE version = ?", (version,))


def write_runs(connection: sqlite3.Connection, runs: Iterable[Run]) -> None:
    """Write runs in the open transaction; of those that are there, how they ended."""
    values = [(r.id, r.command, r.actor, r.host, r.started, r.ended, r.outcome, r.detail, r.backup) for r in runs]
    connection.executemany(_RUN, values)


def newest_fingerprint(connection: sqlite3.Connection) -> str:
    """How the newest migration left the schema; empty if nothing is applied or nobody looked."""
    row = connection.execute("SELECT fingerprint FROM shipit_migration ORDER BY position DESC").fetchone()
    return str(row[0]) if row else ""


def note_fingerprint(connection: sqlite3.Connection, found: str) -> None:
    """Write down how the schema is now that the newest migration is another one."""
    newest = "(SELECT max(position) FROM shipit_migration)"
    connection.execute(f"UPDATE shipit_migration SET fingerprint = ? WHERE position = {newest}", (found,))  # noqa: S608


def all_runs(connection: sqlite3.Connection) -> list[Run]:
    """Every run, newest first; none where there is no ledger."""
    return [Run(*row) for row in connection.execute(_RUNS)] if is_there(connection) else []


def is_there(connection: sqlite3.Connection, table: str = "shipit_migration") -> bool:
    """Whether the tables have been made."""
    sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return connection.execute(sql, (table,)).fetchone() is not None


def write_intent(connection: sqlite3.Connection, version: str, run: str, at: float) -> None:
    """Remember that a statement outside of a transaction is about to run."""
    connection.execute("INSERT OR REPLACE INTO shipit_intent VALUES (?, ?, ?)", (version, run, at))


def has_intent(connection: sqlite3.Connection, version: str) -> bool:
    """Whether a run began this version and died."""
    sql = "SELECT 1 FROM shipit_intent WHERE version = ?"
    return connection.execute(sql, (version,)).fetchone() is not None


def drop_intent(connection: sqlite3.Connection, version: str) -> None:
    """Forget that it was begun."""
    connection.execute("DELETE FROM shipit_intent WHERE version = ?", (version,))
