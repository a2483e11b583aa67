"""Steps that ask before anything is pushed: the project's own gates."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from shipit.engine.plan import Look, Say, absent, done
from shipit.errors import Refused
from shipit.gates.report import GateReport, Verdict
from shipit.release.files import REPORTS
from shipit.release.ports import ArtifactStore, Gates

_SAID = {
    Verdict.FINDINGS: "failed",
    Verdict.INCONCLUSIVE: "is inconclusive",
    Verdict.NOT_RUN: "did not run",
}


GATE, BUILT_IN = "gate", "built-in"
"""Who a report is of: a gate of the project and a step of ours never stand under the same key."""


def reports(artifacts: ArtifactStore) -> dict[str, GateReport]:
    """Every report of this release that is on this machine, by `gate:NAME` or `built-in:NAME`."""
    data = artifacts.read(REPORTS)
    try:
        return msgspec.json.decode(data, type=dict[str, GateReport]) if data else {}
    except msgspec.DecodeError:  # of another version of shipit, or cut off: the gates run again
        return {}


def keep_report(artifacts: ArtifactStore, report: GateReport, whose: str = GATE) -> None:
    artifacts.write(REPORTS, msgspec.json.encode({**reports(artifacts), f"{whose}:{report.gate}": report}))


def passed(artifacts: ArtifactStore, gate: str, tree: str, whose: str = GATE) -> Look:
    """Done if this gate, or built-in step, passed on exactly this tree."""
    report = reports(artifacts).get(f"{whose}:{gate}")
    if report is None or report.tree != tree or not report.passed:
        return absent()
    return done(report.detail or "passed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One command that must pass on the tree that is released; `tree` is its git id."""

    gates: Gates
    artifacts: ArtifactStore
    gate: str
    tree: str

    @property
    def name(self) -> str:
        return f"gate-{self.gate}"

    @property
    def summary(self) -> str:
        return f"Pass the gate {self.gate}"

    def look(self) -> Look:
        return passed(self.artifacts, self.gate, self.tree)

    def argv(self) -> Sequence[str]:
        return self.gates.argv(self.gate)

    def run(self, say: Say) -> None:
        report = self.gates.run(self.gate, say)
        keep_report(self.artifacts, report)
        if not report.passed:
            lines = report.detail.splitlines()
            raise Refused(
                f"the gate {self.gate} {_SAID[report.verdict]}",
                where=" ".join(report.command),
                evidence=lines,
                hint="fix it, commit, and release again",
            )
