"""How a run on a database ends: its line in the audit file and the notification, once, whatever happened."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from shipit.engine import events
from shipit.errors import Stop, UsageError
from shipit.migrate.outside import Outside
from shipit.migrations.records import Address, Run
from shipit.model import Notice
from shipit.notification.ending import detail_of, end_of, ending_of, outcome_of, send
from shipit.output.reporter import Declined, Reporter

if TYPE_CHECKING:
    from shipit.migrate.run import Facts, MigrationJob

P = ParamSpec("P")


@dataclass(slots=True, kw_only=True)
class Ending:
    """What a command has for its end: the run that it is, and whether audit file and people know of its end."""

    outside: Outside
    reporter: Reporter
    run: Run | None = None
    is_reported: bool = False
    began: float = field(default_factory=time.monotonic)
    _warned: set[str] = field(default_factory=set)

    def of(self, command: str) -> Run:
        """The one run of this command, which begins when it is first asked for."""
        self.run = self.run or self.outside.new_run(command)
        return self.run

    def report_end(self, command: str, why: Stop | None) -> None:
        """Write the end into the audit file and notify; `why` is None where all went well."""
        self.is_reported = True
        run, outcome, detail = self.of(command).id, outcome_of(why), detail_of(why)
        seconds = time.monotonic() - self.began
        self.note(run, "end", command=command, outcome=outcome, detail=detail, seconds=seconds)
        notice = self._notice(command, ending_of(outcome), outcome, detail, run)
        send(self.outside.project.config.notify, self.outside.notifiers, notice, self.reporter)

    def note(self, run: str, event: str, **facts: Any) -> None:
        """One line of the audit file; a full disk is said once and stops nobody."""
        address = self._address()
        where = {"host": address.host, "database": address.database, "user": address.user} if address else {}
        holder = {"actor": str(self.outside.actor)}
        warning = self.outside.audit.append(
            {"run": run, "environment": self.outside.name, "event": event, **where, **holder, **facts}
        )
        if warning and warning not in self._warned:
            self._warned.add(warning)
            self.reporter.say(warning)

    def _address(self) -> Address | None:
        """None where it is not known: what stopped the run must be reported all the same."""
        try:
            return self.outside.database.health.address
        except Stop:
            return None

    def _notice(self, command: str, ending: str, outcome: str, detail: str, run: str) -> Notice:
        address = self._address()
        body = "\n".join(filter(None, (f"run {run} on {address}" if address else f"run {run}", detail)))
        where = {"host": address.host, "database": address.database, "user": address.user} if address else {}
        name = self.outside.name
        facts = {"event": ending, "command": command, "environment": name, "run": run, "detail": detail, **where}
        facts["actor"] = str(self.outside.actor)
        return Notice(title=f"{name}: {command} {outcome}", body=body, failed=outcome != "complete", facts=facts)


def followed(
    command: str,
) -> "Callable[[Callable[Concatenate[MigrationJob, P], Facts]], Callable[Concatenate[MigrationJob, P], Facts]]":
    """Audit and notify of whatever stops the decorated command, also before its first step; errors pass through.

    Not so in a dry run, where a person said no, and for a mistake of usage or configuration: those are answers to
    whoever typed the command.
    """

    def wrap(
        act: "Callable[Concatenate[MigrationJob, P], Facts]",
    ) -> "Callable[Concatenate[MigrationJob, P], Facts]":
        @wraps(act)
        def watched(job: "MigrationJob", /, *arguments: P.args, **more: P.kwargs) -> "Facts":
            if job.options.dry_run:
                return act(job, *arguments, **more)
            try:
                return act(job, *arguments, **more)
            except (UsageError, Declined):
                raise
            except BaseException as error:
                why = end_of(error, "no step had begun")
                if why and not job.ending.is_reported:
                    job.ending.report_end(command, why)
                raise

        return watched

    return wrap


@dataclass(frozen=True, slots=True)
class Audited:
    """Emits every event to people, and to the audit file what happened."""

    ending: Ending
    run: str

    def emit(self, event: events.Event) -> None:
        self.ending.reporter.emit(event)
        if isinstance(event, events.Said):  # there is one for each statement
            return
        match event:
            case events.StepDone() | events.StepSkipped() | events.StepUndone() | events.StepFailed():
                names = ("name", "summary", "what", "seconds")
                kept = {name: getattr(event, name) for name in names if hasattr(event, name)}
                self.ending.note(self.run, type(event).__name__, **kept)
            case events.RunStarted(title=title):
                self.ending.note(self.run, "begin", summary=title)
            case events.RollingBack(why=why):
                self.ending.note(self.run, "rolling back", what=why)
            case _:
                pass
