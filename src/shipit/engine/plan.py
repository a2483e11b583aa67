"""What a plan is: steps that can look, in order, with one point of no return."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from msgspec import Struct

Say = Callable[[str], None]
"""Takes one line of what a step is doing, for people."""


class State(StrEnum):
    """The three answers to: is my effect there? And what stands in a preview where a step could not look."""

    ABSENT = "absent"
    DONE = "done"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"

    @property
    def objects(self) -> bool:
        """Whether nothing may start before a person has seen to it."""
        return self in {State.CONFLICT, State.UNKNOWN}


class Look(Struct, frozen=True):
    """An answer with its evidence, in words a person can check."""

    state: State
    evidence: str = ""


def absent(evidence: str = "") -> Look:
    return Look(State.ABSENT, evidence)


def done(evidence: str = "") -> Look:
    return Look(State.DONE, evidence)


def conflict(evidence: str) -> Look:
    return Look(State.CONFLICT, evidence)


class Step(Protocol):
    """One effect on the outside: a frozen value whose fields are what it needs."""

    @property
    def name(self) -> str:
        """One word or two, kebab-case; the same in plan, journal and docs."""
        ...

    @property
    def summary(self) -> str:
        """An imperative sentence for the plan."""
        ...

    def look(self) -> Look:
        """Answer without changing anything."""
        ...

    def run(self, say: Say) -> None:
        """Make the effect; only called after `look` answered absent."""
        ...


@runtime_checkable
class Undoable(Protocol):
    """A step whose effect can be undone as long as the point of no return is ahead."""

    def undo(self, say: Say) -> None:
        """Remove this run's effect, and only this run's."""
        ...


@runtime_checkable
class Lasting(Protocol):
    """A step whose effect stays where it is after a rollback, such as a column that nobody reads yet."""

    def lasts(self) -> str:
        """What stays, in words for people; empty if this run has left nothing."""
        ...


@runtime_checkable
class Commanding(Protocol):
    """A step that runs a command, which a dry run shows."""

    def argv(self) -> Sequence[str]:
        """The command, or the main one of several; `<…>` stands for what is only known once it runs."""
        ...


class Together(Struct, frozen=True):
    """Independent steps that run side by side; each keeps its own name, output and outcome."""

    steps: tuple[Step, ...]


class Problem(Struct, frozen=True):
    """One thing that pre-flight found; several are reported together. A warning stops nothing, but is shown."""

    what: str
    evidence: str = ""
    hint: str = ""
    is_warning: bool = False


class Check(Protocol):
    """A read-only question that must be answered before the first effect."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    def problems(self) -> Sequence[Problem]: ...


class End(StrEnum):
    """What became of the effects of a plan when its run ended."""

    COMPLETE = "complete"
    REFUSED = "refused"
    ROLLED_BACK = "rolled back"
    STOPPED_HALFWAY = "stopped half-way"


class Guard(Protocol):
    """The lock that keeps other runs away while a plan is carried out; the engine frees it on every way out."""

    def free(self, end: End) -> None:
        """Free the lock if it is ours and nothing that it protects is left.

        Raises ExternalError, StoppedHalfway if it may still be held later, LostRace if another run goes on.
        """
        ...


NEVER = "never"
"""For a plan whose effects on the outside are none: whatever fails, everything is as before."""


class Hints(Struct, frozen=True):
    """The next commands that fit a plan."""

    again: str = "fix that, then run the same command again"
    """after a refusal or a rollback"""
    resume: str = "run the same command with --resume"
    """after a stop behind the point of no return"""
    stuck: str = "run the same command again"
    """where an effect could not be undone"""


class Plan(Struct, frozen=True, kw_only=True):
    """A list to read from top to bottom.

    `point_of_no_return` names the step after which there is only forward; None means that there is no way back from
    the start, NEVER that there always is. `undo_found` says that a rollback also undoes what this run found done:
    right only where every `undo` compares ids, so that it cannot remove somebody else's effect.
    """

    title: str
    steps: tuple[Step | Together, ...]
    checks: tuple[Check, ...] = ()
    point_of_no_return: str | None = None
    hints: Hints = Hints()
    guard: Guard | None = None
    undo_found: bool = False
    overtaken: Callable[[], str] | None = None
    """Asked where pre-flight has found problems: what another run has done meanwhile; empty if nothing."""

    def __post_init__(self) -> None:
        """Raise ValueError for a point of no return that would never be passed."""
        one_by_one = [step.name for step in self.steps if not isinstance(step, Together)]
        if self.point_of_no_return not in {None, NEVER, *one_by_one}:
            raise ValueError(f"{self.point_of_no_return} is no step of this plan that runs by itself")

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Every step in order, those that run side by side included."""
        return tuple(_flat(self.steps))


def _flat(steps: Sequence[Step | Together]) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Together):
            yield from step.steps
        else:
            yield step
