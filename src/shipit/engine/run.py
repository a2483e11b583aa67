"""Carry out a plan and roll it back: the only code that knows in which order steps are asked, run and undone."""

import contextlib
import time
from collections.abc import Sequence
from typing import NoReturn

from shipit.engine import ending, events
from shipit.engine.ending import as_stop
from shipit.engine.guarding import FreedOnce
from shipit.engine.plan import End, Lasting, Look, Plan, State, Step, Together, Undoable
from shipit.engine.preview import Emit, preview, refuse
from shipit.engine.rollback import roll_back
from shipit.engine.side_by_side import run_side_by_side
from shipit.errors import (
    ExternalError,
    Interrupted,
    LeaseLost,
    LostRace,
    Signalled,
    Stop,
    StoppedHalfway,
)


def carry_out(plan: Plan, emit: Emit) -> None:
    """Run what is absent, in order, and look again after each; on failure roll back or stop, and say which.

    The plan's guard is freed on every way out, except where no step had begun. Raises Refused, RolledBack,
    LostRace, StoppedHalfway, Interrupted, or Stop itself for a bug.
    """
    run, began = _Run(plan, emit), time.monotonic()
    stop: Stop | None = None
    try:
        run.whole()
    except Stop as why:
        stop = why
    except Signalled as signal:
        stop = Interrupted(f"interrupted by {signal} on the way out", hint=plan.hints.stuck)
    stop = run.free_guard(stop)
    outcome, exit_code = (stop.title, stop.exit_code) if stop else (End.COMPLETE, 0)
    _quietly(emit, events.RunFinished(outcome, exit_code, time.monotonic() - began))
    if stop:
        raise stop


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
        self.guard = FreedOnce(plan.guard)
        self.since = time.monotonic()
        self._ended: set[str] = set()
        """the steps whose end has been emitted"""
        self._numbers = {step.name: number for number, step in enumerate(plan.all_steps, 1)}

    def whole(self) -> None:
        """From the pre-flight to the last step."""
        try:
            names = tuple((step.name, step.summary) for step in self.plan.all_steps)
            self.emit(events.RunStarted(self.plan.title, names, self.plan.point_of_no_return))
            seen = preview(self.plan, self.emit)
            if not seen.problems:
                self._perform_all()
        except Signalled as signal:
            self._stop(Interrupted(f"interrupted by {signal}"))
        except Exception as why:  # noqa: BLE001 - also a bug must not leave a lock behind
            self._stop(as_stop(why))
        refuse(seen, self.plan.overtaken)
        self.end = End.COMPLETE

    def _perform_all(self) -> None:
        for step in self.plan.steps:
            if isinstance(step, Together):
                self._perform_together(step.steps)
            else:
                self.perform(step)

    def perform(self, step: Step) -> None:
        """Look, run what is absent, and pass the point of no return where the step is that."""
        if self.is_absent(step):
            self.make(step, self.emit)
        if step.name == self.plan.point_of_no_return:
            self.only_forward = True
            self.emit(events.PointOfNoReturnPassed(step.name))

    def _perform_together(self, steps: Sequence[Step]) -> None:
        """Look at all of them first; then run side by side what is absent."""
        absent = [step for step in steps if self.is_absent(step)]
        if not absent:
            return
        self.current, self.since = absent[0], time.monotonic()
        failed = run_side_by_side(absent, self._make_beside, self.emit)
        if failed:
            self.current, first = failed[0]
            if isinstance(first, Stop):
                others = [f"{step.name} failed as well: {as_stop(error).what}" for step, error in failed[1:]]
                first.evidence = (*first.evidence, *others)
            raise first

    def _make_beside(self, step: Step, emit: Emit) -> None:
        """As `make`; its failure is emitted at once, since others go on."""
        started = time.monotonic()
        try:
            self.make(step, emit)
        except Exception as error:
            seconds = time.monotonic() - started
            _quietly(emit, events.StepFailed(step.name, step.summary, as_stop(error).what, seconds))
            self._ended.add(step.name)
            raise

    def is_absent(self, step: Step) -> bool:
        """Whether the step has to run; raises LostRace if somebody else's effect is there by now."""
        self.current, self.since = step, time.monotonic()
        look = step.look()
        if look.state is State.CONFLICT:
            raise LostRace("a conflict appeared during the run", evidence=[look.evidence])
        if look.state is State.DONE:
            self.found.append(step)
            self.emit(events.StepSkipped(step.name, step.summary, look, *self._place(step)))
            self._ended.add(step.name)
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
        self._ended.add(name)

    def free_guard(self, stop: Stop | None) -> Stop | None:
        """Free the lock, unless no step had begun; returns how the run ends: also a lock that stays is said."""
        if stop and self.current is None:
            return stop
        self.guard.free(self.end)
        kept = self.guard.lines
        if stop:
            stop.evidence = (*stop.evidence, *(line for line in kept if line not in stop.evidence))
        elif kept:
            stop = StoppedHalfway("complete, but the lock is not free", evidence=kept, hint=self.plan.hints.resume)
        return stop

    def _place(self, step: Step) -> tuple[int, int]:
        return self._numbers[step.name], len(self._numbers)

    def _stop(self, why: Stop) -> NoReturn:
        """Decide what a failure means here, act on it, and raise the class that says so."""
        self.end = End.STOPPED_HALFWAY
        name, hints = self.current.name if self.current else "pre-flight", self.plan.hints
        if self.current and name not in self._ended:
            seconds = time.monotonic() - self.since
            _quietly(self.emit, events.StepFailed(name, self.current.summary, why.what, seconds))
        if isinstance(why, StoppedHalfway) or self._is_past():
            raise ending.forward(name, why, hints.resume) from why
        if self.made:
            self._roll_back(name, why)
            # before the last look: a push that is still under way must then find its lock gone, and move nothing
            self.guard.free(End.ROLLED_BACK)
            if self._is_past():  # the server went on with a push whose client was gone
                raise ending.forward(name, why, hints.resume) from why
        self.end = End.ROLLED_BACK if self.made else End.REFUSED
        left, touched = self._what_is_left(), bool(self.made)
        if self.guard.is_stuck and not isinstance(why, LostRace | LeaseLost):
            raise ending.held(name, why, left, self.guard.hint_before(hints.stuck)) from why
        raise ending.backward(name, why, left, hints.again, touched=touched) from why

    def _roll_back(self, name: str, why: Stop) -> None:
        steps = [step for step in self.plan.all_steps if self._is_undone(step)]
        try:
            roll_back(steps, lambda event: _quietly(self.emit, event), f"{name}: {why.what}", self.plan.hints)
        except (StoppedHalfway, LostRace, Interrupted) as stuck:
            raise ending.stuck(name, why, stuck) from why

    def _is_undone(self, step: Step) -> bool:
        """Whether a rollback undoes it: what this run made, and what it found only where the plan says so.

        A step that raised before its effect could be looked at is asked to undo as well.
        """
        return step in self.made or (self.plan.undo_found and (step in self.found or step is self.current))

    def _is_past(self) -> bool:
        """Ask the outside whether the point of no return is behind us: its answer may have been lost."""
        if self.current is None:  # before the first step a run has not touched anything
            return False
        is_begun = self.current in self.made or self.current in self.found
        if self.only_forward or self.current.name != self.plan.point_of_no_return or not is_begun:
            return self.only_forward
        try:
            return self.current.look().state is State.DONE
        except Exception as error:
            raise ending.unknown(self.current.name, as_stop(error), self.plan.hints.resume) from error

    def _what_is_left(self) -> tuple[str, ...]:
        """What a person finds after the rollback."""
        if not self.made:
            return ("nothing was touched",)
        kept = [] if self.plan.undo_found else [step.name for step in self.found if isinstance(step, Undoable)]
        stays = [f"done before this run, and left as it was: {', '.join(kept)}"] if kept else []
        lasting = [lasts for step in self.made if isinstance(step, Lasting) and (lasts := step.lasts())]
        lasting += self.guard.lines
        return (*stays, *lasting, f"everything {'else ' if lasting else ''}is as before")


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


def _quietly(emit: Emit, event: events.Event) -> None:
    """On the way out neither a full disk nor a bug in an output may keep us from rolling back."""
    with contextlib.suppress(Exception):
        emit(event)
