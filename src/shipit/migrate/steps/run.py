"""The steps around the migrations of a run: hold the lock, begin, write down how it ended."""

import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shipit.engine.plan import Look, Problem, Say, absent, done
from shipit.errors import Refused
from shipit.migrate.ports import Database
from shipit.migrate.steps.way_back import WayBack
from shipit.migrations.drift import Schema
from shipit.migrations.records import Backup, Baseline, Run


class Notebook(Struct, kw_only=True):
    """What a run has found out so far and nobody outside could tell again; it dies with the process."""

    run: Run
    baseline: Baseline | None = None
    backup: Backup | None = None
    rehearsed: bool = False
    verified: str = ""
    schema: Schema | None = None


class HoldLock(Struct, frozen=True, kw_only=True):
    """One run at a time; the lock dies with its session, so nobody need ever clean it up."""

    database: Database
    patience: float
    name: str = "lock"
    summary: str = "Hold the migration lock of the database"

    def look(self) -> Look:
        return done("it is ours") if self.database.guard.is_held() else absent()

    def run(self, say: Say) -> None:
        self.database.guard.take(self.patience, say)


class Begin(Struct, frozen=True, kw_only=True):
    """Under the lock: what was read before still holds, the database is bound, the run is written down.

    `objections` reads files and ledger again. Undoing it is the ladder: it rolls back what the whole run did.
    """

    database: Database
    notebook: Notebook
    environment: str
    objections: Callable[[], Sequence[Problem]]
    way_back: WayBack
    name: str = "begin"
    summary: str = "Read the ledger again and remember how the database stands"

    def look(self) -> Look:
        baseline = self.notebook.baseline
        return done(f"catalog {baseline.fingerprint[:12]}, {tables_of(baseline.counts)}") if baseline else absent()

    def run(self, say: Say) -> None:
        found = self.objections()
        if found:
            raise Refused(
                "the database changed between the look and the lock",
                evidence=[problem.what for problem in found],
                hint="run the same command again",
            )
        ledger = self.database.ledger
        ledger.bind(self.environment)
        for dead in ledger.runs() if self.database.guard.lasts() else ():
            if dead.ended is None:  # we hold the lock, so nobody runs it
                ledger.close_run(
                    replace(dead, ended=time.time(), outcome="killed", detail="it never said how it ended")
                )
        ledger.open_run(self.notebook.run)
        self.notebook.baseline = self.database.catalog.baseline()

    def undo(self, say: Say) -> None:
        self.way_back.go(self.notebook.baseline, self.notebook.backup, say)


class Record(Struct, frozen=True, kw_only=True):
    """The run's own row says that it is complete."""

    database: Database
    notebook: Notebook
    name: str = "record"
    summary: str = "Write the end of the run into the ledger"

    def look(self) -> Look:
        found = next((run for run in self.database.ledger.runs() if run.id == self.notebook.run.id), None)
        return done(f"run {found.id}") if found and found.outcome == "complete" else absent()

    def run(self, say: Say) -> None:
        backup = self.notebook.backup.path if self.notebook.backup else ""
        ended = replace(self.notebook.run, ended=time.time(), outcome="complete", backup=backup)
        self.database.ledger.close_run(ended, self.notebook.schema or self.database.catalog.schema())


def tables_of(counts: Mapping[str, int]) -> str:
    """How many tables with how many rows, in words."""
    tables, rows = len(counts), sum(counts.values())
    return f"{tables} table{'s' if tables != 1 else ''} with {rows:,} row{'s' if rows != 1 else ''}"
