"""Render the events of a run: for people, for GitHub Actions, as JSON lines; text is cleaned and masked first.

Messages go to stderr. With `--json` the events go to stdout, one JSON object per line. On GitHub the workflow
commands go to stderr too: the runner reads commands from both streams but keeps no order between them, so
groups and the lines inside them must share one, and `version=$(shipit version)` must stay free of them.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol, TextIO

from msgspec.structs import replace

from shipit.engine.events import Event, Said
from shipit.engine.preview import Preview
from shipit.errors import Stop
from shipit.output.problem import Report, report
from shipit.output.text import clean, clean_line, clean_text, masked

KEPT = 20
"""Lines of a step that are shown when it fails."""


class Output(Protocol):
    """One format; everything it gets is cleaned and masked already."""

    @property
    def listens(self) -> bool:
        """Whether it shows what a step says at once; otherwise it gets the last lines before the next event."""
        ...

    def event(self, event: Event) -> None: ...

    def preview(self, preview: Preview) -> None: ...

    def summary(self, text: str) -> None: ...

    def outputs(self, facts: Mapping[str, str]) -> None: ...

    def error(self, report: Report) -> None: ...

    def close(self) -> None: ...


def _cleaned(event: Said) -> Said:
    """The same as `clean`, without looking for the fields: some migrations say many lines."""
    line = clean_text(event.line)
    return event if line is event.line else Said(event.name, line)


class Renderer:
    """Cleans and masks whatever comes, then hands it to every output."""

    def __init__(self, *outputs: Output) -> None:
        self._outputs = outputs
        self._waiting: dict[str, deque[Said]] = defaultdict(lambda: deque(maxlen=KEPT))
        """the last lines of each step, as long as no output wants them"""

    def __call__(self, event: Event) -> None:
        """Show what just happened; the engine's `emit`."""
        if not isinstance(event, Said):
            self._show_waiting()
            self._show(clean(event))
        elif self._listens:
            self._show(_cleaned(event))
        else:
            self._waiting[event.name].append(event)

    @cached_property
    def _listens(self) -> bool:
        """Whether lines are passed on one by one: a migration says one for each of its statements."""
        return any(output.listens for output in self._outputs)

    def _show_waiting(self) -> None:
        for said in self._waiting.values():
            for event in said:
                self._show(_cleaned(event))
        self._waiting.clear()

    def _show(self, event: Event) -> None:
        for output in self._outputs:
            output.event(event)

    def preview(self, seen: Preview) -> None:
        """Show the plan of a dry run; notes and patches keep every byte that is no secret."""
        cleaned = replace(clean(replace(seen, contents=None)), contents=masked(seen.contents))
        for output in self._outputs:
            output.preview(cleaned)

    def summary(self, text: str) -> None:
        """Show the result, in a sentence or a few lines."""
        for output in self._outputs:
            output.summary(clean(text))

    def outputs(self, facts: Mapping[str, str]) -> None:
        """Write facts for other programs: to GITHUB_OUTPUT, and into the last JSON line."""
        cleaned = {clean_line(name): clean(value) for name, value in facts.items()}
        for output in self._outputs:
            output.outputs(cleaned)

    def error(self, stop: Stop) -> None:
        """Show why the run stopped."""
        cleaned = clean(report(stop))
        for output in self._outputs:
            output.error(cleaned)

    def close(self) -> None:
        """Give the terminal back, write the step summary and the last JSON line; to be called once at every end."""
        for output in self._outputs:
            output.close()


def make(*, json: bool, verbose: bool, environment: Mapping[str, str], stdout: TextIO, stderr: TextIO) -> Renderer:
    """Choose the outputs that fit the options and the environment."""
    outputs: list[Output] = []
    if json:
        from shipit.output.json_lines import JsonLines

        outputs.append(JsonLines(stdout))
    if environment.get("GITHUB_ACTIONS") == "true":
        from shipit.output.github_actions import GitHubActions

        outputs.append(GitHubActions(stderr, environment, verbose=verbose))
    if not outputs:
        from shipit.output.human import HumanOutput

        outputs.append(HumanOutput(stderr, environment, verbose=verbose))
    return Renderer(*outputs)
