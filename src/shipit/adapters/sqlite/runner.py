"""Plays databases.Runner: migrations and their ledger rows in one transaction."""

import time
from collections.abc import Sequence

from shipit.adapters.sqlite import ledger
from shipit.adapters.sqlite.checks import check_empty, check_fingerprint, check_references, references
from shipit.adapters.sqlite.definitions import fingerprint
from shipit.adapters.sqlite.scripts import Scripts, shortened
from shipit.adapters.sqlite.session import Connection, Session, Unclear
from shipit.adapters.sqlite.spelling import words
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused
from shipit.migrations.losses import Risk
from shipit.migrations.model import Prepared, Statement
from shipit.migrations.records import Applied

_OUTSIDE = {"vacuum", "pragma"}
"""What SQLite runs outside of a transaction only, or not at all inside; running one of these twice is harmless."""


class Runner:
    """See the port. SQLite has no lock table to fill, and one transaction can hold all but `_OUTSIDE`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def apply(self, migrations: Sequence[Prepared], run: str, say: Say, *, last: bool = False) -> None:
        try:
            with self.session.write() as connection:
                self._apply(connection, migrations, run, say)
        except Unclear:
            if not {migration.version for migration in migrations} <= self._versions():
                raise

    def apply_solo(self, migration: Prepared, run: str, say: Say) -> None:
        if not all(_is_outside(statement) for statement in migration.up) or not migration.up:
            self.apply([migration], run, say)  # a transaction can hold it, which is safer
            return
        if self.settled(migration):
            return
        self._intend(migration, run)
        try:
            self._run_solo(migration, run, say)
        except ExternalError as error:
            if isinstance(error, Unclear) and migration.version in self._versions():
                return
            with self.session.write() as connection:
                ledger.drop_intent(connection, migration.version)
            raise

    def settled(self, migration: Prepared) -> bool | None:
        with self.session.snapshot() as connection:
            if not ledger.is_there(connection):
                return False
            if migration.version in ledger.versions(connection):
                return True
            return None if ledger.has_intent(connection, migration.version) else False

    def revert(
        self,
        migrations: Sequence[Prepared],
        run: str,
        say: Say,
        expected: str | None = None,
        empty: Sequence[Risk] = (),
    ) -> None:
        for migration in migrations:
            if migration.migration.down is None:
                raise Refused(f"{migration.label} has no down script", where=migration.migration.up.path)
        try:
            with self.session.write() as connection:
                check_empty(connection, empty, str(self.session.path))
                self._revert(connection, migrations, say)
                check_fingerprint(fingerprint(connection), expected, self.session)
        except Unclear:
            if {migration.version for migration in migrations} & self._versions():
                raise

    def _revert(self, connection: Connection, migrations: Sequence[Prepared], say: Say) -> None:
        ledger.create(connection)
        there, before = ledger.versions(connection), references(connection)
        scripts = Scripts(self.session, connection, say)
        is_as_left = ledger.newest_fingerprint(connection) == fingerprint(connection)
        for migration in migrations:
            if migration.version in there:
                scripts.down(migration)
                ledger.forget(connection, migration.version)
        check_references(connection, before, self.session)
        if is_as_left:  # else what had drifted before would be forgotten
            ledger.note_fingerprint(connection, fingerprint(connection))

    def _apply(self, connection: Connection, migrations: Sequence[Prepared], run: str, say: Say) -> None:
        ledger.create(connection)
        there, before = ledger.versions(connection), references(connection)
        scripts, took = Scripts(self.session, connection, say), {}
        todo = [migration for migration in migrations if migration.version not in there]
        for migration in todo:
            took[migration.version] = scripts.up(migration)
            scripts.verify(migration)
        if todo:
            check_references(connection, before, self.session)
            after = dict.fromkeys((each.version for each in todo), "") | {todo[-1].version: fingerprint(connection)}
            ledger.record(connection, [_row(e, run, took[e.version], after[e.version]) for e in todo])

    def _versions(self) -> set[str]:
        """What is recorded as a new connection sees it: the old one was left by an unclear COMMIT."""
        self.session.close()
        return {row.version for row in ledger.Ledger(self.session).applied()}

    def _intend(self, migration: Prepared, run: str) -> None:
        with self.session.write() as connection:
            ledger.create(connection)
            ledger.write_intent(connection, migration.version, run, time.time())

    def _run_solo(self, migration: Prepared, run: str, say: Say) -> None:
        started = time.monotonic()
        scripts = Scripts(self.session, self.session.connection, say)
        for statement in migration.up:
            _check_mode(statement, scripts.alone(statement))
            say(f"{migration.label}: {shortened(statement.text)}")
        with self.session.write() as connection:
            Scripts(self.session, connection, say).verify(migration)
            took = round((time.monotonic() - started) * 1000)
            ledger.record(connection, [_row(migration, run, took, fingerprint(connection))])
            ledger.drop_intent(connection, migration.version)


def _row(migration: Prepared, run: str, milliseconds: int, after: str) -> Applied:
    sha256 = migration.migration.up.sha256
    return Applied(migration.version, migration.migration.name, sha256, run, time.time(), milliseconds, after)


def _is_outside(statement: Statement) -> bool:
    return next(words(statement.text), "") in _OUTSIDE


def _check_mode(statement: Statement, rows: Sequence[tuple[object, ...]]) -> None:
    """`PRAGMA journal_mode` does not fail when it changes nothing, it answers with the mode that stays."""
    tokens = list(words(statement.text))
    if "journal_mode" in tokens and "=" in tokens and rows and str(rows[0][0]) != tokens[-1].strip("'"):
        raise ExternalError(
            f"the journal mode stays {rows[0][0]}",
            where=str(statement.place),
            evidence=[shortened(statement.text)],
        )
