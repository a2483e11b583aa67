"""Take everything out of an SQLite database that is there for tests."""

import sqlite3
from collections.abc import Sequence

from msgspec import Struct

from shipit.adapters.sqlite import ledger
from shipit.adapters.sqlite.definitions import describe, quoted
from shipit.adapters.sqlite.session import Session
from shipit.adapters.sqlite.troubles import errors_translated
from shipit.errors import Refused

_NEXT = """SELECT type, name FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB 'shipit_*'
    ORDER BY type = 'table', sql LIKE 'create virtual%' DESC, name LIMIT 1"""
_FORGOTTEN = ("shipit_migration", "shipit_run", "shipit_intent", "shipit_schema")


class Emptying(Struct, frozen=True):
    """Plays migrate.ports.Emptying."""

    session: Session

    def content(self) -> Sequence[str]:
        with self.session.snapshot() as connection:
            return sorted(describe(connection))

    def empty(self, environment: str) -> None:
        with self.session.write() as connection, errors_translated(str(self.session.path)):
            ledger.create(connection)
            bound = connection.execute("SELECT environment FROM shipit_identity").fetchone()
            if bound != (environment,):
                raise Refused(f"this database is not bound to {environment}", where=str(self.session.path))
            _drop_all(connection)
            for table in _FORGOTTEN:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
            connection.execute("PRAGMA user_version = 0")


def _drop_all(connection: sqlite3.Connection) -> None:
    """One by one, since the tables behind a virtual one go with it; views, triggers and indexes first."""
    while found := connection.execute(_NEXT).fetchone():
        kind, name = found
        connection.execute(f"DROP {kind} {quoted(name)}")
