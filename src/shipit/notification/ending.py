"""The end of a run in words, and the notification of it."""

from collections.abc import Iterable, Sequence

from shipit import masking
from shipit.config import Notify
from shipit.engine.ending import as_stop
from shipit.errors import ALL, Interrupted, Signalled, Stop
from shipit.model import Notice
from shipit.notification.ports import Notifier
from shipit.output.reporter import Reporter

_ENDINGS = {
    "complete": "complete",
    "rolled back": "rolled-back",
    "stopped half-way": "stopped-half-way",
    "interrupted": "interrupted",
}
"""Outcome of a run to its name in notify.on; all others touched nothing, and are refusals."""


def outcome_of(why: Stop | None) -> str:
    """In the words of the exit codes: `complete`, `refused`, `rolled back` …"""
    if why is None:
        return "complete"
    return next(kind.title for kind in ALL if kind.exit_code == why.exit_code)


def detail_of(why: Stop | None) -> str:
    """What happened and where, in one line; it also goes where no door masks."""
    return masking.mask("; ".join(filter(None, (why.what, why.where, *why.evidence)))) if why else ""


def ending_of(outcome: str) -> str:
    """Its name in notify.on."""
    return _ENDINGS.get(outcome, "refused")


def end_of(error: BaseException, *evidence: str) -> Stop | None:
    """The end that an error is; None for what is none, such as the interpreter's own way out.

    `evidence` is what to say of a run that a signal interrupted.
    """
    match error:
        case Stop():
            return error
        case Signalled():
            return Interrupted(f"interrupted by {error}", evidence=evidence)
        case Exception():
            return as_stop(error)
        case _:
            return None


def send(options: Notify, notifiers: Iterable[Notifier], notice: Notice, reporter: Reporter) -> None:
    """Notify of an end, if `options` names it; what goes wrong with that is said and changes nothing."""
    if notice.facts["event"] not in options.on:
        return
    for line in _lost(notifiers, notice):
        reporter.say(f"nobody could be notified: {line}")


def _lost(notifiers: Iterable[Notifier], notice: Notice) -> Sequence[str]:
    try:
        return [line for notifier in notifiers for line in notifier.notify(notice)]
    except Signalled as signal:  # it ends the waiting; what was to be notified of has happened all the same
        return [f"interrupted by {signal}"]
    except Exception as error:  # noqa: BLE001 - a notifier may raise anything, and it changes nothing
        return [as_stop(error).what]
