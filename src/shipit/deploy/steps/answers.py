"""Steps that ask whether the new version answers; what they saw is in the notebook of the run."""

from msgspec import Struct

from shipit.deploy.model import Decision
from shipit.deploy.ports import Smoke, Target
from shipit.deploy.steps.notebook import Notebook
from shipit.engine.plan import Look, Say, absent, done


class CheckCandidate(Struct, frozen=True, kw_only=True):
    """The new version answers at its own address, before any traffic reaches it."""

    target: Target
    decision: Decision
    smoke: Smoke
    notebook: Notebook

    @property
    def name(self) -> str:
        return f"check-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"Check {self.target.name} at its own address"

    def look(self) -> Look:
        seen = self.notebook.seen.get(self.name)
        return done(seen) if seen else absent()

    def run(self, say: Say) -> None:
        found = self.target.candidate(self.decision.revision)
        address = found.address if found else ""
        self.notebook.seen[self.name] = self.smoke.check(self.decision.revision, say, address)


class CheckPublic(Struct, frozen=True, kw_only=True):
    """The new version answers at the public address, and a check that must fail does."""

    decision: Decision
    smoke: Smoke
    notebook: Notebook
    name: str = "smoke"
    summary: str = "Look from outside whether the new version answers"

    def look(self) -> Look:
        seen = self.notebook.seen.get(self.name)
        return done(seen) if seen else absent()

    def run(self, say: Say) -> None:
        self.notebook.seen[self.name] = self.smoke.check(self.decision.revision, say)
