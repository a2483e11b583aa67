"""The page that a dry run prints: the checks, then the steps, with a rule at the point of no return."""

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from shipit.engine.events import Checked, Looked, Warned
from shipit.engine.plan import State
from shipit.engine.preview import Preview
from shipit.output.event_lines import MARKS, WORDS
from shipit.output.line import Line
from shipit.output.plain_output import NO_RETURN, problem_body, problem_head, warning_lines
from shipit.output.text import count, one_line
from shipit.versioning.columns import folded

STYLES = {State.DONE: "green", State.ABSENT: "cyan", State.CONFLICT: "bold red", State.UNKNOWN: "bold red"}

_LEAST_EVIDENCE = 40
"""With this many columns to spare the evidence stands beside the summary, otherwise below it."""

_NO_RETURN_NOTE = "before it, a failure is rolled back; after it there is only forward"


def page(preview: Preview, width: int, *, verbose: bool = False) -> RenderableType:
    """The plan of a dry run; `width` in columns, `verbose` shows the commands of its steps."""
    return Group(
        Text(one_line(preview.title), style="bold"),
        Text(),
        *_checks(preview.checked),
        *_steps(preview, width, verbose=verbose),
        Text(),
        _totals(preview),
    )


def _checks(checked: Sequence[Checked]) -> Iterator[RenderableType]:
    passed = [check.name for check in checked if not check.objections]
    if passed:
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_row(
            Text.assemble(("✓", "green"), f" {count(len(passed), 'check')} passed"),
            Text(", ".join(passed), style="dim"),
        )
        yield line
    for check in checked:
        if check.objections:
            yield _wrapped(problem_head(check))
            lines = [_wrapped(line) for problem in check.objections for line in problem_body(problem)]
            yield Padding(Group(*lines), (0, 0, 0, 4))
        for problem in check.problems:
            if problem.is_warning:
                yield from map(_wrapped, warning_lines(Warned(check.name, problem)))
    if checked:
        yield Text()


def _wrapped(line: Line) -> Text:
    return Text.assemble(*line)


def _steps(preview: Preview, width: int, *, verbose: bool) -> Iterator[RenderableType]:
    names = [looked.name for looked in preview.looked]
    turn = names.index(preview.point_of_no_return) + 1 if preview.point_of_no_return in names else 0
    grid = _Grid(preview.looked, width)
    for number, looked in enumerate(preview.looked, start=1):
        yield from grid.rows(number, looked)
        if verbose and looked.argv:
            yield from _command(looked.argv, width)
        if number == turn:
            yield from (Text(), no_return_rule(), Text(_NO_RETURN_NOTE, style="dim"), Text())


def _command(argv: Sequence[str], width: int) -> Iterator[Text]:
    """The command as a shell would take it, broken between words only: a longer one is left to the terminal."""
    for line in folded(f"    $ {one_line(shlex.join(argv))}", width, "      "):
        yield Text(line, style="dim", no_wrap=True, overflow="ignore")


def no_return_rule() -> Rule:
    return Rule(Text(NO_RETURN, style="yellow"), style="dim yellow", align="left")


class _Grid:
    """Rows are tables of their own with the same columns: a conflict's evidence is wider than any of them."""

    def __init__(self, looked: Sequence[Looked], width: int) -> None:
        self._number = len(str(len(looked)))
        self._word = max((len(WORDS[one.look.state]) for one in looked), default=0)
        self._name = min(max((len(one.name) for one in looked), default=0), 24, width // 4)
        indent = self._number + 1 + self._word + self._name + 4 * 2
        rest = width - indent
        longest = max((len(one_line(one.summary)) for one in looked), default=0)
        self._below = indent if rest > _LEAST_EVIDENCE // 2 else 4
        self._summary = longest if rest - longest > _LEAST_EVIDENCE else 0

    def rows(self, number: int, looked: Looked) -> Iterator[RenderableType]:
        state, evidence = looked.look.state, looked.look.evidence
        beside = bool(self._summary) and not state.objects
        yield self._row(number, looked, evidence if beside else "")
        if evidence and not beside:
            yield Padding(_evidence(state, evidence), (0, 0, 0, self._below))

    def _row(self, number: int, looked: Looked, evidence: str) -> Table:
        row = Table.grid(padding=(0, 2, 0, 0), expand=True)
        row.add_column(width=self._number, justify="right")
        row.add_column(width=1)
        row.add_column(width=self._word)
        row.add_column(width=self._name, no_wrap=True, overflow="ellipsis")
        if evidence:
            row.add_column(width=self._summary)
        row.add_column(ratio=1)
        state = looked.look.state
        cells = [
            Text(str(number), style="dim"),
            Text(MARKS[state], style=STYLES[state]),
            Text(WORDS[state], style=STYLES[state]),
            Text(looked.name, style="bold"),
            Text(one_line(looked.summary), style="dim" if state is State.DONE else ""),
        ]
        row.add_row(*cells, *([_evidence(state, evidence)] if evidence else []))
        return row


def _evidence(state: State, evidence: str) -> Text:
    """Wrap what a conflict shows, for a person must read it; cut other evidence."""
    if state.objects:
        return Text(evidence, style="red", overflow="fold")
    return Text(one_line(evidence), style="dim", no_wrap=True, overflow="ellipsis")


def _totals(preview: Preview) -> Text:
    states = [looked.look.state for looked in preview.looked]
    problems = sum(len(check.objections) for check in preview.checked)
    conflicts, unknown = states.count(State.CONFLICT), states.count(State.UNKNOWN)
    parts = [f"{states.count(State.ABSENT)} to do", f"{states.count(State.DONE)} done"]
    if conflicts:
        parts.append(count(conflicts, "conflict"))
    if unknown:
        parts.append(f"{unknown} unknown")
    if problems:
        parts.append(count(problems, "problem"))
    if problems or conflicts or unknown:
        return Text(f"{', '.join(parts)}: nothing starts before this is resolved", style="bold red")
    if not states.count(State.ABSENT):
        return Text("everything is there: nothing to do", style="bold green")
    return Text(f"{', '.join(parts)}; nothing was changed", style="bold")
