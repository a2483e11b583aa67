"""Plays databases.Catalog: what the schema is, how much is in it, and whether somebody else wrote."""

from collections.abc import Collection, Mapping
from pathlib import Path

from shipit.adapters.sqlite import definitions
from shipit.adapters.sqlite.marks import changes_since, mark
from shipit.adapters.sqlite.session import Session
from shipit.migrations.drift import Schema
from shipit.migrations.records import Baseline


class Catalog:
    """See the port; objects and tables are named without a schema: `table a`, `a`."""

    def __init__(self, session: Session, backups: Path) -> None:
        self.session = session
        self.backups = backups

    def fingerprint(self) -> str:
        with self.session.snapshot() as connection:
            return definitions.fingerprint(connection)

    def describe(self) -> Mapping[str, str]:
        with self.session.snapshot() as connection:
            return definitions.describe(connection)

    def schema(self) -> Schema:
        with self.session.snapshot() as connection:
            objects = definitions.describe(connection)
        return Schema(definitions.fingerprint_of(objects), objects)

    def counts(self, only: Collection[str] | None = None) -> Mapping[str, int]:
        with self.session.snapshot() as connection:
            return definitions.counts(connection, only)

    def baseline(self) -> Baseline:
        with self.session.snapshot() as connection:
            found, rows = definitions.fingerprint(connection), definitions.counts(connection)
            return Baseline(found, rows, mark(self.session, connection))

    def foreign_since(self, mark: str) -> int:
        return changes_since(self.session, mark, self.backups)
