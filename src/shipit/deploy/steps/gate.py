"""The project's own commands that must pass before a commit is deployed."""

from collections.abc import Sequence

from msgspec import Struct

from shipit.deploy.steps.notebook import Notebook
from shipit.engine.plan import Look, Say, absent, done
from shipit.errors import Refused
from shipit.gates.report import Verdict
from shipit.release.ports import Gates

_SAID = {
    Verdict.FINDINGS: "failed",
    Verdict.INCONCLUSIVE: "is inconclusive",
    Verdict.NOT_RUN: "did not run",
}


class Gate(Struct, frozen=True, kw_only=True):
    """One of them on the commit that is deployed; what a run has passed is asked again by the next one."""

    gates: Gates
    gate: str
    notebook: Notebook

    @property
    def name(self) -> str:
        return f"gate-{self.gate}"

    @property
    def summary(self) -> str:
        return f"Pass the gate {self.gate}"

    def look(self) -> Look:
        seen = self.notebook.seen.get(self.name)
        return done(seen) if seen else absent()

    def argv(self) -> Sequence[str]:
        return self.gates.argv(self.gate)

    def run(self, say: Say) -> None:
        report = self.gates.run(self.gate, say)
        if not report.passed:
            raise Refused(
                f"the gate {self.gate} {_SAID[report.verdict]}",
                where=" ".join(report.command),
                evidence=report.detail.splitlines(),
                hint="fix it, commit, push, and deploy again",
            )
        self.notebook.seen[self.name] = report.detail or "passed"
