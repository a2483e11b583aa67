"""Carry out a plan and roll it back: the only code that knows in which order steps are asked, run and undone."""

import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

from shipit.engine import events
from shipit.engine.plan import End, Hints, Look, Plan, State, Step, Together, Undoable
from shipit.engine.preview import Emit, preview, refuse
from shipit.errors import (
    ExternalError,
    Interrupted,
    LeaseLost,
    LostRace,
    Refused,
    RolledBack,
    Signalled,
    Stop,
    StoppedHalfway,
)

_USUAL = Hints()


def carry_out(plan: Plan, emit: Emit) -> None:
    """Run what is absent, in order, and look again after each; on failure roll back or stop, and say which.

    The plan's guard is freed on every way out. Raises Refused, RolledBack, LostRace, StoppedHalfway or Interrupted.
    """
    run, began = _Run(plan, emit), time.monotonic()
    try:
        run.whole()
    except Stop as stop:
        kept = _free(plan, run.end) if run.current else ()
        _quietly(emit, events.RunFinished(stop.title, stop.exit_code, time.monotonic() - began))
        stop.evidence = (*stop.evidence, *kept)
        raise
    run.free_guard()
    _quietly(emit, events.RunFinished(End.COMPLETE, 0, time.monotonic() - began))


def as_stop(bug: Exception) -> Stop:
    """A bug in the words of every other way to stop, with the innermost places as evidence."""
    frames = traceback.extract_tb(bug.__traceback__)[-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    return Stop(f"a bug in shipit: {type(bug).__name__}: {bug}", evidence=places, hint="please report it")


def roll_back(steps: Sequence[Step], emit: Emit, why: str, hints: Hints = _USUAL) -> None:
    """Undo in reverse order every effect that is there; raises StoppedHalfway if one cannot be undone."""
    emit(events.RollingBack(why))
    for step in reversed(steps):
        if not isinstance(step, Undoable):
            continue
        started = time.monotonic()
        try:
            step.undo(lambda line, name=step.name: emit(events.Said(name, line)))  # type: ignore[misc]
        except ExternalError as error:
            raise StoppedHalfway(
                f"{step.name} could not be undone: {error.what}",
                where=error.where,
                evidence=error.evidence,
                hint=hints.stuck,
            ) from error
        emit(events.StepUndone(step.name, step.summary, time.monotonic() - started))


class _Run:
    """Where one run of a plan stands: what it made, what it found, and whether there is still a way back."""

    def __init__(self, plan: Plan, emit: Emit) -> None:
        self.plan = plan
        self.emit = emit
        self.made: list[Step] = []
        self.found: list[Step] = []
        self.only_forward = plan.point_of_no_return is None
        self.current: Step | None = None
        self.end = End.REFUSED
        self.since = time.monotonic()
        self._numbers = {step.name: number for number, step in enumerate(plan.all_steps, 1)}

    def whole(self) -> None:
        plan = self.plan
        try:
            refuse(preview(plan, self.emit))
        except Signalled as signal:
            raise Interrupted(f"interrupted by {signal}", evidence=["nothing was touched"]) from None
        try:
            names = tuple((step.name, step.summary) for step in plan.all_steps)
            self.emit(events.RunStarted(plan.title, names, plan.point_of_no_return))
            for step in plan.steps:
                if isinstance(step, Together):
                    _SideBySide(self).perform(step.steps)
                else:
                    self.perform(step)
        except Signalled as signal:
            self._stop(Interrupted(f"interrupted by {signal}"))
        except Stop as why:
            self._stop(why)
        except Exception as bug:  # noqa: BLE001 - also a bug must not leave a lock behind
            self._stop(as_stop(bug))

    def perform(self, step: Step) -> None:
        """Look, run what is absent, and pass the point of no return where the step is that."""
        self.current = step
        self.since = time.monotonic()
        if self.is_absent(step):
            self.make(step, self.emit)
        if step.name == self.plan.point_of_no_return:
            self.only_forward = True
            self.emit(events.PointOfNoReturnPassed(step.name))

    def is_absent(self, step: Step) -> bool:
        """Whether the step has to run; raises LostRace if somebody else's effect is there by now."""
        look = step.look()
        if look.state is State.CONFLICT:
            raise LostRace("a conflict appeared during the run", evidence=[look.evidence])
        if look.state is State.DONE:
            self.found.append(step)
            self.emit(events.StepSkipped(step.name, step.summary, look, *self._place(step)))
        return look.state is State.ABSENT

    def make(self, step: Step, emit: Emit) -> None:
        """Run it, then believe only what can be seen: also when the answer to the request was lost."""
        started = time.monotonic()
        emit(events.StepStarted(step.name, step.summary, *self._place(step)))
        self.made.append(step)
        error: ExternalError | None = None
        name = step.name  # some put it together anew, and a migration says a line for each of its statements
        try:
            step.run(lambda line: emit(events.Said(name, line)))
        except ExternalError as caught:
            error = caught
        seen = _look_again(step, error)
        emit(events.StepDone(step.name, step.summary, seen, time.monotonic() - started, *self._place(step)))

    def free_guard(self) -> None:
        """After the last step; a lock that cannot be freed is the only thing left to say."""
        kept = _free(self.plan, End.COMPLETE)
        if kept:
            raise StoppedHalfway("complete, but the lock is not free", evidence=kept, hint=self.plan.hints.resume)

    def _place(self, step: Step) -> tuple[int, int]:
        return self._numbers[step.name], len(self._numbers)

    def _stop(self, why: Stop) -> None:
        """Decide what a failure means here, act on it, and raise the class that says so."""
        name = self.current.name if self.current else "start"
        if self.current:
            seconds = time.monotonic() - self.since
            _quietly(self.emit, events.StepFailed(name, self.current.summary, why.what, seconds))
        self.end = End.STOPPED_HALFWAY
        if isinstance(why, StoppedHalfway) or self._is_past():
            raise _forward(name, why, self.plan.hints.resume) from why
        if self.made:
            self._roll_back(name, why)
            if self._is_past():  # the server went on with a push whose client was gone
                raise _forward(name, why, self.plan.hints.resume) from why
        self.end = End.ROLLED_BACK if self.made else End.REFUSED
        raise self._backward(name, why) from why

    def _roll_back(self, name: str, why: Stop) -> None:
        steps = [step for step in self.plan.all_steps if self._is_undone(step)]
        try:
            roll_back(steps, lambda event: _quietly(self.emit, event), f"{name}: {why.what}", self.plan.hints)
        except (StoppedHalfway, LostRace) as stuck:  # both are reported: what went wrong first comes first
            interrupted = isinstance(why, Interrupted) and isinstance(stuck, LostRace)
            raise (Interrupted if interrupted else type(stuck))(
                f"{name}: {why.what}",
                where=why.where,
                evidence=(*why.evidence, stuck.what, *stuck.evidence),
                hint=stuck.hint,
            ) from why

    def _is_undone(self, step: Step) -> bool:
        """Whether a rollback undoes it: what this run made, and what it found only where the plan says so.

        A step that raised before its effect could be looked at is asked to undo as well.
        """
        return step in self.made or (self.plan.undo_found and (step in self.found or step is self.current))

    def _is_past(self) -> bool:
        """Ask the outside whether the point of no return is behind us: its answer may have been lost."""
        if self.only_forward or self.current is None or self.current.name != self.plan.point_of_no_return:
            return self.only_forward
        try:
            return self.current.look().state is State.DONE
        except ExternalError as error:
            raise StoppedHalfway(
                f"{self.current.name}: cannot tell whether it happened: {error.what}",
                evidence=error.evidence,
                hint=f"{self.plan.hints.resume} once the other side answers",
            ) from error

    def _backward(self, name: str, why: Stop) -> Stop:
        kind: type[Stop] = RolledBack if self.made else Refused
        if isinstance(why, Interrupted | Refused | LostRace) or type(why) is Stop:
            kind = type(why)  # the last is a bug, and stays one
        elif isinstance(why, LeaseLost):
            kind = LostRace
        evidence = (*why.evidence, *self._what_is_left())
        return kind(
            f"{name}: {why.what}", where=why.where, evidence=evidence, hint=why.hint or self.plan.hints.again
        )

    def _what_is_left(self) -> tuple[str, ...]:
        """What a person finds after the rollback."""
        if not self.made:
            return ("nothing was touched",)
        kept = [] if self.plan.undo_found else [step.name for step in self.found if isinstance(step, Undoable)]
        stays = (f"done before this run, and left as it was: {', '.join(kept)}",) if kept else ()
        return (*stays, "everything is as before")


class _SideBySide:
    """Independent steps in threads; all of them end before the first failure is raised."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self._one_at_a_time = Lock()
        self._is_stopping = Event()

    def perform(self, steps: Sequence[Step]) -> None:
        absent = []
        for step in steps:
            self.run.current, self.run.since = step, time.monotonic()
            if self.run.is_absent(step):
                absent.append(step)
        with ThreadPoolExecutor(max_workers=max(1, len(absent))) as pool:
            futures = {pool.submit(self.run.make, step, self._emit): step for step in absent}
            try:
                self._wait(futures)
            except BaseException:
                self._is_stopping.set()
                raise

    def _wait(self, futures: dict[Future[None], Step]) -> None:
        failed: list[tuple[Step, BaseException]] = []
        for future, step in futures.items():
            error = future.exception()
            if error is not None:
                failed.append((step, error))
        for step, error in failed[1:]:
            self._emit(events.StepFailed(step.name, step.summary, str(error), 0.0))
        if failed:
            self.run.current = failed[0][0]
            raise failed[0][1]

    def _emit(self, event: events.Event) -> None:
        """One event at a time; when the run is being interrupted, a step that still talks is stopped there."""
        if self._is_stopping.is_set() and isinstance(event, events.Said):
            raise ExternalError("stopped, because the run was interrupted")
        with self._one_at_a_time:
            self.run.emit(event)


def _look_again(step: Step, error: ExternalError | None) -> Look:
    """What is there after a step ran; raises what went wrong if its effect is not there."""
    try:
        seen = step.look()
    except ExternalError:
        if error is not None:  # what went wrong first is the reason
            raise error from error.__cause__
        raise
    if seen.state is State.DONE:
        return seen
    if error is not None:
        raise error
    raise ExternalError(
        "it finished, but its effect is not there", evidence=[seen.evidence] if seen.evidence else []
    )


def _free(plan: Plan, end: End) -> tuple[str, ...]:
    """Free the plan's guard; returns what to say if that was not possible."""
    if plan.guard is None:
        return ()
    try:
        plan.guard.free(end)
    except Stop as error:
        return (f"the lock could not be freed: {error.what}", *error.evidence)
    return ()


def _forward(name: str, why: Stop, resume: str) -> Stop:
    if isinstance(why, Interrupted):
        return Interrupted(f"interrupted at {name}, past the point of no return", hint=resume)
    hint = "; ".join(hint for hint in (why.hint, resume) if hint)
    return StoppedHalfway(f"{name}: {why.what}", where=why.where, evidence=why.evidence, hint=hint)


def _quietly(emit: Callable[[events.Event], None], event: events.Event) -> None:
    """On the way out a full disk must not keep us from rolling back."""
    try:
        emit(event)
    except ExternalError:
        return
