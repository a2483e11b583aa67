"""The story for people: one line per step, alive on a terminal, plain in a pipe."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TextIO, cast

from rich.console import Console, RenderableType
from rich.text import Text

from shipit import events
from shipit.plan import State
from shipit.show import Preview
from shipit.show.live import Pulse
from shipit.show.preview import hint, page, problem_body, problem_head, turning_rule
from shipit.show.problem import Report, details
from shipit.show.row import Layout, Row
from shipit.show.story import Ended
from shipit.show.text import Paper, count, duration

KEPT = 20
"""Lines of a step that are shown when it fails."""

_LEVELS = {"error": "bold red", "warning": "bold yellow", "notice": "bold cyan"}
_PIPE_WIDTH = 100


class Terminal:
    """`verbose` shows what the steps say; `pulse` makes the line that moves, used on a terminal only."""

    def __init__(
        self,
        stream: TextIO,
        environment: Mapping[str, str],
        *,
        verbose: bool = False,
        pulse: Callable[[Console], Pulse] = Pulse,
    ) -> None:
        self._console = make_console(stream, environment)
        alive = self._console.is_interactive and stream.isatty()
        self._pulse = pulse(self._console) if alive else None
        self._verbose = verbose
        self._layout = Layout.of((), self._width)
        self._place = ""
        self._said: deque[str] = deque(maxlen=KEPT)
        self._asked: list[events.Checked | events.Looked] = []

    @property
    def _width(self) -> int | None:
        return self._console.width if self._pulse else None

    def event(self, event: events.Event) -> None:
        """One line, or a change in the line that moves."""
        match event:
            case events.RunStarted():
                self._run_started(event)
            case events.Checked() | events.Looked():
                self._asked.append(event)
                self._hear(event.name)
            case events.StepStarted():
                self._step_started(event)
            case events.Said():
                self._said_line(event.line)
            case events.TurningPointPassed():
                self._print(turning_rule())
            case events.TakingBack(why):
                self._end_moving()
                self._print(Text(), Text(f"taking everything back: {why}", style="bold yellow"))
            case events.RunFinished():
                self._run_finished(event)
            case _:
                self._step_ended(event)

    def preview(self, preview: Preview) -> None:
        with self._console.capture() as captured:
            self._console.print(page(preview, self._console.width))
        # tables fill their last column with spaces, which nobody wants in a pipe
        for line in captured.get().splitlines():
            self._console.out(line.rstrip(), highlight=False)

    def summary(self, text: str) -> None:
        self._end_moving()
        self._print(Text(text))

    def outputs(self, facts: Mapping[str, str]) -> None:
        """Facts are for programs; people read the summary."""

    def error(self, report: Report) -> None:
        self._end_moving()
        head = Text.assemble((f"{report.level}:", _LEVELS[report.level]), " ", (report.what, "bold"))
        self._print(Text(), head, *(Text(f"  {line}") for line in details(report)))
        if report.hint:
            self._print(Text(), hint(report.hint))

    def close(self) -> None:
        self._end_moving()

    def _run_started(self, event: events.RunStarted) -> None:
        self._print(Text(event.title, style="bold"), Text())
        self._layout = Layout.of(event.steps, self._width)
        self._move(Row(" ", "", "", "pre-flight", "Look before anything is touched"))

    def _step_started(self, event: events.StepStarted) -> None:
        self._end_preflight()
        self._said.clear()
        self._place = f"{event.number}/{event.total}"
        row = Row("→", "cyan", self._place, event.name, event.summary)
        if self._pulse:
            self._move(row)
        else:
            self._print(self._layout.line(row))

    def _step_ended(self, event: Ended) -> None:
        self._end_preflight()
        self._end_moving()
        self._print(self._layout.line(_row(event, self._place)))
        if isinstance(event, events.StepFailed) and not self._verbose:
            self._print(*(_quote(line) for line in self._said))

    def _said_line(self, line: str) -> None:
        self._said.append(line)
        self._hear(line)
        if self._verbose:
            self._print(_quote(line))

    def _end_preflight(self) -> None:
        """One line for all that was asked; what speaks against the run in full."""
        asked, self._asked = self._asked, []
        self._end_moving()
        if not asked:
            return
        bad = [one for one in asked if _is_bad(one)]
        mark, style = ("✗", "bold red") if bad else ("✓", "green")
        row = Row(mark, style, "", "pre-flight", _asked_summary(asked))
        self._print(self._layout.line(row))
        for one in bad:
            self._print(*_objection(one))

    def _run_finished(self, event: events.RunFinished) -> None:
        self._end_preflight()
        code = f" (exit code {event.exit_code})" if event.exit_code else ""
        style = "bold red" if event.exit_code else "bold green"
        text = f"{event.outcome} after {duration(event.seconds)}{code}"
        self._print(Text(), Text(text, style=style))

    def _move(self, row: Row) -> None:
        if self._pulse:
            self._pulse.begin(row, self._layout)

    def _hear(self, line: str) -> None:
        if self._pulse:
            self._pulse.say(line)

    def _end_moving(self) -> None:
        if self._pulse:
            self._pulse.end()

    def _print(self, *lines: RenderableType) -> None:
        for line in lines:
            # lines may hold commands and addresses to copy: the terminal may wrap them, shipit may not
            self._console.print(line, soft_wrap=isinstance(line, Text))


def make_console(stream: IO[str], environment: Mapping[str, str], width: int | None = None) -> Console:
    """Rich's console without its guesses about what a text means."""
    if not stream.isatty() and not environment.get("COLUMNS"):
        width = width or _PIPE_WIDTH
    return Console(
        file=cast("IO[str]", Paper(stream)),
        _environ=environment,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _row(event: Ended, place: str) -> Row:
    match event:
        case events.StepSkipped(name, summary, look, number, total):
            return Row("✓", "dim green", f"{number}/{total}", name, summary, "already", look.evidence)
        case events.StepDone(name, summary, look, seconds, number, total):
            took = duration(seconds)
            return Row("✓", "green", f"{number}/{total}", name, summary, took, look.evidence)
        case events.StepFailed(name, summary, what, seconds):
            return Row("✗", "bold red", place, name, summary, "failed", f"{what} (after {duration(seconds)})")
        case _:
            after = f"after {duration(event.seconds)}"
            return Row("↶", "yellow", "", event.name, event.summary, "undone", after)


def _quote(line: str) -> Text:
    return Text(f"    │ {line}", style="dim")


def _is_bad(asked: events.Checked | events.Looked) -> bool:
    if isinstance(asked, events.Checked):
        return bool(asked.problems)
    return asked.look.state is State.CONFLICT


def _asked_summary(asked: list[events.Checked | events.Looked]) -> str:
    checks = [one for one in asked if isinstance(one, events.Checked)]
    looks = [one for one in asked if isinstance(one, events.Looked)]
    done = sum(one.look.state is State.DONE for one in looks)
    parts = [count(len(checks), "check")] if checks else []
    if looks:
        parts.append(f"{done} of {count(len(looks), 'step')} done already")
    return ", ".join(parts)


def _objection(asked: events.Checked | events.Looked) -> Iterator[Text]:
    if isinstance(asked, events.Checked):
        yield Text("  ").append_text(problem_head(asked))
        for problem in asked.problems:
            yield from (Text("      ").append_text(line) for line in problem_body(problem))
        return
    yield Text.assemble("  ", ("✗ conflict", "bold red"), "  ", (asked.name, "bold"), f"  {asked.summary}")
    for evidence in asked.look.evidence.splitlines():
        yield Text(f"      {evidence}", style="red")
