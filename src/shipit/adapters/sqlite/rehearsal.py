"""Plays databases.Rehearsal: the schema without its rows, in memory, so that nothing is left behind."""

import sqlite3
from collections.abc import Sequence

from shipit.adapters.sqlite.definitions import Snapshots
from shipit.adapters.sqlite.ledger import OURS
from shipit.adapters.sqlite.scripts import Scripts
from shipit.adapters.sqlite.session import MEMORY, Session
from shipit.adapters.sqlite.troubles import errors_translated
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused
from shipit.migrations.model import Prepared

_OBJECTS = """SELECT type, name, tbl_name, sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'
    ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC, type = 'table' DESC, rowid"""


class Rehearsal:
    """See the port. Verify scripts and references are left to the run itself: they need rows."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def possible(self) -> str:
        return ""

    def rehearse(self, migrations: Sequence[Sequence[Prepared]], say: Say) -> None:
        scratch = Session(MEMORY, lock_patience=0, statement_timeout=self.session.statement_timeout)
        try:
            with errors_translated("the rehearsal"):
                _lay(self._objects(), scratch.connection)
            _Stage(scratch, say).play([migration for group in migrations for migration in group])
        finally:
            scratch.close()

    def _objects(self) -> list[tuple[str, str, str, str]]:
        return [row for row in self.session.ask(_OBJECTS) if row[2] not in OURS]


class _Stage:
    """One rehearsal in the scratch database."""

    def __init__(self, scratch: Session, say: Say) -> None:
        self.scratch = scratch
        self.say = say
        self.snapshots = Snapshots()

    def play(self, migrations: Sequence[Prepared]) -> None:
        before = [self._up(migration) for migration in migrations if not migration.solo]
        played = [migration for migration in migrations if not migration.solo]
        for migration, schema in reversed(list(zip(played, before, strict=True))):
            if migration.migration.down is None:
                break  # what lies before it can no longer be compared
            self._down(migration, schema)

    def _up(self, migration: Prepared) -> str:
        """The state of the schema before it."""
        with self.scratch.write() as connection:
            before = self.snapshots.take(connection)
            try:
                Scripts(self.scratch, connection, _silent).up(migration)
            except ExternalError as error:
                raise _refused(f"{migration.label} failed in the rehearsal", error) from error
        self.say(f"{migration.label} rehearsed")
        return before

    def _down(self, migration: Prepared, before: str) -> None:
        with self.scratch.write() as connection:
            try:
                Scripts(self.scratch, connection, _silent).down(migration)
            except ExternalError as error:
                what = f"the down script of {migration.label} failed in the rehearsal"
                raise _refused(what, error) from error
            after = self.snapshots.take(connection, before)
        if after == before:
            schema = found = {}
        else:
            schema, found = self.snapshots.described(before), self.snapshots.described(after)
        differing = sorted(name for name in {*schema, *found} if schema.get(name) != found.get(name))
        if differing:
            raise Refused(
                f"the down script of {migration.label} does not give back the schema that was there before",
                where=migration.migration.down.path if migration.migration.down else None,
                evidence=[f"{name} {_how(name, schema, found)}" for name in differing],
                hint='make it roll back all of the up script, or delete it and say `-- shipit: irreversible "why"`',
            )
        self.say(f"{migration.label} rolled back in the rehearsal")


def _lay(objects: Sequence[tuple[str, str, str, str]], scratch: sqlite3.Connection) -> None:
    """Virtual tables come first and bring the tables that they keep their rows in."""
    for _, name, _, sql in objects:
        if not scratch.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone():
            scratch.execute(sql)


def _refused(what: str, error: ExternalError) -> Refused:
    return Refused(what, where=error.where, evidence=[error.what, *error.evidence])


def _how(name: str, before: dict[str, str], after: dict[str, str]) -> str:
    if name not in after:
        return "is missing"
    return "is left over" if name not in before else "is another"


def _silent(_: str) -> None:
    """The run itself reports every statement."""
