"""The step that knows the way back."""

from msgspec import Struct

from shipit.deploy.model import Decision
from shipit.deploy.ports import Smoke
from shipit.deploy.steps.environment import HoldLock
from shipit.deploy.steps.notebook import Notebook
from shipit.engine.plan import Look, Say, done
from shipit.model import Revision

HEALTHY = "healthy"


class Former(Struct, frozen=True, kw_only=True):
    """What answers now is what a failure goes back to; its undo, the last of all, proves that it answers again.

    It is asked only if it got the traffic back, and if it passed the same checks before this run: today's may be
    for the new version alone.
    """

    hold: HoldLock
    decision: Decision
    standing: Revision | None
    smoke: Smoke | None
    notebook: Notebook
    name: str = "former"
    summary: str = "Remember what is live"

    def look(self) -> Look:
        if self.standing and self.smoke and not self.notebook.health:
            self.notebook.health = HEALTHY if self._is_resumed else self.smoke.glance(self.standing)
        live = [f"{name}: {reference}" for name, reference in self.decision.replaces.items() if reference]
        if self.standing and not self._is_as_recorded:
            return done(f"{self.standing} was deployed; a failure goes back to {', '.join(live) or 'nothing'}")
        if self.standing:
            return done(f"{self.standing} is what a failure goes back to")
        return done(f"a failure goes back to {', '.join(live)}" if live else "nothing is live yet")

    def run(self, say: Say) -> None:
        """Nothing: looking is all."""

    def undo(self, say: Say) -> None:
        """Raises ExternalError if what was live before does not answer again."""
        if not (self.notebook.went_back and self._is_as_recorded and self.hold.is_in_charge):
            return
        if self.standing and self.smoke and self.notebook.health == HEALTHY:
            say(self.smoke.confirm(self.standing, say))
        elif self.standing and self.smoke:
            say(f"{self.standing} is not asked: it did not pass these checks before either: {self.notebook.health}")

    @property
    def _is_resumed(self) -> bool:
        """What answers now may be what the run before has switched to."""
        return self.hold.lock.observed is not None

    @property
    def _is_as_recorded(self) -> bool:
        """Whether what was live is what the ledger says: of anything else nobody knows how it would answer."""
        wanted = {self.standing.reference} if self.standing else {None}
        return {*self.decision.replaces.values()} == wanted
