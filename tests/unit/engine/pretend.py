"""Steps, checks and a guard that only pretend, and a plan of them with everything that was emitted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from shipit.engine import events
from shipit.engine.plan import End, Look, Plan, Problem, Say, State, Step, Together
from shipit.engine.run import carry_out
from shipit.errors import Stop


@dataclass
class Pretend:
    """A step with an effect that is a flag. `fails` is raised before the effect, `lost` when it is there.

    `looks` are answers, or errors, that come before the true ones.
    """

    name: str
    state: State = State.ABSENT
    fails: BaseException | None = None
    lost: BaseException | None = None
    invisible: bool = False
    looks: list[Look | BaseException] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    meanwhile: Callable[[Say], None] | None = None
    """called while it runs"""

    @property
    def summary(self) -> str:
        return f"Do {self.name}"

    def look(self) -> Look:
        if self.looks:
            answer = self.looks.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer
        return Look(self.state, f"{self.name} is {self.state}")

    def run(self, say: Say) -> None:
        self.log.append(f"run {self.name}")
        say(f"working on {self.name}")
        if self.meanwhile:
            self.meanwhile(say)
        if self.fails:
            raise self.fails
        if not self.invisible:
            self.state = State.DONE
        if self.lost:
            raise self.lost


@dataclass
class PretendUndoable(Pretend):
    stuck: BaseException | None = None

    def undo(self, say: Say) -> None:
        self.log.append(f"undo {self.name}")
        say(f"undoing {self.name}")
        if self.stuck:
            raise self.stuck
        self.state = State.ABSENT


@dataclass
class Asked:
    """A check that answers with these problems, or raises."""

    name: str
    answer: Sequence[Problem] | Exception = ()

    @property
    def summary(self) -> str:
        return f"Is {self.name} well?"

    def problems(self) -> Sequence[Problem]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class PretendGuard:
    """A lock that remembers how it was freed, or cannot be."""

    fails: BaseException | None = None
    freed: list[End] = field(default_factory=list)

    def free(self, end: End) -> None:
        self.freed.append(end)
        if self.fails:
            raise self.fails


class Stage:
    """A plan of steps that share a log, and every event of its run."""

    def __init__(
        self,
        *steps: Pretend | Together,
        no_return: str | None = "push",
        checks: Sequence[Asked] = (),
        **more: Any,
    ) -> None:
        self.log: list[str] = []
        self.steps: list[Pretend] = [*_flat(steps)]
        for step in self.steps:
            step.log = self.log
        self.plan = Plan(
            title="Release acme 1.1.0",
            steps=steps,
            checks=tuple(checks),
            point_of_no_return=no_return,
            **more,
        )
        self.seen: list[events.Event] = []
        self.listeners: list[Callable[[events.Event], None]] = [self.seen.append]

    def change(self, **changes: Any) -> "Stage":
        """The same with another plan."""
        self.plan = replace(self.plan, **changes)
        return self

    def emit(self, event: events.Event) -> None:
        for listener in self.listeners:
            listener(event)

    def run(self) -> None:
        carry_out(self.plan, self.emit)

    def fails(self, kind: type[Stop]) -> Stop:
        with pytest.raises(kind) as caught:
            self.run()
        assert type(caught.value) is kind
        return caught.value

    @property
    def kinds(self) -> list[str]:
        return [f"{type(event).__name__} {getattr(event, 'name', '')}".strip() for event in self.seen]

    @property
    def end(self) -> tuple[str, int]:
        """How the run ended, as its one last event says it."""
        [finished] = [event for event in self.seen if isinstance(event, events.RunFinished)]
        assert self.seen[-1] is finished
        assert finished.seconds >= 0
        return finished.outcome, finished.exit_code


def _flat(steps: Iterable[Step | Together]) -> Iterator[Pretend]:
    for step in steps:
        for each in step.steps if isinstance(step, Together) else [step]:
            assert isinstance(each, Pretend)
            yield each


def lock(**more: Any) -> PretendUndoable:
    return PretendUndoable("lock", **more)


def branch(**more: Any) -> PretendUndoable:
    return PretendUndoable("branch", **more)


def gate(**more: Any) -> Pretend:
    return Pretend("gate", **more)


def push(**more: Any) -> Pretend:
    return Pretend("push", **more)


def upload(**more: Any) -> Pretend:
    return Pretend("upload", **more)


def whole(**more: Pretend) -> Stage:
    """Two steps that can be undone, a gate, the point of no return and one step behind it."""
    made: dict[str, Pretend] = {
        "lock": lock(),
        "branch": branch(),
        "gate": gate(),
        "push": push(),
        "upload": upload(),
    }
    return Stage(*(made | more).values())


def full(*kinds: type[events.Event]) -> Callable[[events.Event], None]:
    """A journal on a disk that is full from the first of these events on."""
    from shipit.errors import ExternalError

    hit: list[events.Event] = []

    def listen(event: events.Event) -> None:
        if isinstance(event, kinds) or hit:
            hit.append(event)
            raise ExternalError("the journal cannot be written: No space left on device")

    return listen
