"""What a plan is: steps that can look, in order, with one point of no return."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from msgspec import Struct

Say = Callable[[str], None]
"""Takes one line of what a step is doing, for people."""


class State(StrEnum):
    """The three answers to: is my effect there?"""

    ABSENT = "absent"
    DONE = "done"
    CONFLICT = "conflict"


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
    """A step whose effect can be taken back as long as the point of no return is ahead."""

    def undo(self, say: Say) -> None:
        """Remove this run's effect, and only this run's."""
        ...


class Problem(Struct, frozen=True):
    """One thing that pre-flight found; several are reported together."""

    what: str
    evidence: str = ""
    hint: str = ""


class Check(Protocol):
    """A read-only question that must be answered before the first effect."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    def problems(self) -> Sequence[Problem]: ...


class Plan(Struct, frozen=True):
    """A list to read from top to bottom; `turning_point` names the step after which there is only forward."""

    title: str
    steps: tuple[Step, ...]
    checks: tuple[Check, ...] = ()
    turning_point: str | None = None
    resume: str = "run the same command with --resume"
    """what a person does after a stop behind the point of no return"""
    stuck: str = "shipit release --undo takes back the rest; shipit release --resume goes on"
    """what a person does when an effect could not be taken back"""
