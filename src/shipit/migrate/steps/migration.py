"""The steps of a migration: back up, rehearse, apply or roll back by down scripts, verify the rows."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import ExternalError, Unavailable
from shipit.migrate.ports import BackupStore, Database
from shipit.migrate.steps import connection
from shipit.migrate.steps.run import HoldLock, Notebook, tables_of
from shipit.migrations.model import Group, Prepared


class TakeBackup(Struct, frozen=True, kw_only=True):
    """A backup that was read back whole counts as taken; without anything to apply there is none."""

    database: Database
    notebook: Notebook
    is_needed: Callable[[], bool]
    store: BackupStore | None = None
    name: str = "backup"

    @property
    def summary(self) -> str:
        stored = ", then store it elsewhere" if self.store else ""
        return f"Back the database up and read the backup back whole{stored}"

    def look(self) -> Look:
        taken = self.notebook.backup
        if taken is not None:
            return done(f"{taken.path}, {taken.size:,} bytes, {taken.seconds:.1f} s")
        return absent() if self.is_needed() else done("nothing is left to do")

    def run(self, say: Say) -> None:
        taken = self.database.backups.take(self.notebook.run.id, say)
        if self.store is not None:
            self.store.put(taken.path, say)
        if not self.database.guard.is_held():  # idle for so long, our session may have been ended
            raise Unavailable("the migration lock was lost during the backup", hint="run the same command again")
        self.notebook.backup = taken


class Rehearse(Struct, frozen=True, kw_only=True):
    """Try everything on an empty copy of the schema, down scripts included."""

    database: Database
    notebook: Notebook
    groups: Sequence[Group]
    name: str = "rehearsal"
    summary: str = "Try it on an empty copy of the schema"

    def look(self) -> Look:
        if self.notebook.rehearsed:
            return done("up, and down again where there are down scripts")
        return absent() if _pending(self.database, self.groups) else done("nothing is left to do")

    def run(self, say: Say) -> None:
        left = {one.version for one in _pending(self.database, self.groups)}
        groups = [[one for one in group.migrations if one.version in left] for group in self.groups]
        self.database.rehearsal.rehearse([group for group in groups if group], say)
        self.notebook.rehearsed = True


class Apply(Struct, frozen=True, kw_only=True):
    """One transaction with everything in it, the rows of the ledger too; or one statement that can be in none."""

    database: Database
    notebook: Notebook
    group: Group
    lock: HoldLock
    detail: str = ""
    last: bool = False

    @property
    def name(self) -> str:
        first, last = self.group.migrations[0], self.group.migrations[-1]
        return f"apply-{first.version}" if first is last else f"apply-{first.version}-to-{last.version}"

    @property
    def summary(self) -> str:
        return f"Apply {self.group.label}{f' ({self.detail})' if self.detail else ''}"

    def look(self) -> Look:
        recorded = {row.version: row for row in self.database.ledger.applied()}
        edited = [
            one.label
            for one in self.group.migrations
            if one.version in recorded and recorded[one.version].sha256 != one.migration.up.sha256
        ]
        if edited:
            return conflict(f"applied with another content: {', '.join(edited)}")
        left = [one for one in self.group.migrations if one.version not in recorded]
        if not left:
            rows = [recorded[one.version] for one in self.group.migrations]
            return done(f"recorded, {sum(row.milliseconds for row in rows):,} ms")
        if self.group.solo and self.database.runner.settled(left[0]) is None:
            return absent("begun by a run that died: the catalog decides")
        there = len(self.group.migrations) - len(left)
        return absent(f"{there} of {len(self.group.migrations)} are there" if there else "")

    def run(self, say: Say) -> None:
        runner, run = self.database.runner, self.notebook.run.id
        if not self.database.guard.is_held():  # gone with the session in which a reply to COMMIT was lost
            self.lock.run(say)
        try:
            if self.group.solo:
                runner.apply_solo(self.group.migrations[0], run, say)
            else:
                self.notebook.schema = runner.apply(self.group.migrations, run, say, last=self.last)
        except ExternalError as why:
            connection.settle(self.database, why, say)
            raise


class TakeDown(Struct, frozen=True, kw_only=True):
    """The down scripts, newest first, in one transaction."""

    database: Database
    notebook: Notebook
    migrations: Sequence[Prepared]
    name: str = "take-down"

    @property
    def summary(self) -> str:
        return f"Roll back {', '.join(one.label for one in self.migrations)}"

    def look(self) -> Look:
        recorded = {row.version for row in self.database.ledger.applied()}
        left = [one.label for one in self.migrations if one.version in recorded]
        return absent() if left else done("the ledger has none of them")

    def run(self, say: Say) -> None:
        try:
            self.database.runner.revert(self.migrations, self.notebook.run.id, say)
        except ExternalError as why:
            connection.settle(self.database, why, say)
            raise


class VerifyRows(Struct, frozen=True, kw_only=True):
    """Tables that no script touched have not lost a row, unless somebody else was at work.

    `may_cascade`: rows were changed by statements whose triggers and foreign keys nobody has followed.
    """

    database: Database
    notebook: Notebook
    touched: frozenset[str]
    may_cascade: bool
    name: str = "verify"
    summary: str = "Compare the tables that nothing touched with before"

    def look(self) -> Look:
        return done(self.notebook.verified) if self.notebook.verified else absent()

    def run(self, say: Say) -> None:
        baseline = self.notebook.baseline
        before = baseline.counts if baseline else {}
        kept = {table: count for table, count in before.items() if not self._may_shrink(table)}
        now = self.database.catalog.counts(kept)
        fewer = [
            f"{table}: {count:,} rows before, {now.get(table, 0):,} now"
            for table, count in kept.items()
            if now.get(table, 0) < count
        ]
        others = self.database.catalog.foreign_since(baseline.mark) if fewer and baseline else 0
        if fewer and not others and not self.may_cascade:
            raise ExternalError("rows are gone from tables that no migration names", evidence=fewer)
        for line in fewer:
            say(f"{line}; {others} transactions of others since")
        left = self.notebook.schema = self.notebook.schema or self.database.catalog.schema()
        self.notebook.verified = f"{tables_of(now)}, catalog {left.fingerprint[:12]}"

    def _may_shrink(self, table: str) -> bool:
        return table in self.touched or table.rpartition(".")[2] in self.touched


def _pending(database: Database, groups: Sequence[Group]) -> Sequence[Prepared]:
    recorded = {row.version for row in database.ledger.applied()}
    return [one for group in groups for one in group.migrations if one.version not in recorded]
