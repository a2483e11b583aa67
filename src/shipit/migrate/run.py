"""What every run on a database has around it: the plan, the report, the audit, and notification of the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from shipit.engine.plan import Plan
from shipit.engine.run import carry_out
from shipit.errors import Refused, Stop, StoppedHalfway
from shipit.migrate.ending import Audited, Ending
from shipit.migrate.files import ReadFiles
from shipit.migrate.outside import Outside
from shipit.migrate.ports import Database
from shipit.migrations.model import Group, Prepared
from shipit.notification.ending import detail_of, outcome_of
from shipit.output.reporter import Declined, Reporter

if TYPE_CHECKING:
    from shipit.migrate.recipe import MigrationContext

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asked for: `to` a version, `loss` the foreign transactions that may be lost."""

    to: str | None = None
    dry_run: bool = False
    loss: int = 0


@dataclass(slots=True, kw_only=True)
class MigrationJob:
    """One command on one environment."""

    outside: Outside
    options: Options
    reporter: Reporter
    ending: Ending = field(init=False)

    def __post_init__(self) -> None:
        self.ending = Ending(outside=self.outside, reporter=self.reporter)

    @property
    def database(self) -> Database:
        return self.outside.database

    def parts(
        self,
        command: str,
        reading: ReadFiles,
        groups: tuple[Group, ...] = (),
        back: tuple[Prepared, ...] = (),
    ) -> "MigrationContext":
        """What the recipes of this environment are made of."""
        from shipit.migrate.recipe import MigrationContext
        from shipit.migrate.steps.run import Notebook

        outside, to = self.outside, self.options.to if command == "migrate" else None
        return MigrationContext(
            environment=outside.name,
            settings=outside.settings,
            options=outside.options,
            store=outside.store,
            policy=outside.policy,
            database=outside.database,
            notebook=Notebook(run=self.ending.of(command)),
            objections=lambda: reading.objections(outside.database, to),
            groups=groups,
            back=back,
        )

    def carry_out(self, plan: Plan, made: "MigrationContext", remarks: Sequence[str], question: str) -> Facts:
        """Show the plan of a dry run, or run it; the end is audited and notified, however it comes."""
        run = made.notebook.run
        if remarks:
            self.reporter.say("\n".join(remarks))
        if self.options.dry_run:
            self.reporter.preview(plan)
            return {"run": "", "backup": ""}
        self._confirm(plan, question)
        try:
            carry_out(plan, Audited(self.ending, run.id).emit)
        except Stop as why:
            stop = _with_standing(why, made)
            self._close(made, stop)
            self.ending.report_end(run.command, stop)
            raise stop from why.__cause__
        self.ending.report_end(run.command, None)
        self._prune(made)
        return {"run": run.id, "backup": made.notebook.backup.path if made.notebook.backup else ""}

    def _close(self, made: "MigrationContext", why: Stop) -> None:
        """The run's own row says how it ended, where there is one."""
        if made.notebook.baseline is None:
            return
        row = replace(made.notebook.run, ended=time.time(), outcome=outcome_of(why), detail=detail_of(why))
        # where it stays at the last good version, what is there then is what later drift is compared with
        is_left = isinstance(why, StoppedHalfway)
        _quietly(lambda: self.database.ledger.close_run(row, self.database.catalog.schema() if is_left else None))

    def _prune(self, made: "MigrationContext") -> None:
        """Keep as many backups as are asked for; one that cannot be removed is no reason to fail."""
        if made.notebook.backup is None:
            return
        try:
            for name in self.database.backups.prune(self.outside.options.backup.keep):
                self.reporter.say(f"removed the old backup {name}")
        except Stop as why:
            self.reporter.say(f"old backups stay: {why.what}")

    def note(self, run: str, event: str, **facts: Any) -> None:
        """One line of the audit file; a full disk is said and stops nobody."""
        self.ending.note(run, event, **facts)

    def refuse_wrong_database(self) -> None:
        """Raises Refused if the database was bound to another environment."""
        if self.database.ledger.identity() in {None, self.outside.name}:
            return
        from shipit.migrate.checks import RightDatabase

        [problem] = RightDatabase(database=self.database, environment=self.outside.name).problems()
        raise Refused(problem.what, where=problem.evidence, hint=problem.hint)

    def _confirm(self, plan: Plan, question: str) -> None:
        if self.reporter.ask is None or not self.outside.options.confirm:
            return
        self.reporter.preview(plan)
        if not self.reporter.ask(question):
            raise Declined


def _with_standing(why: Stop, made: "MigrationContext") -> Stop:
    """Behind the point of no return also say what is committed, and the way back that a person can go."""
    if not isinstance(why, StoppedHalfway) or any(line.startswith("last good version:") for line in why.evidence):
        return why
    from shipit.migrate.recipe import way_back

    try:
        left = way_back(made).left(made.notebook.baseline, made.notebook.backup)
    except Stop:
        return why
    if left is None:
        return why
    evidence = (*why.evidence, *left.evidence)
    return StoppedHalfway(why.what, where=why.where, evidence=evidence, hint=left.hint)


def _quietly(act: Callable[[], None]) -> None:
    """The run has failed already; that its row cannot be written too changes nothing."""
    try:
        act()
    except Stop:
        return
