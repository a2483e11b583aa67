"""Preview, carry out, take back: the only code that knows in which order steps are asked and run."""

import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from shipit.engine import events
from shipit.engine.plan import Look, Plan, Problem, State, Step, Undoable
from shipit.errors import (
    Contested,
    Interrupted,
    LostRace,
    Refused,
    Signalled,
    Stop,
    StoppedHalfway,
    TakenBack,
    Trouble,
)

T = TypeVar("T")
Tell = Callable[[events.Event], None]
AGAIN = "mend that, then run the same command again"


class Preview(Struct, frozen=True):
    """What every check and every step answered before anything was touched."""

    checked: tuple[events.Checked, ...]
    looked: tuple[events.Looked, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        found = [problem for check in self.checked for problem in check.problems]
        found += [
            Problem(f"{one.name}: something else is there", one.look.evidence)
            for one in self.looked
            if one.look.state is State.CONFLICT
        ]
        return tuple(found)

    @property
    def missing(self) -> tuple[events.Looked, ...]:
        return tuple(one for one in self.looked if one.look.state is not State.DONE)


def preview(plan: Plan, tell: Tell = lambda _: None) -> Preview:
    """Ask every check and every step; trouble with one is a problem among the others, not the end."""
    checked: list[events.Checked] = []
    looked: list[events.Looked] = []
    for check in plan.checks:
        problems = _answer(check.problems, lambda trouble: (_as_problem(trouble),))
        checked.append(events.Checked(check.name, check.summary, tuple(problems)))
        tell(checked[-1])
    for step in plan.steps:
        look = _answer(step.look, lambda trouble: Look(State.CONFLICT, _one_line(trouble)))
        looked.append(events.Looked(step.name, step.summary, look))
        tell(looked[-1])
    return Preview(tuple(checked), tuple(looked))


def carry_out(plan: Plan, tell: Tell) -> None:
    """Run what is absent, in order, and look again after each; on failure take back or stop, and say which.

    Raises Refused, TakenBack, LostRace, StoppedHalfway or Interrupted.
    """
    try:
        refuse(plan, preview(plan, tell))
    except Signalled as signal:
        raise Interrupted(f"interrupted by {signal}", evidence=["nothing was touched"]) from None
    run = _Run(plan, tell)
    began = time.monotonic()
    try:
        tell(events.RunStarted(plan.title, tuple((s.name, s.summary) for s in plan.steps), plan.turning_point))
        for number, step in enumerate(plan.steps, 1):
            run.perform(step, number)
        tell(events.RunFinished("complete", 0, time.monotonic() - began))
    except Signalled as signal:
        run.stop(Interrupted(f"interrupted by {signal}"))
    except Stop as why:
        run.stop(why)
    except Exception as bug:  # noqa: BLE001 - also a bug must not leave a lock behind
        run.stop(as_stop(bug))


def as_stop(bug: Exception) -> Stop:
    """A bug in the words of every other way to stop, with the innermost places as evidence."""
    frames = traceback.extract_tb(bug.__traceback__)[-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    return Stop(f"a bug in shipit: {type(bug).__name__}: {bug}", evidence=places, hint="please report it")


def refuse(plan: Plan, seen: Preview) -> None:
    """Raise Refused with every problem of the preview, if there is any."""
    if not seen.problems:
        return
    lines = [line for problem in seen.problems for line in (problem.what, *_indented(problem.evidence))]
    hints = [problem.hint for problem in seen.problems if problem.hint]
    count = len(seen.problems)
    raise Refused(
        f"{plan.title}: {count} problem{'s' if count > 1 else ''} found before anything was touched",
        evidence=lines,
        hint="; ".join(dict.fromkeys(hints)) or AGAIN,
    )


def take_back(steps: Sequence[Step], tell: Tell, why: str, stuck: str = Plan("", ()).stuck) -> None:
    """Undo in reverse order every effect that is there; raises StoppedHalfway if one cannot be undone."""
    tell(events.TakingBack(why))
    for step in reversed(steps):
        if not isinstance(step, Undoable):
            continue
        started = time.monotonic()
        try:
            step.undo(lambda line, name=step.name: tell(events.Said(name, line)))  # type: ignore[misc]
        except Trouble as trouble:
            raise StoppedHalfway(
                f"{step.name} could not be taken back: {trouble.what}",
                where=trouble.where,
                evidence=trouble.evidence,
                hint=stuck,
            ) from trouble
        tell(events.StepUndone(step.name, step.summary, time.monotonic() - started))


class _Run:
    """Where one run of a plan stands: what it has begun, and whether the point of no return is behind it."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self.plan = plan
        self.tell = tell
        self.begun: list[Step] = []
        self.changed = False
        self.only_forward = plan.turning_point is None
        self.current: Step | None = None
        self.since = time.monotonic()

    def perform(self, step: Step, number: int) -> None:
        total = len(self.plan.steps)
        self.current = step
        self.since = time.monotonic()
        self.begun.append(step)
        look = step.look()
        if look.state is State.CONFLICT:
            raise LostRace("something else appeared during the run", evidence=[look.evidence])
        if look.state is State.DONE:
            self.tell(events.StepSkipped(step.name, step.summary, look, number, total))
        else:
            self.tell(events.StepStarted(step.name, step.summary, number, total))
            seen = self._make(step)
            self.tell(events.StepDone(step.name, step.summary, seen, time.monotonic() - self.since, number, total))
        if step.name == self.plan.turning_point:
            self.only_forward = True
            self.tell(events.TurningPointPassed(step.name))

    def _make(self, step: Step) -> Look:
        """Run it, then believe only what can be seen: also when the answer to the request was lost."""
        self.changed = True
        why: Trouble | None = None
        name = step.name  # some put it together anew, and a migration says a line for each of its statements
        try:
            step.run(lambda line: self.tell(events.Said(name, line)))
        except Trouble as trouble:
            why = trouble
        try:
            seen = step.look()
        except Trouble:
            if why is not None:  # what went wrong first is the reason
                raise why from why.__cause__
            raise
        if seen.state is State.DONE:
            return seen
        if why is not None:
            raise why
        raise Trouble("it ran, but its effect cannot be seen", evidence=[seen.evidence] if seen.evidence else [])

    def stop(self, why: Stop) -> None:
        """Decide what a failure means here, act on it, and raise the class that says so."""
        name = self.current.name if self.current else "start"
        if self.current:
            seconds = time.monotonic() - self.since
            _quietly(self.tell, events.StepFailed(name, self.current.summary, why.what, seconds))
        if isinstance(why, StoppedHalfway) or self._turned():
            raise _forward(name, why, self.plan.resume) from why
        if self.changed:
            self._take_back(name, why)
            if self._turned():  # the server went on with a push whose client was gone
                raise _forward(name, why, self.plan.resume) from why
        raise _backward(name, why, changed=self.changed) from why

    def _take_back(self, name: str, why: Stop) -> None:
        try:
            take_back(self.begun, lambda event: _quietly(self.tell, event), f"{name}: {why.what}", self.plan.stuck)
        except (StoppedHalfway, LostRace) as stuck:  # both are told: what went wrong first comes first
            interrupted = isinstance(why, Interrupted) and isinstance(stuck, LostRace)
            raise (Interrupted if interrupted else type(stuck))(
                f"{name}: {why.what}",
                where=why.where,
                evidence=(*why.evidence, stuck.what, *stuck.evidence),
                hint=stuck.hint,
            ) from why

    def _turned(self) -> bool:
        """Ask the outside whether the turning point is behind us: its answer may have been lost."""
        if self.only_forward or self.current is None or self.current.name != self.plan.turning_point:
            return self.only_forward
        try:
            return self.current.look().state is State.DONE
        except Trouble as trouble:
            raise StoppedHalfway(
                f"{self.current.name}: nobody can say whether it happened: {trouble.what}",
                evidence=trouble.evidence,
                hint=f"{self.plan.resume} once the other side answers",
            ) from trouble


def _forward(name: str, why: Stop, resume: str) -> Stop:
    if isinstance(why, Interrupted):
        return Interrupted(f"interrupted at {name}, past the point of no return", hint=resume)
    return StoppedHalfway(
        f"{name}: {why.what}", where=why.where, evidence=why.evidence, hint=_join(why.hint, resume)
    )


def _backward(name: str, why: Stop, *, changed: bool) -> Stop:
    kind: type[Stop] = TakenBack if changed else Refused
    if isinstance(why, Interrupted | Refused | LostRace) or type(why) is Stop:
        kind = type(why)  # the last is a bug, and stays one
    elif isinstance(why, Contested):
        kind = LostRace
    evidence = (*why.evidence, "everything is as before" if changed else "nothing was touched")
    return kind(f"{name}: {why.what}", where=why.where, evidence=evidence, hint=why.hint or AGAIN)


def _quietly(tell: Tell, event: events.Event) -> None:
    """On the way out a full disk must not keep us from taking back."""
    try:
        tell(event)
    except Trouble:
        return


def _answer(question: Callable[[], T], otherwise: Callable[[Stop], T]) -> T:
    try:
        return question()
    except Stop as trouble:
        return otherwise(trouble)


def _as_problem(trouble: Stop) -> Problem:
    return Problem(trouble.what, "\n".join(trouble.evidence), trouble.hint or "")


def _one_line(trouble: Stop) -> str:
    return "; ".join((trouble.what, *trouble.evidence))


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]


def _join(*hints: str | None) -> str:
    return "; ".join(hint for hint in hints if hint)
