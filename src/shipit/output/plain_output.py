"""Show a run in a pipe: one plain line per step, and what went wrong in full.

Nothing is drawn here, so next to nothing of Rich is loaded: most runs happen where nobody watches.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from shipit.engine import events
from shipit.engine.plan import Problem, State
from shipit.output import KEPT
from shipit.output.event_lines import MARKS, WORDS, Ended
from shipit.output.line import Line, plain
from shipit.output.problem import Report, details
from shipit.output.row import Layout, Row
from shipit.output.text import SafeStream, count, duration, one_line

PIPE_WIDTH = 100
"""Columns where there is no terminal to ask."""
NO_RETURN = "point of no return"

_LEVELS = {"error": "bold red", "warning": "bold yellow", "notice": "bold cyan"}
_EMPTY: Line = ()
_PREFLIGHT = "pre-flight"


@dataclass(frozen=True, slots=True)
class _Running:
    """A step that has started: its place, such as `3/14`, and the last lines that it said."""

    place: str
    said: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))


class PlainOutput:
    """`verbose` shows what the steps say; a line names its step where several run side by side."""

    def __init__(self, stream: TextIO, *, verbose: bool = False) -> None:
        self._safe_stream = SafeStream(stream)
        self._verbose = verbose
        self._layout = Layout.of((), self._width)
        self._running: dict[str, _Running] = {}
        self._asked: list[events.Checked | events.Looked] = []
        self._asked_warnings: list[events.Warned] = []

    @property
    def _width(self) -> int | None:
        """Columns of a terminal; None in a pipe, where nothing is cut."""
        return None

    @property
    def listens(self) -> bool:
        return self._verbose

    def event(self, event: events.Event) -> None:
        """One line, or a change in the lines that move."""
        if isinstance(event, events.Said):  # the most frequent by far
            self._said_line(event)
            return
        match event:
            case events.RunStarted():
                self._run_started(event)
            case events.Checked() | events.Looked():
                self._asked.append(event)
                self._hear(_PREFLIGHT, event.name)
            case events.Warned():
                self._asked_warnings.append(event)
            case events.StepStarted():
                self._step_started(event)
            case events.PointOfNoReturnPassed():
                self._mark_no_return()
            case events.RollingBack(why):
                self._end_moving()
                self._put(_EMPTY, ((f"rolling back: {why}", "bold yellow"),))
            case events.RunFinished():
                self._run_finished(event)
            case _:
                self._step_ended(event)

    def summary(self, text: str) -> None:
        self._end_moving()
        self._put(((text, ""),))

    def outputs(self, facts: Mapping[str, str]) -> None:
        """Facts are for programs; people read the summary."""

    def error(self, report: Report) -> None:
        self._end_moving()
        head: Line = ((f"{report.level}:", _LEVELS[report.level]), (" ", ""), (report.what, "bold"))
        self._put(_EMPTY, head, *(((f"  {line}", ""),) for line in details(report)))
        if report.hint:
            self._put(_EMPTY, hint(report.hint))

    def close(self) -> None:
        self._end_moving()

    def _put(self, *lines: Line) -> None:
        for line in lines:
            self._safe_stream.write(f"{plain(line)}\n")
        self._safe_stream.flush()

    def _mark_no_return(self) -> None:
        self._put(((f"{NO_RETURN} ".ljust(PIPE_WIDTH, "─"), ""),))

    def _move(self, row: Row) -> None:
        """Show on a terminal that this step is running."""

    def _hear(self, name: str, line: str) -> None:
        """Show on a terminal what a running step said last."""

    def _end_moving(self, name: str | None = None) -> None:
        """End what `_move` began, for one step or for all."""

    def _run_started(self, event: events.RunStarted) -> None:
        self._put(((event.title, "bold"),), _EMPTY)
        self._layout = Layout.of(event.steps, self._width)
        self._move(Row(" ", "", "", _PREFLIGHT, "Look before anything is touched"))

    def _step_started(self, event: events.StepStarted) -> None:
        self._end_preflight()
        place = f"{event.number}/{event.total}"
        self._running[event.name] = _Running(place)
        self._begin(Row("→", "cyan", place, event.name, event.summary))

    def _begin(self, row: Row) -> None:
        self._put(self._layout.line(row))

    def _step_ended(self, event: Ended) -> None:
        self._end_preflight()
        self._end_moving(event.name)
        ran = self._running.pop(event.name, _Running(""))
        self._put(self._layout.line(_row(event, ran.place)))
        if isinstance(event, events.StepFailed) and not self._verbose:
            self._put(*(_quote(line) for line in ran.said))

    def _said_line(self, event: events.Said) -> None:
        running = self._running.get(event.name)
        if running:  # a step that is being undone is none
            running.said.append(event.line)
        self._hear(event.name, event.line)
        if self._verbose:
            self._put(_quote(event.line, event.name if len(self._running) > 1 else ""))

    def _end_preflight(self) -> None:
        """One line for all that was asked; what speaks against the run in full."""
        asked, self._asked = self._asked, []
        self._end_moving(_PREFLIGHT)
        if not asked:
            return
        bad = [one for one in asked if _is_bad(one)]
        mark, style = ("✗", "bold red") if bad else ("✓", "green")
        self._put(self._layout.line(Row(mark, style, "", _PREFLIGHT, _asked_summary(asked))))
        for one in bad:
            self._put(*_objection(one))
        for warning in self._asked_warnings:
            self._put(*(((("  ", ""), *line)) for line in warning_lines(warning)))
        self._asked_warnings.clear()

    def _run_finished(self, event: events.RunFinished) -> None:
        self._end_preflight()
        self._end_moving()
        code = f" (exit code {event.exit_code})" if event.exit_code else ""
        style = "bold red" if event.exit_code else "bold green"
        self._put(_EMPTY, ((f"{event.outcome} after {duration(event.seconds)}{code}", style),))


def problem_head(check: events.Checked) -> Line:
    return (("✗ problem", "bold red"), ("  ", ""), (check.name, "bold"), (f"  {one_line(check.summary)}", ""))


def warning_lines(warning: events.Warned) -> Iterator[Line]:
    """Say that it is allowed, what it is, its evidence, and what to do about it."""
    head, *rest = problem_body(warning.problem)
    yield (("! warning", "bold yellow"), ("  ", ""), (warning.name, "bold"), ("  ", ""), *head)
    yield from (((("    ", "")), *line) for line in rest)


def problem_body(problem: Problem) -> Iterator[Line]:
    """Say what, its evidence, and what to do about it."""
    yield from (((line, ""),) for line in problem.what.splitlines())
    yield from (((line, "dim"),) for line in problem.evidence.splitlines())
    if problem.hint:
        yield hint(problem.hint)


def hint(text: str) -> Line:
    return (("hint:", "bold cyan"), (f" {text}", ""))


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


def _quote(line: str, name: str = "") -> Line:
    return ((f"    │ {name}: {line}" if name else f"    │ {line}", "dim"),)


def _is_bad(asked: events.Checked | events.Looked) -> bool:
    if isinstance(asked, events.Checked):
        return bool(asked.objections)
    return asked.look.state.objects


def _asked_summary(asked: list[events.Checked | events.Looked]) -> str:
    checks = [one for one in asked if isinstance(one, events.Checked)]
    looks = [one for one in asked if isinstance(one, events.Looked)]
    done = sum(one.look.state is State.DONE for one in looks)
    parts = [count(len(checks), "check")] if checks else []
    if looks:
        parts.append(f"{done} of {count(len(looks), 'step')} done already")
    return ", ".join(parts)


def _objection(asked: events.Checked | events.Looked) -> Iterator[Line]:
    if isinstance(asked, events.Checked):
        yield (("  ", ""), *problem_head(asked))
        for problem in asked.objections:
            yield from ((("      ", ""), *line) for line in problem_body(problem))
        return
    word = f"{MARKS[asked.look.state]} {WORDS[asked.look.state]}"
    yield (("  ", ""), (word, "bold red"), ("  ", ""), (asked.name, "bold"), (f"  {asked.summary}", ""))
    for evidence in asked.look.evidence.splitlines():
        yield ((f"      {evidence}", "red"),)
