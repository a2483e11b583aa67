"""How a run is told: one door that every word passes; a face for people, one for GitHub, one for programs.

Talk goes to stderr. With `--json` the story goes to stdout, one JSON object per line. On GitHub the workflow
commands go to stderr too: the runner reads commands from both streams but keeps no order between them, so
groups and the lines inside them must share one, and `version=$(shipit version)` must stay free of them.
"""

from collections import deque
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol, TextIO

from shipit.engine.events import Event, Said
from shipit.engine.preview import Preview
from shipit.errors import Stop
from shipit.output.problem import Report, report
from shipit.output.text import clean, clean_line, clean_text

KEPT = 20
"""Lines of a step that are shown when it fails."""


class Output(Protocol):
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

    def __init__(self, *outputs: Output) -> None:
        self._outputs = outputs
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
        for output in self._outputs:
            output.event(cleaned)

    @cached_property
    def _listens(self) -> bool:
        """Whether lines are told one by one: a migration says one for each of its statements."""
        return any(output.listens for output in self._outputs)

    def _tell_unheard(self) -> None:
        while self._unheard:
            said = _said(self._unheard.popleft())
            for output in self._outputs:
                output.event(said)

    def preview(self, seen: Preview) -> None:
        """Show the plan of a dry run."""
        cleaned = clean(seen)
        for output in self._outputs:
            output.preview(cleaned)

    def summary(self, text: str) -> None:
        """Say the result in a sentence or a few lines."""
        for output in self._outputs:
            output.summary(clean(text))

    def outputs(self, facts: Mapping[str, str]) -> None:
        """Hand facts to whatever comes after: GITHUB_OUTPUT, and the last JSON line."""
        cleaned = {clean_line(name): clean(value) for name, value in facts.items()}
        for output in self._outputs:
            output.outputs(cleaned)

    def error(self, stop: Stop) -> None:
        """Say why the run stopped."""
        cleaned = clean(report(stop))
        for output in self._outputs:
            output.error(cleaned)

    def close(self) -> None:
        """Give the terminal back and write what only the end knows; call it once, also after an error."""
        for output in self._outputs:
            output.close()


def make(*, json: bool, verbose: bool, environment: Mapping[str, str], stdout: TextIO, stderr: TextIO) -> Renderer:
    """Choose the faces for this place."""
    outputs: list[Output] = []
    if json:
        from shipit.output.json_lines import JsonLines

        outputs.append(JsonLines(stdout))
    if environment.get("GITHUB_ACTIONS") == "true":
        from shipit.output.github_actions import GitHubActions

        outputs.append(GitHubActions(stderr, environment))
    if not outputs:
        from shipit.output.human import HumanOutput

        outputs.append(HumanOutput(stderr, environment, verbose=verbose))
    return Renderer(*outputs)
