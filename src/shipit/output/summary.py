"""The step summary on GitHub: a heading, the steps as a table, a Mermaid gantt, and what stood in the way."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shipit.engine import events
from shipit.engine.preview import Contents, Preview
from shipit.output.event_lines import MARKS, WORDS
from shipit.output.line import plain
from shipit.output.patches import NOTES, changes_title, notes_lines, patches_lines
from shipit.output.problem import Report, details, problem_lines
from shipit.output.text import duration, one_line

LIMIT = 1024 * 1024
"""Bytes per step, of all its writers together: GitHub drops the whole summary when it is larger."""
_CELL = 300

DONE, FAILED, UNDONE = "✓ done", "✗ failed", "↶ undone"
_KINDS = {DONE: "done", FAILED: "crit", UNDONE: "active"}


@dataclass(slots=True, kw_only=True)
class _Line:
    """A row of the table and, where time passed, a bar of the gantt."""

    name: str
    summary: str
    state: str
    seconds: float | None = None
    evidence: str = ""
    start: float = 0.0
    """in seconds since the first step started"""


@dataclass(slots=True, kw_only=True)
class Summary:
    """Collects during the run; written once, at the end."""

    title: str = "shipit"
    lines: list[_Line] = field(default_factory=list)
    point_of_no_return: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcome: str = ""
    contents: Contents | None = None
    _now: float = 0.0
    _started: dict[str, float] = field(default_factory=dict)

    def event(self, event: events.Event) -> None:
        match event:
            case events.RunStarted(title, _, point_of_no_return):
                self.title, self.point_of_no_return = title, point_of_no_return
            case events.Checked():
                self._checked(event)
            case events.StepStarted(name):
                self._started[name] = self._now
            case events.StepSkipped(name, summary, look):
                self.lines.append(
                    _Line(name=name, summary=summary, state="✓ done already", seconds=None, evidence=look.evidence)
                )
            case events.StepDone(name, summary, look, seconds):
                self._took(_Line(name=name, summary=summary, state=DONE, seconds=seconds, evidence=look.evidence))
            case events.StepFailed(name, summary, what, seconds):
                self._took(_Line(name=name, summary=summary, state=FAILED, seconds=seconds, evidence=what))
            case events.StepUndone(name, summary, seconds):
                self._took(_Line(name=name, summary=summary, state=UNDONE, seconds=seconds))
            case events.RunFinished(outcome, exit_code, seconds):
                self.outcome = f"**{_plain(outcome)}** after {duration(seconds)}, exit code {exit_code}"
            case _:
                pass

    def preview(self, preview: Preview) -> None:
        self.title, self.point_of_no_return = preview.title, preview.point_of_no_return
        self.outcome, self.contents = "**plan**: nothing was changed", preview.contents
        for check in preview.checked:
            self._checked(check)
        for looked in preview.looked:
            state = looked.look.state
            line = _Line(name=looked.name, summary=looked.summary, state=f"{MARKS[state]} {WORDS[state]}")
            line.evidence = looked.look.evidence
            self.lines.append(line)
            if state.objects:
                self.problems.append(f"{looked.name}: {looked.look.evidence}")

    def note(self, text: str) -> None:
        self.notes.append(text)

    def error(self, report: Report) -> None:
        text = "\n".join([report.what, *details(report)])
        self.problems.append(text + (f"\n\nhint: {report.hint}" if report.hint else ""))

    def text(self, space: int) -> str:
        """Give as many blocks as fit into `space` bytes, the important ones first."""
        if not (self.lines or self.problems or self.notes or self.outcome):
            return ""
        fitting = []
        for block in self._blocks():
            size = len(f"{block}\n\n".encode())
            if size <= space:
                fitting.append(f"{block}\n\n")
                space -= size
        return "".join(fitting)

    def _took(self, line: _Line) -> None:
        """Place its bar: where it started, if others run beside it, and otherwise behind the last one."""
        line.start = self._started.pop(line.name, self._now)
        self._now = max(self._now, line.start + (line.seconds or 0.0))
        self.lines.append(line)

    def _checked(self, check: events.Checked) -> None:
        for problem in check.problems:
            head = f"warning: {check.name}:" if problem.is_warning else f"{check.name}:"
            self.problems.append("\n".join([head, *problem_lines(problem)]))

    def _blocks(self) -> Iterator[str]:
        yield f"## {_plain(self.title)}"
        if self.outcome:
            yield self.outcome
        for note in self.notes:
            yield _as_it_is(note) if "\n" in note else _plain(note)  # a table keeps its columns
        for problem in self.problems:
            yield _as_it_is(problem)
        if self.lines:
            yield "\n".join(self._table())
        if any(line.seconds is not None for line in self.lines):
            yield "\n".join(self._gantt())
        if self.contents:
            notes = notes_lines(self.contents.notes, None)
            changes = map(plain, patches_lines(self.contents.diffs, None, "the log has all of it"))
            yield f"### {NOTES}\n\n{_fenced('markdown', notes)}"
            yield f"### {changes_title(self.contents)}\n\n{_fenced('diff', changes)}"

    def _table(self) -> Iterator[str]:
        yield "| | step | what | state | seconds | evidence |"
        yield "|--:|:--|:--|:--|--:|:--|"
        for number, line in enumerate(self.lines, start=1):
            seconds = "" if line.seconds is None else f"{line.seconds:.1f}"
            cells = (line.name, line.summary, line.state, seconds, line.evidence)
            yield f"| {number} | {' | '.join(_plain(cell) for cell in cells)} |"
            if line.name == self.point_of_no_return and line.state != UNDONE:
                yield "| | **point of no return** | | | | |"

    def _gantt(self) -> Iterator[str]:
        yield "```mermaid"
        yield "gantt"
        yield "    dateFormat x"
        yield "    axisFormat %M:%S"
        for line in self.lines:
            if line.seconds is None:
                continue
            # a bar of no width has no label: nothing is shorter than a millisecond
            start, length = round(line.start * 1000), max(round(line.seconds * 1000), 1)
            label = _mermaid(f"{line.name} {duration(line.seconds)}")
            yield f"    {label} :{_KINDS[line.state]}, {start}, {length}ms"
            if line.name == self.point_of_no_return and line.state == DONE:
                yield f"    point of no return :milestone, {start + length}, 0ms"
        yield "```"


def _fenced(language: str, lines: Iterable[str]) -> str:
    """A block of code, whatever its lines hold: its fence is longer than any of theirs."""
    text = "\n".join(lines).strip("\n")
    fence = "`" * max(3, *(len(found) + 1 for found in re.findall("`+", text)), 0)
    return f"{fence}{language}\n{text}\n{fence}"


def _as_it_is(text: str) -> str:
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def _plain(text: str) -> str:
    """One line that GitHub shows as it is: no markup, no mention, no link."""
    text = one_line(text)
    if len(text) > _CELL:
        text = text[: _CELL - 1] + "…"
    text = html.escape(text, quote=False)
    return re.sub(r"[\\`*_\[\]#|~@:]", lambda found: f"&#{ord(found[0])};", text)


def _mermaid(text: str) -> str:
    """Words for a bar: `:` ends a title, `;` a statement, `#` and `%%` begin something else."""
    return one_line(re.sub(r"[^\w .,+/()-]", " ", text))
