"""How a run on a database ends: its line in the audit file and the people who are told, once, whatever happened."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from shipit import masking
from shipit.engine import events
from shipit.engine import run as engine
from shipit.errors import ALL, Interrupted, Refused, Signalled, Stop, UsageError
from shipit.migrate.outside import Site
from shipit.migrations.model import Address, Run
from shipit.output.reporter import Story

if TYPE_CHECKING:
    from shipit.migrate.run import Desk, Facts

P = ParamSpec("P")


class Declined(Refused):
    """A person was asked and said no: who sits in front need not be told, and nothing has failed."""

    def __init__(self) -> None:
        super().__init__("the answer was no", evidence=["nothing was touched"])


@dataclass(slots=True)
class Ending:
    """What a command has for its end: the run that it is, and whether audit file and people know of its end."""

    site: Site
    story: Story
    run: Run | None = None
    is_told: bool = False
    began: float = field(default_factory=time.monotonic)

    def of(self, command: str) -> Run:
        """The one run of this command, which begins when it is first asked for."""
        self.run = self.run or self.site.new_run(command)
        return self.run

    def tell(self, command: str, why: Stop | None) -> None:
        """Write the end into the audit file and notify; `why` is None where all went well."""
        self.is_told = True
        run, outcome, detail = self.of(command).id, outcome_of(why), detail_of(why)
        seconds = time.monotonic() - self.began
        self.note(run, "end", command=command, outcome=outcome, detail=detail, seconds=seconds)
        self._notify(command, outcome, detail, run)

    def note(self, run: str, event: str, **facts: Any) -> None:
        """One line of the audit file; a full disk is said and stops nobody."""
        address = self._address()
        where = {"host": address.host, "database": address.database, "user": address.user} if address else {}
        holder = {"actor": self.site.world.holder()}
        warning = self.site.audit.append(
            {"run": run, "environment": self.site.name, "event": event, **where, **holder, **facts}
        )
        if warning:
            self.story.say(warning)

    def _address(self) -> Address | None:
        """None where nobody can tell it: what stopped the run must be told all the same."""
        try:
            return self.site.database.health.address
        except Stop:
            return None

    def _notify(self, command: str, outcome: str, detail: str, run: str) -> None:
        failed = outcome != "complete"
        wanted = "failure" if failed else "success"
        notify = self.site.world.config.notify
        if wanted not in notify.on:
            return
        title = f"{self.site.name}: {command} {outcome}"
        address = self._address()
        body = "\n".join(filter(None, (f"run {run} on {address}" if address else f"run {run}", detail)))
        try:
            notifier = self.site.notifier
            lost = notifier.notify(title, body, failed=failed) if notifier else ()
        except Stop as why:
            lost = (why.what,)
        for line in lost:
            self.story.say(f"nobody could be told: {line}")


def followed(
    command: str,
) -> "Callable[[Callable[Concatenate[Desk, P], Facts]], Callable[Concatenate[Desk, P], Facts]]":
    """Whatever stops the decorated command is audited and told, also before its first step; errors pass through.

    Not so in a dry run, where a person said no, and for a mistake of usage or configuration: those are answers to
    whoever typed the command.
    """

    def wrap(act: "Callable[Concatenate[Desk, P], Facts]") -> "Callable[Concatenate[Desk, P], Facts]":
        @wraps(act)
        def watched(desk: "Desk", /, *arguments: P.args, **more: P.kwargs) -> "Facts":
            if desk.options.dry_run:
                return act(desk, *arguments, **more)
            try:
                return act(desk, *arguments, **more)
            except (UsageError, Declined):
                raise
            except BaseException as error:
                why = _as_stop(error)
                if why and not desk.ending.is_told:
                    desk.ending.tell(command, why)
                raise

        return watched

    return wrap


def outcome_of(why: Stop | None) -> str:
    """In the words of the exit codes: `complete`, `refused`, `taken back` …"""
    if why is None:
        return "complete"
    return next(kind.title for kind in ALL if kind.exit_code == why.exit_code)


def detail_of(why: Stop | None) -> str:
    """What happened, in one line; it also goes into the ledger, which is no door that masks."""
    return masking.mask("; ".join((why.what, *why.evidence))) if why else ""


@dataclass(frozen=True, slots=True)
class Audited:
    """Tells every event to people and, what happened, to the audit file."""

    ending: Ending
    run: str

    def tell(self, event: events.Event) -> None:
        self.ending.story.tell(event)
        if isinstance(event, events.Said):  # there is one for each statement
            return
        match event:
            case events.StepDone() | events.StepSkipped() | events.StepUndone() | events.StepFailed():
                names = ("name", "summary", "what", "seconds")
                kept = {name: getattr(event, name) for name in names if hasattr(event, name)}
                self.ending.note(self.run, type(event).__name__, **kept)
            case events.RunStarted(title=title):
                self.ending.note(self.run, "begin", summary=title)
            case events.TakingBack(why=why):
                self.ending.note(self.run, "taking back", what=why)
            case _:
                pass


def _as_stop(error: BaseException) -> Stop | None:
    """None for what is no end of a run, such as the interpreter's own way out."""
    match error:
        case Stop():
            return error
        case Signalled():
            return Interrupted(f"interrupted by {error}", evidence=["no step had begun"])
        case Exception():
            return engine.as_stop(error)
        case _:
            return None
