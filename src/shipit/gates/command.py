"""shipit verify lint, types and tests: every gate of a question is run, and all of them must be clean."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace

from shipit.config import Gate, Project
from shipit.engine import events
from shipit.engine.plan import done
from shipit.errors import Refused, UsageError
from shipit.gates import defaults
from shipit.gates.outside import UsersTree, gate_runner, kept_apart, tracked_python
from shipit.gates.report import GateReport, Verdict
from shipit.gates.runner import split
from shipit.output.reporter import Reporter

Facts = Mapping[str, str]
Variables = Mapping[str, str | None]


def _nothing() -> Variables:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks: `part` is unit, integration or empty, `least` the percent that goes first.

    `prepare` makes what the commands need just before they run, and gives the variables that name it.
    """

    question: str
    part: str = ""
    least: float | None = None
    withheld: frozenset[str] = frozenset()
    prepare: Callable[[], Variables] = field(default=_nothing)


def verify(project: Project, reporter: Reporter, asked: Asked) -> Facts:
    """Run the gates of a question on the work tree as it is; raises Refused unless every one of them is clean."""
    gates = chosen(project, asked)
    given = {**asked.prepare(), **_for_default(project, asked)}
    is_own, withheld = bool(_own(project, asked)), asked.withheld.difference(given)
    runner = gate_runner(gates, UsersTree(project.top), given, withheld, configured=is_own)
    reports = tuple(_run(list(gates), runner.run, reporter, asked.question)) if gates else (_none(asked),)
    facts = _facts(reports)
    unclean = [report for report in reports if not report.passed]
    if not unclean:
        alone = [report.gate for report in reports] == [asked.question]
        lines = [] if alone else [f"{asked.question}: clean"]
        reporter.say("\n".join([*lines, *(_line(report) for report in reports)]))
        return facts
    reporter.renderer.outputs(facts)
    raise Refused(
        f"{asked.question}: {_verdicts(unclean)}",
        evidence=[line for report in reports for line in (_line(report), *_details(report))],
        hint=_hint(unclean, asked.question),
    )


def _for_default(project: Project, asked: Asked) -> Variables:
    """Tests that no gate of the configuration runs leave nothing in the tree that git would show."""
    is_default = asked.question == defaults.TESTS and not _own(project, asked)
    return kept_apart(project.top, project.config.reports) if is_default else {}


def _own(project: Project, asked: Asked) -> Mapping[str, Gate]:
    return {name: gate for name, gate in project.config.gates.items() if (gate.verify or name) == asked.question}


def chosen(project: Project, asked: Asked) -> Mapping[str, Gate]:
    """The gates that answer the question: those of the configuration, else what the tracked files ask for.

    Raises UsageError if a part of the tests is asked for that nothing names.
    """
    own = _own(project, asked)
    tracked = () if own else tracked_python(project.top) or ()
    found = own or defaults.gates(asked.question, project.top, tracked, project.config.reports)
    if asked.part and found:
        found = _parts(own, asked.part) if own else _default_part(found, asked.part, tracked)
    return _with_least(found, asked.least)


def _parts(own: Mapping[str, Gate], part: str) -> Mapping[str, Gate]:
    """Those that know the part; what the whole must cover is not asked of a part."""
    found: dict[str, Gate] = {}
    for name, gate in own.items():
        words = gate.unit if part == "unit" else gate.integration
        if words is not None:
            run = (*split(gate.run, f"gates.{name}.run"), *split(words, f"gates.{name}.{part}"))
            found[name] = replace(gate, run=run, coverage=None)
    if found:
        return found
    raise UsageError(
        f"no gate says which tests are {part} tests",
        where=f"gates.{next(iter(own))}.{part}",
        hint=f'{part} = "tests/{part}"',
    )


def _default_part(found: Mapping[str, Gate], part: str, tracked: Sequence[str]) -> Mapping[str, Gate]:
    folder = defaults.part(tracked, part)
    if not folder:
        raise UsageError(
            f"there is no tracked folder tests/{part}",
            hint=f'write [tool.shipit.gates.tests] with run = "python -m pytest" and {part} = "FOLDER"',
        )
    return {name: replace(gate, run=(*gate.run, folder)) for name, gate in found.items()}


def _with_least(gates: Mapping[str, Gate], least: float | None) -> Mapping[str, Gate]:
    """What the command line asks for goes before each minimum, or is asked of all where none has one."""
    if least is None:
        return gates
    if not 0 <= least <= 100:  # also what is no number, which the command line lets pass
        raise UsageError(f"{least} is no percent", where="--min-coverage", hint="a number from 0 to 100")
    measuring = [name for name, gate in gates.items() if gate.coverage is not None] or list(gates)
    return {name: replace(gate, coverage=least) if name in measuring else gate for name, gate in gates.items()}


def _run(
    names: Sequence[str], run: Callable[[str, Callable[[str], None]], GateReport], reporter: Reporter, question: str
) -> Iterator[GateReport]:
    """Run each of them, whatever the others say."""
    steps = tuple((name, f"Run the gate {name}") for name in names)
    reporter.emit(events.RunStarted(f"Verify {question}", steps, None))
    began, is_clean = time.monotonic(), True
    for number, (name, summary) in enumerate(steps, 1):
        start = time.monotonic()
        reporter.emit(events.StepStarted(name, summary, number, len(steps)))
        report = run(name, partial(_say, reporter, name))
        seconds = time.monotonic() - start
        is_clean = is_clean and report.passed
        if report.passed:
            look = done(_first(report))
            reporter.emit(events.StepDone(name, summary, look, seconds, number, len(steps)))
        else:
            reporter.emit(events.StepFailed(name, summary, _answer(report), seconds))
        yield report
    code = 0 if is_clean else Refused.exit_code
    reporter.emit(events.RunFinished("complete" if is_clean else Refused.title, code, time.monotonic() - began))


def _say(reporter: Reporter, name: str, line: str) -> None:
    reporter.emit(events.Said(name, line))


def _none(asked: Asked) -> GateReport:
    return GateReport(
        gate=asked.question,
        tree="",
        command=(),
        verdict=Verdict.INCONCLUSIVE,
        detail="no gate of the configuration answers it, and no Python file is tracked that a usual one would read",
    )


def _facts(reports: Sequence[GateReport]) -> Facts:
    """The verdict of each gate, and its coverage in percent."""
    covered = {f"{one.gate}-coverage": repr(one.coverage) for one in reports if one.coverage is not None}
    is_clean = all(report.passed for report in reports)
    return {"verified": "true" if is_clean else "false", **{one.gate: one.verdict for one in reports}, **covered}


def _first(report: GateReport) -> str:
    return report.detail.partition("\n")[0]


def _answer(report: GateReport) -> str:
    first = _first(report)
    return f"{report.verdict}: {first}" if first else report.verdict


def _line(report: GateReport) -> str:
    return f"{report.gate}: {_answer(report)}"


def _details(report: GateReport) -> list[str]:
    """The rest of what there is to say, and the command, of a gate that is not clean."""
    if report.passed:
        return []
    command = [f"  ran: {' '.join(report.command)}"] if report.command else []
    return [*(f"  {line}" for line in report.detail.splitlines()[1:]), *command]


def _verdicts(reports: Sequence[GateReport]) -> str:
    """Each gate that is not clean, with its verdict: `tests inconclusive, lint findings`."""
    return ", ".join(f"{report.gate} {report.verdict}" for report in reports)


def _hint(unclean: Sequence[GateReport], question: str) -> str:
    if any(report.verdict is Verdict.NOT_RUN for report in unclean):
        return "install it where the project's python is, with its environment first on PATH"
    if all(report.verdict is Verdict.FINDINGS for report in unclean):
        return f"fix what it found, then shipit verify {question}"
    return f"a gate that could not look has not passed: see what it says, then shipit verify {question}"
