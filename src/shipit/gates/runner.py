"""Run a gate's command on a tree, and read what it says: exit code, text, JUnit report, coverage, tracked files."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from shipit.config import Gate
from shipit.engine.plan import Say
from shipit.errors import Unavailable, UsageError
from shipit.gates import coverage, junit, looks, settings, tools
from shipit.gates.minimum import Minimum
from shipit.gates.ports import Commands, Finished, Tracked, Tree
from shipit.gates.report import GateReport, Verdict

LAST_LINES = 12
_ONLY_CONFIGURED = "a gate that stands in the configuration may name them in secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run of one gate's command: where its reports are to come, and what lay there before."""

    name: str
    gate: Gate
    argv: tuple[str, ...]
    env: Mapping[str, str | None]
    tool: tools.Tool
    report: Path
    report_before: tuple[int, int] | None
    junit: Path | None
    junit_before: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRunner:
    """Runs the gates of a project; `variables` are added to the environment of their commands, None removes one.

    Of `withheld`, variables with tokens and passwords, a gate sees what its `secrets` name. `configured` is false
    of gates that stand in no configuration.
    """

    gates: Mapping[str, Gate]
    tree: Tree
    commands: Commands
    tracked: Tracked
    variables: Mapping[str, str | None]
    withheld: frozenset[str] = frozenset()
    for_release: bool = False
    configured: bool = True

    def argv(self, name: str) -> tuple[str, ...]:
        """The command as the configuration has it; raises UsageError as `run`."""
        return split(self._gate(name).run, f"gates.{name}.run")

    def run(self, name: str, say: Say) -> GateReport:
        """Whatever goes wrong in the command is a report that did not pass.

        Raises UsageError if there is no gate of this name, or if its command cannot be taken apart.
        """
        gate, argv = self._gate(name), self.argv(name)
        with TemporaryDirectory(prefix="shipit-junit-") as spare:
            attempt = self._attempt(name, gate, argv, Path(spare) / "junit.xml")
            try:
                finished = self._followed(attempt, attempt.argv, say)
                return self._judged(attempt, finished, self._withheld(attempt))
            except UsageError as error:
                return self._report(attempt, Verdict.NOT_RUN, detail=_lines(error.what, *error.evidence))
            except Unavailable as error:
                return self._report(attempt, Verdict.INCONCLUSIVE, detail=_lines(error.what, *error.evidence))

    def _followed(self, attempt: Attempt, argv: tuple[str, ...], say: Say) -> Finished:
        seconds = attempt.gate.timeout * 60
        return self.commands.follow(argv, say, cwd=self.tree.path, env=attempt.env, timeout=seconds)

    def _attempt(self, name: str, gate: Gate, argv: tuple[str, ...], spare: Path) -> Attempt:
        """A pytest command without a JUnit report is asked for one, at `spare`, outside of the tree."""
        top, tool = self.tree.path, tools.tool_of(argv)
        place = None if gate.junit_file is None else top / gate.junit_file
        if place is None and tool.name == "pytest":
            written = junit.written_by(argv, settings.pytest_options(top))
            place = top / written if written else spare
        if place == spare:
            argv = (*argv[: tool.at + 1], f"--junitxml={spare}", *argv[tool.at + 1 :])
        report = top / gate.coverage_file
        return Attempt(
            name=name,
            gate=gate,
            argv=argv,
            env={**self.variables, **dict.fromkeys(self.withheld.difference(gate.secrets))},
            tool=tool,
            report=report,
            report_before=coverage.stamp(report),
            junit=place,
            junit_before=coverage.stamp(place) if place else None,
        )

    def _judged(self, attempt: Attempt, finished: Finished, unseen: Sequence[str]) -> GateReport:
        verdict, why = tools.verdict_of(attempt.argv, attempt.tool, finished.code, finished.text)
        tests = junit.read(attempt.junit, attempt.junit_before) if attempt.junit else None
        if verdict is Verdict.FINDINGS and tests and tests.is_empty:  # such as a minimum that no test can reach
            verdict, why = Verdict.INCONCLUSIVE, tests.why
        if verdict is not Verdict.CLEAN:
            said = (*([why] if why else []), *_ended(finished), *last_lines(finished.text), *unseen)
            return self._report(attempt, verdict, detail=_lines(*said))
        tracked = self.tracked(self.tree.path) if attempt.tool.name or self._least(attempt.gate) else None
        if why := looks.idle(attempt.argv, attempt.tool, self.tree.path, finished.text, tracked or ()):
            return self._report(attempt, Verdict.INCONCLUSIVE, detail=why)
        if tests and tests.why:
            return self._report(attempt, tests.verdict, detail=_lines(tests.why, *last_lines(finished.text)))
        if why := self._unseen(attempt, tracked, finished.text):
            return self._report(attempt, Verdict.INCONCLUSIVE, detail=why)
        return self._measured(attempt, tests.text if tests else "", tracked)

    def _unseen(self, attempt: Attempt, tracked: Sequence[str] | None, text: str) -> str:
        """Why a known tool that ended with 0 has seen nothing; empty if it has looked."""
        if tracked is not None and (why := tools.blind(attempt.argv, attempt.tool, self.tree.path, tracked)):
            return why
        for look in looks.wanted(attempt.argv, attempt.tool, text):
            if why := look.fault(self._followed(attempt, look.argv, lambda _: None).text):
                return why
        return ""

    def _measured(self, attempt: Attempt, said: str, tracked: Sequence[str] | None) -> GateReport:
        least = self._least(attempt.gate)
        if least is None:
            return self._report(attempt, Verdict.CLEAN, detail=said or _alone(attempt))
        seen = coverage.read(attempt.report, attempt.report_before)
        minimum = Minimum(least=least, top=self.tree.path, argv=attempt.argv, tracked=tracked or ())
        verdict, percent, detail = minimum.verdict(seen)
        return self._report(attempt, verdict, percent, "; ".join(part for part in (said, detail) if part))

    def _withheld(self, attempt: Attempt) -> list[str]:
        """It may have failed for want of them, unless it is a tool that asks nobody anything."""
        listed = ", ".join(sorted(self.withheld.difference(attempt.gate.secrets)))
        if not listed or attempt.tool.name in {"ruff", "black", "mypy"}:
            return []
        named = f"gates.{attempt.name}.secrets names what it may see"
        return [f"it did not see {listed}: {named if self.configured else _ONLY_CONFIGURED}"]

    def _least(self, gate: Gate) -> float | None:
        if self.for_release and gate.release_coverage is not None:
            return gate.release_coverage
        return gate.coverage

    def _gate(self, name: str) -> Gate:
        if name in self.gates:
            return self.gates[name]
        raise UsageError(f"no gate is named `{name}`", evidence=[f"gates: {', '.join(self.gates) or 'none'}"])

    def _report(
        self, attempt: Attempt, verdict: Verdict, percent: float | None = None, detail: str = ""
    ) -> GateReport:
        return GateReport(
            gate=attempt.name,
            tree=self.tree.id,
            command=attempt.argv,
            verdict=verdict,
            coverage=percent,
            detail=detail,
        )


def split(command: str | Sequence[str], key: str) -> tuple[str, ...]:
    """Take a command apart like a shell would; no shell ever runs. Raises UsageError, naming the key."""
    try:
        argv = tuple(shlex.split(command) if isinstance(command, str) else command)
    except ValueError as error:
        raise UsageError(f"`{command}` is no command: {error}", where=key) from None
    if not argv:
        raise UsageError("the command is empty", where=key)
    return argv


def last_lines(text: str) -> list[str]:
    """The end of what a command printed, without empty lines."""
    return [line.rstrip() for line in text.splitlines() if line.strip()][-LAST_LINES:]


def _alone(attempt: Attempt) -> str:
    """What is said of tests whose command nobody knows, where neither tests nor coverage are counted."""
    is_of_tests = (attempt.gate.verify or attempt.name) == "tests"
    return "judged by its exit code alone: no junit-file is set" if is_of_tests and not attempt.tool.name else ""


def _lines(*lines: str) -> str:
    return "\n".join(lines)


def _ended(finished: Finished) -> list[str]:
    if finished.code < 0:
        return [f"the command was ended by signal {-finished.code}"]
    return [f"the command ended with exit code {finished.code}"] if finished.code else []
