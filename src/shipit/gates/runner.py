"""Run a gate's command on a tree, and read what it says: exit code, and coverage where that is asked for."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shipit.config import Gate
from shipit.engine.plan import Say
from shipit.errors import Unavailable, UsageError
from shipit.gates import coverage
from shipit.gates.ports import Commands, Finished, Tree
from shipit.gates.report import GateReport, Verdict

LAST_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRunner:
    """Runs the gates of a project; `variables` are added to the environment of their commands, None removes one.

    Of `withheld`, variables with tokens and passwords, a gate sees what its `secrets` name.
    """

    gates: Mapping[str, Gate]
    tree: Tree
    commands: Commands
    variables: Mapping[str, str | None]
    withheld: frozenset[str] = frozenset()

    def run(self, name: str, say: Say) -> GateReport:
        """Whatever goes wrong in the command is a report that did not pass.

        Raises UsageError if there is no gate of this name, or if its command cannot be taken apart.
        """
        gate = self._gate(name)
        argv = split(gate.run, f"gates.{name}.run")
        path = self.tree.path
        report = path / gate.coverage_file
        before = coverage.stamp(report)
        unseen = self.withheld.difference(gate.secrets)
        env = {**self.variables, **dict.fromkeys(unseen)}
        try:
            finished = self.commands.follow(argv, say, cwd=path, env=env, timeout=gate.timeout * 60)
        except UsageError as error:
            return self._report(name, argv, Verdict.NOT_RUN, detail=_lines(error.what, *error.evidence))
        except Unavailable as error:
            return self._report(name, argv, Verdict.INCONCLUSIVE, detail=_lines(error.what, *error.evidence))
        if finished.code:
            verdict = Verdict.FINDINGS if finished.code > 0 else Verdict.INCONCLUSIVE
            said = (_ended(finished), *last_lines(finished.text), *_withheld(name, unseen))
            return self._report(name, argv, verdict, detail=_lines(*said))
        if gate.coverage is None:
            return self._report(name, argv, Verdict.CLEAN)
        return self._measured(name, argv, gate.coverage, coverage.measured(report, before))

    def _measured(self, name: str, argv: Sequence[str], least: float, found: coverage.Coverage) -> GateReport:
        if found.percent is None:
            return self._report(name, argv, Verdict.INCONCLUSIVE, detail=found.fault)
        if found.percent < least:
            short = f"coverage {_percent(found.percent, least)} % is below {least:g} %"
            return self._report(name, argv, Verdict.FINDINGS, found.percent, short)
        return self._report(name, argv, Verdict.CLEAN, found.percent, f"coverage {found.percent:.1f} %")

    def _gate(self, name: str) -> Gate:
        if name in self.gates:
            return self.gates[name]
        raise UsageError(f"no gate is named `{name}`", evidence=[f"gates: {', '.join(self.gates) or 'none'}"])

    def _report(
        self, name: str, argv: Sequence[str], verdict: Verdict, percent: float | None = None, detail: str = ""
    ) -> GateReport:
        return GateReport(
            gate=name, tree=self.tree.id, command=tuple(argv), verdict=verdict, coverage=percent, detail=detail
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


def _withheld(gate: str, names: Collection[str]) -> list[str]:
    """It may have failed for want of them."""
    listed = ", ".join(sorted(names))
    return [f"it did not see {listed}: gates.{gate}.secrets names what it may see"] if names else []


def _lines(*lines: str) -> str:
    return "\n".join(lines)


def _ended(finished: Finished) -> str:
    if finished.code < 0:
        return f"the command was ended by signal {-finished.code}"
    return f"the command ended with exit code {finished.code}"


def _percent(percent: float, least: float) -> str:
    """One decimal, or as many as it takes not to look like the minimum."""
    return next(text for digits in range(1, 9) if float(text := f"{percent:.{digits}f}") < least or digits == 8)
