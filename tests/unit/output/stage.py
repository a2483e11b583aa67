"""The events of a release, and streams that pretend to be a pipe or a terminal."""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from shipit import output
from shipit.engine import events
from shipit.engine.plan import Problem, absent, conflict, done

STEPS = (
    ("branch", "Open the release branch"),
    ("build", "Build sdist and wheel"),
    ("push", "Push all at once"),
)
WHEEL = "acme-1.1.0-py3-none-any.whl"
OPEN = Problem("main is not protected", "anybody may push to it", "shipit verify protection", is_warning=True)
PROTECTED = Problem("main is protected", "ruleset 12 of acme/acme", "run `shipit release --pr`")


class Stream(io.StringIO):
    """Text in some encoding, on a terminal or not."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = False) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


class Stage:
    """A renderer and what it wrote."""

    def __init__(
        self, stream: Stream | None = None, *, json: bool = False, verbose: bool = False, **environment: Any
    ) -> None:
        self.stdout, self.stderr = Stream(), stream or Stream()
        self.environment: Mapping[str, str] = {"TERM": "xterm", **environment}
        self.renderer = output.make(
            json=json, verbose=verbose, environment=self.environment, stdout=self.stdout, stderr=self.stderr
        )

    @property
    def raw(self) -> str:
        return self.stderr.getvalue()

    @property
    def text(self) -> str:
        return without_codes(self.raw)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def show(self, *happened: events.Event) -> "Stage":
        for event in happened:
            self.renderer(event)
        return self


def terminal(width: int = 100, **more: Any) -> Stage:
    return Stage(Stream(terminal=True), COLUMNS=str(width), **more)


def without_codes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


def looked(*, bad: bool = False) -> tuple[events.Looked, ...]:
    last = conflict("refs/tags/v1.1.0 is 1111111\nthis release wants 2222222") if bad else absent("v1.1.0 absent")
    looks = (done("release/v1.1.0 at 3f2a91c"), absent(), last)
    return tuple(events.Looked(name, summary, look) for (name, summary), look in zip(STEPS, looks, strict=True))


def checked(*, bad: bool = False) -> tuple[events.Checked, ...]:
    return (
        events.Checked("history", "History is complete", ()),
        events.Checked("branch-rules", "main takes a push", (PROTECTED,) if bad else ()),
    )


def warned() -> Iterator[events.Event]:
    """A check that lets the run go on, and says something."""
    yield events.Checked("branch-rules", "main takes a push", (OPEN,))
    yield events.Warned("branch-rules", OPEN)


def started() -> events.RunStarted:
    return events.RunStarted("Release acme 1.1.0", STEPS, "build")


def success() -> Iterator[events.Event]:
    """Skip one step, pass the point of no return, finish."""
    yield started()
    yield from checked()
    yield from looked()
    yield events.StepSkipped("branch", STEPS[0][1], done("release/v1.1.0 at 3f2a91c"), 1, 3)
    yield events.StepStarted("build", STEPS[1][1], 2, 3)
    yield events.Said("build", f"built {WHEEL}")
    yield events.StepDone("build", STEPS[1][1], done(WHEEL), 2.14, 2, 3)
    yield events.PointOfNoReturnPassed("build")
    yield events.StepStarted("push", STEPS[2][1], 3, 3)
    yield events.StepDone("push", STEPS[2][1], done(), 0.5, 3, 3)
    yield events.RunFinished("complete", 0, 2.7)


def failure() -> Iterator[events.Event]:
    """Fail in the second step and undo the first one."""
    yield started()
    yield events.StepStarted("branch", STEPS[0][1], 1, 3)
    yield events.StepDone("branch", STEPS[0][1], done(), 0.2, 1, 3)
    yield events.StepStarted("build", STEPS[1][1], 2, 3)
    yield from (events.Said("build", f"line {number}") for number in range(25))
    yield events.StepFailed("build", STEPS[1][1], "hatchling answered 1", 1.4)
    yield events.RollingBack("hatchling answered 1")
    yield events.StepUndone("branch", STEPS[0][1], 0.1)
    yield events.RunFinished("rolled back", 7, 3.1)


def side_by_side() -> Iterator[events.Event]:
    """Two steps at once: each says its own, the second one fails, then the first one is undone."""
    yield events.RunStarted(
        "Deploy", (("backend", "Deploy the backend"), ("frontend", "Deploy the frontend")), None
    )
    yield events.StepStarted("backend", "Deploy the backend", 1, 2)
    yield events.Said("backend", "pulling")
    yield events.StepStarted("frontend", "Deploy the frontend", 2, 2)
    yield events.Said("frontend", "uploading")
    yield events.Said("backend", "starting")
    yield events.Said("frontend", "403")
    yield events.StepFailed("frontend", "Deploy the frontend", "no", 1.0)
    yield events.Said("backend", "healthy")
    yield events.StepDone("backend", "Deploy the backend", done("2 of 2"), 3.0, 1, 2)
    yield events.RollingBack("frontend: no")
    yield events.Said("backend", "stopping")
    yield events.StepUndone("backend", "Deploy the backend", 0.5)
    yield events.RunFinished("rolled back", 7, 4.0)
