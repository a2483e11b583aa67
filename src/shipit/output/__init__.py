"""How a run is told: one door that every word passes; a face for people, one for GitHub, one for programs.

Talk goes to stderr. With `--json` the story goes to stdout, one JSON object per line. On GitHub the workflow
commands go to stderr too: the runner reads commands from both streams but keeps no order between them, so
groups and the lines inside them must share one, and `version=$(shipit version)` must stay free of them.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol, TextIO

from msgspec import Struct

from shipit.engine.events import Checked, Event, Looked, Said
from shipit.errors import Stop
from shipit.output.problem import Report, report
from shipit.output.text import clean, clean_line, clean_text

KEPT = 20
"""Lines of a step that are shown when it fails."""


class Preview(Struct, frozen=True):
    """A plan that was looked at and not carried out."""

    title: str
    looked: tuple[Looked, ...]
    checked: tuple[Checked, ...]
    turning_point: str | None


class Face(Protocol):
    """One way to show; everything it gets is clean and masked already."""

    @property
    def listens(self) -> bool:
        """Whether it shows what a step says at once; else the last lines before another event will do."""
        ...

    def event(self, event: Event) -> None: ...

    def preview(self, preview: Preview) -> None: ...

    def summary(self, text: str) -> None: ...

    def outputs(self, facts: Mapping[str, str]) -> None: ...

    def error(self, report: Report) -> None: ...

    def close(self) -> None: ...


def _said(event: Said) -> Said:
    """As `clean` does it, without looking for the fields: some migrations say many lines."""
    line = clean_text(event.line)
    return event if line is event.line else Said(event.name, line)


class Renderer:
    """The door: cleans and masks whatever comes, then hands it to every face."""

    def __init__(self, *faces: Face) -> None:
        self._faces = faces
        self._unheard: deque[Said] = deque(maxlen=KEPT)

    def __call__(self, event: Event) -> None:
        """Tell what just happened; the engine's `emit`."""
        if isinstance(event, Said):
            self._unheard.append(event)
            if self._listens:
                self._tell_unheard()
            return
        self._tell_unheard()
        cleaned = clean(event)
        for face in self._faces:
            face.event(cleaned)

    @cached_property
    def _listens(self) -> bool:
        """Whether lines are told one by one: a migration says one for each of its statements."""
        return any(face.listens for face in self._faces)

    def _tell_unheard(self) -> None:
        while self._unheard:
            said = _said(self._unheard.popleft())
            for face in self._faces:
                face.event(said)

    def preview(
        self,
        title: str,
        looked: Sequence[Looked],
        checked: Sequence[Checked],
        turning_point: str | None,
    ) -> None:
        """Show the plan of a dry run."""
        plan = clean(Preview(title, tuple(looked), tuple(checked), turning_point))
        for face in self._faces:
            face.preview(plan)

    def summary(self, text: str) -> None:
        """Say the result in a sentence or a few lines."""
        for face in self._faces:
            face.summary(clean(text))

    def outputs(self, facts: Mapping[str, str]) -> None:
        """Hand facts to whatever comes after: GITHUB_OUTPUT, and the last JSON line."""
        cleaned = {clean_line(name): clean(value) for name, value in facts.items()}
        for face in self._faces:
            face.outputs(cleaned)

    def error(self, stop: Stop) -> None:
        """Say why the run stopped."""
        cleaned = clean(report(stop))
        for face in self._faces:
            face.error(cleaned)

    def close(self) -> None:
        """Give the terminal back and write what only the end knows; call it once, also after an error."""
        for face in self._faces:
            face.close()


def make(*, json: bool, verbose: bool, environment: Mapping[str, str], stdout: TextIO, stderr: TextIO) -> Renderer:
    """Choose the faces for this place."""
    faces: list[Face] = []
    if json:
        from shipit.output.json_lines import Lines

        faces.append(Lines(stdout))
    if environment.get("GITHUB_ACTIONS") == "true":
        from shipit.output.github_actions import GitHub

        faces.append(GitHub(stderr, environment))
    if not faces:
        from shipit.output.people import People

        faces.append(People(stderr, environment, verbose=verbose))
    return Renderer(*faces)
