"""Run scanners side by side, each to an answer: whatever goes wrong in one is its verdict, not the end of all."""

import time
from collections.abc import Sequence
from threading import Event

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shipit.engine import events
from shipit.engine.ending import as_stop
from shipit.engine.plan import Say, done
from shipit.engine.preview import Emit
from shipit.engine.side_by_side import run_side_by_side
from shipit.errors import Stop, UsageError
from shipit.gates.ports import Scanner
from shipit.gates.scan_words import in_short
from shipit.scans.judging import Answer, Judged, verdict_of
from shipit.scans.model import Sighting
from shipit.scans.policy import Policy

QUOTES_SOURCE = frozenset({"bandit", "semgrep", "codeql", "trivy", "trufflehog"})
"""Scans whose programs print lines of the files that they read, where secrets may stand: never shown."""
TITLE = "Verify security"
_ODD = "its report is of another shape"


class Unmade(Struct, frozen=True):
    """Plays ports.Scanner for one that cannot be made, so that the others are."""

    name: str
    error: Stop

    def nothing(self) -> str:
        return ""

    def scan(self, say: Say) -> Sighting:
        raise self.error


class _Scan(Struct, frozen=True):
    """A scan in its place among the others."""

    scanner: Scanner
    number: int
    total: int

    @property
    def name(self) -> str:
        return self.scanner.name

    @property
    def summary(self) -> str:
        return f"Scan with {self.name}" if self.name != "sbom" else "Make the bill of materials"


def scan(scanners: Sequence[Scanner], policy: Policy, emit: Emit, is_stopping: Event) -> tuple[Judged, ...]:
    """All of them at once; returns their verdicts in the order of the scanners.

    `is_stopping` is set where a signal ends the run: scanners are not waited for then.
    """
    judged: dict[str, Judged] = {}
    total = len(scanners)

    def make(one: _Scan, emit: Emit) -> None:
        judged[one.name] = _judged(one, policy, emit)

    rows = [_Scan(scanner, number, total) for number, scanner in enumerate(scanners, 1)]
    emit(events.RunStarted(TITLE, tuple((one.name, one.summary) for one in rows), None))
    for _, error in run_side_by_side(rows, make, emit, is_stopping):
        raise error
    return tuple(judged[one.name] for one in rows)


def _judged(one: _Scan, policy: Policy, emit: Emit) -> Judged:
    emit(events.StepStarted(one.name, one.summary, one.number, one.total))
    result = verdict_of(ask(one.scanner), policy)
    words, seconds = in_short(result), result.answer.seconds
    if result.passed:
        emit(events.StepDone(one.name, one.summary, done(words), seconds, one.number, one.total))
    else:
        emit(events.StepFailed(one.name, one.summary, words, seconds))
    return result


def ask(scanner: Scanner) -> Answer:
    """What comes back of one scanner; nothing but a signal gets out of it."""
    began = time.monotonic()
    notes: list[str] = []
    answer = _ask(scanner, notes.append)
    return replace(answer, seconds=time.monotonic() - began, notes=tuple(notes))


def _ask(scanner: Scanner, say: Say) -> Answer:
    name = scanner.name
    try:
        if why := scanner.nothing():
            return Answer(scan=name, nothing=why)
        found = scanner.scan(say)
        return Answer(scan=name, sighting=found) if _has_its_shape(found) else Answer(scan=name, failure=_ODD)
    except UsageError as error:
        return Answer(scan=name, missing=error.what, said=_explained(name, error))
    except Exception as error:  # noqa: BLE001 - the other scans still have something to say
        return _failed(name, error)


def _has_its_shape(found: Sighting) -> bool:
    """Whether what was taken from the report of a scanner is text where text is meant, and so on."""
    try:
        msgspec.convert(msgspec.to_builtins(found), Sighting)
    except (msgspec.ValidationError, UnicodeError):
        return False
    return True


def _failed(name: str, error: Exception) -> Answer:
    stop = as_stop(error)
    if type(stop) is not Stop:
        return Answer(scan=name, failure=stop.what, said=_explained(name, stop))
    # what is wrong may quote what was read
    return Answer(scan=name, failure=f"a bug in shipit: {type(error).__name__}", said=stop.evidence)


def _explained(name: str, stop: Stop) -> tuple[str, ...]:
    """Its evidence and its hint, without what may be a line of a file."""
    hint = (f"hint: {stop.hint}",) if stop.hint else ()
    if name in QUOTES_SOURCE and stop.evidence and not isinstance(stop, UsageError):
        many = len(stop.evidence)
        lines = "a line" if many == 1 else f"{many} lines"
        return (f"it said {lines}, not shown here since secrets may stand there", *hint)
    return (*stop.evidence, *hint)
