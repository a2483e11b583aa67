"""Applies migrations and rolls them back: a group is one transaction, with its rows in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from shipit.adapters.postgres import ledger_tables, solo
from shipit.adapters.postgres.catalog import fingerprint_of, schema_of
from shipit.adapters.postgres.emptiness import insist_on_nothing_written
from shipit.adapters.postgres.ledger_rows import (
    delete_applied,
    insert_applied,
    newest_fingerprint,
    note_fingerprint,
)
from shipit.adapters.postgres.patience import Watch, patiently
from shipit.adapters.postgres.records import Records, applied, recorded, require_success
from shipit.adapters.postgres.scripts import Load, Scripts, sets
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.transaction import Transaction, transaction
from shipit.adapters.postgres.troubles import state, translated
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused
from shipit.migrations.drift import Schema
from shipit.migrations.losses import Risk
from shipit.migrations.model import Group, Prepared
from shipit.migrations.records import Applied

_TOO_MUCH_AT_ONCE = {
    "53200": "so many locks at once do not fit into the server's table of locks",
    "55P04": "a new value of an enum is used before it is committed",
    "55006": "something is still in use by what the same transaction did before",
}


@dataclass
class Runner:
    """Plays the port Runner; `load` makes functions out of a Python script."""

    session: Session
    load: Load

    def apply(self, migrations: Sequence[Prepared], run: str, say: Say, *, last: bool = False) -> Schema | None:
        try:
            return self._apply(migrations, run, say, last=last)
        except ExternalError as error:
            why = _TOO_MUCH_AT_ONCE.get(state(error))
            if why is None or len(migrations) == 1:
                raise
            say(f"nothing of {_named(migrations)} is there: {why}; now one by one")
            for one in migrations[:-1]:
                self._apply([one], run, say, last=False)
            return self._apply(migrations[-1:], run, say, last=last)

    def try_out(self, migrations: Sequence[Prepared], say: Say) -> None:
        """Apply them as `apply` does, and roll everything back."""
        with transaction(self.session, _named(migrations), lambda _: False, say) as opened:
            opened.kept = False
            scripts = Scripts(session=self.session, load=self.load, say=say)
            for one in migrations:
                self._one(one, "", scripts, opened)

    def apply_solo(self, migration: Prepared, run: str, say: Say) -> None:
        solo.Solo(session=self.session, load=self.load, say=say).apply(migration, run)

    def settled(self, migration: Prepared) -> bool | None:
        if not ledger_tables.are_there(self.session):
            return False
        with translated(self.session.address, "read the ledger"):
            return solo.settled(self.session.connection, migration)

    def revert(
        self,
        migrations: Sequence[Prepared],
        run: str,
        say: Say,
        expected: str | None = None,
        empty: Sequence[Risk] = (),
    ) -> None:
        lone = [one.label for one in migrations if solo.goes_back_alone(one)]
        if not lone:
            back = _Back(
                session=self.session, load=self.load, migrations=migrations, expected=expected, empty=empty
            )
            patiently(self.session, back.what, lambda watch: back.attempt(watch, say), say)
        elif len(migrations) == 1 and not empty:
            solo.Solo(session=self.session, load=self.load, say=say).revert(migrations[0], run, expected)
        else:
            raise Refused(
                f"{lone[0]} cannot be rolled back in one transaction with others",
                evidence=["its down script can be in no transaction, so half of the way back could be missing"],
                hint=f"roll back what came after {lone[0]}, then it alone, then the rest",
            )

    def _apply(self, migrations: Sequence[Prepared], run: str, say: Say, *, last: bool) -> Schema | None:
        def attempt(watch: Watch) -> Schema | None:
            return self._attempt(migrations, run, say, watch, last=last)

        return patiently(self.session, _named(migrations), attempt, say)

    def _attempt(
        self, migrations: Sequence[Prepared], run: str, say: Say, watch: Watch, *, last: bool
    ) -> Schema | None:
        records = Records(run, [one.version for one in migrations])
        schema = None
        with transaction(self.session, _named(migrations), records.are_there, say) as opened:
            watch.pid = opened.pid
            there = recorded(opened.connection, migrations)
            pending = [one for one in migrations if one.version not in there]
            scripts = Scripts(session=self.session, load=self.load, say=say)
            rows = [self._one(each, run, scripts, opened) for each in pending]
            records.versions = [row.version for row in rows]
            if rows:
                with translated(self.session.address, f"record {_named(migrations)}"):
                    # the whole schema costs half as much again as its fingerprint alone
                    schema = schema_of(opened.connection) if last else None
                    left = schema.fingerprint if schema else fingerprint_of(opened.connection)
                    rows[-1] = replace(rows[-1], fingerprint=left)
                    insert_applied(opened.connection, rows)
        return schema

    def _one(self, one: Prepared, run: str, scripts: Scripts, opened: Transaction) -> Applied:
        spent = scripts.run(one, "up")
        if one.migration.verify:
            spent += scripts.run(one, "verify")
        if sets(one, "up") or sets(one, "verify"):
            opened.settings_afresh()
        return applied(one, run, spent)


@dataclass(kw_only=True)
class _Back:
    session: Session
    load: Load
    migrations: Sequence[Prepared]
    expected: str | None
    empty: Sequence[Risk]

    @property
    def what(self) -> str:
        return _named(self.migrations)

    def attempt(self, watch: Watch, say: Say) -> None:
        versions = [one.version for one in self.migrations]
        gone = Records("", versions).are_gone
        with transaction(self.session, f"the way back of {self.what}", gone, say) as opened:
            watch.pid = opened.pid
            with translated(self.session.address, f"look what {self.what} would lose"):
                there = recorded(opened.connection, self.migrations)
                insist_on_nothing_written(opened.connection, self.empty, self.what)
                is_as_left = newest_fingerprint(opened.connection) == fingerprint_of(opened.connection)
            scripts = Scripts(session=self.session, load=self.load, say=say)
            for one in self.migrations:
                if one.version in there:
                    self._one(one, scripts, opened)
            with translated(self.session.address, f"roll back {self.what}"):
                delete_applied(opened.connection, versions)
                found = fingerprint_of(opened.connection)
                if self.expected is not None:
                    require_success(found, self.expected, self.what)
                if is_as_left:  # else what had drifted before would be forgotten
                    note_fingerprint(opened.connection, found)

    def _one(self, one: Prepared, scripts: Scripts, opened: Transaction) -> None:
        scripts.run(one, "down")
        if sets(one, "down"):
            opened.settings_afresh()


def _named(migrations: Sequence[Prepared]) -> str:
    return Group(tuple(migrations)).label
