"""How a run is told: one door that every word passes; a face for people, one for GitHub, one for programs.

Talk goes to stderr. With `--json` the story goes to stdout, one JSON object per line. On GitHub the workflow
commands go to stderr too: the runner reads commands from both streams but keeps no order between them, so
groups and the lines inside them must share one, and `version=$(shipit version)` must stay free of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

from shipit.errors import Stop
from shipit.events import Checked, Event, Looked
from shipit.show.problem import Report, report
from shipit.show.text import clean, clean_line


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan that was looked at and not carried out."""

    title: str
    looked: tuple[Looked, ...]
    checked: tuple[Checked, ...]
    turning_point: str | None


class Face(Protocol):
    """One way to show; everything it gets is clean and masked already."""

    def event(self, event: Event) -> None: ...

    def preview(self, preview: Preview) -> None: ...

    def summary(self, text: str) -> None: ...

    def outputs(self, facts: Mapping[str, str]) -> None: ...

    def error(self, report: Report) -> None: ...

    def close(self) -> None: ...


class Renderer:
    """The door: cleans and masks whatever comes, then hands it to every face."""

    def __init__(self, *faces: Face) -> None:
        self._faces = faces

    def __call__(self, event: Event) -> None:
        """Tell what just happened; the engine's `emit`."""
        for face in self._faces:
            face.event(clean(event))

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
        from shipit.show.lines import Lines

        faces.append(Lines(stdout))
    if environment.get("GITHUB_ACTIONS") == "true":
        from shipit.show.github import GitHub

        faces.append(GitHub(stderr, environment))
    if not faces:
        from shipit.show.terminal import Terminal

        faces.append(Terminal(stderr, environment, verbose=verbose))
    return Renderer(*faces)
