"""Steps on a target: start the new version beside what is live, and give it the traffic."""

from msgspec import Struct

from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.model import Decision
from shipit.deploy.ports import Target
from shipit.deploy.steps.notebook import Notebook
from shipit.engine.plan import Look, Say, absent, conflict, done

ELSEWHERE = frozenset({"command", "webhook"})
"""Kinds of targets that somebody else runs: they are asked for a version, and that cannot be undone."""


WITHOUT_NOTHING = frozenset({"vercel", *ELSEWHERE})
"""Kinds of targets that cannot go back to nothing, as it was before a first deployment."""


class Start(Struct, frozen=True, kw_only=True):
    """Make the new version ready beside what is live; its undo removes it again, unless it was there before."""

    target: Target
    decision: Decision
    lock: EnvironmentLock

    @property
    def name(self) -> str:
        return f"start-{self.target.name}"

    @property
    def summary(self) -> str:
        if self.target.kind in ELSEWHERE:
            return f"Have {self.decision.revision.version} ready for {self.target.name}"
        return f"Start {self.decision.revision.version} on {self.target.name}, beside what is live"

    def look(self) -> Look:
        found = self.target.candidate(self.decision.revision)
        if found is None:
            return absent()
        return done(f"{found.reference}{f' at {found.address}' if found.address else ''}")

    def run(self, say: Say) -> None:
        self.lock.require_ours()
        self.target.start(self.decision.revision, say)

    def undo(self, say: Say) -> None:
        self.lock.require_ours()
        reference = self.decision.revision.reference
        if self.target.name not in self.decision.kept and self.target.live() != reference:
            self.target.stop(reference, say)


class Switch(Struct, frozen=True, kw_only=True):
    """All traffic to the new version; its undo gives it back to what was live before."""

    target: Target
    decision: Decision
    lock: EnvironmentLock
    notebook: Notebook

    @property
    def name(self) -> str:
        return f"switch-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"Give all traffic of {self.target.name} to {self.decision.revision.version}"

    @property
    def _before(self) -> str | None:
        return self.decision.replaces.get(self.target.name)

    def look(self) -> Look:
        live, wanted = self.target.live(), self.decision.revision.reference
        if live == wanted and not (self.decision.is_rollback and self.target.may_leave(wanted)):
            return done(f"{live} is live")
        if live == wanted:
            return absent(f"{live} is live, and another one may have been asked for")
        if live != self._before:
            return conflict(f"{live or 'nothing'} is live, and {self._before or 'nothing'} was when this began")
        return absent(f"{live} is live" if live else "nothing is live")

    def run(self, say: Say) -> None:
        self.lock.require_ours()
        self.target.switch(self.decision.revision.reference, say)

    def undo(self, say: Say) -> None:
        self.lock.require_ours()
        if self.target.live() == self.decision.revision.reference or self.target.may_leave(self._before):
            self.target.switch(self._before, say)
            self.notebook.went_back = True
