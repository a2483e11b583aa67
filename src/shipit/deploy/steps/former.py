"""The step that knows the way back."""

from msgspec import Struct

from shipit.deploy.model import Decision
from shipit.deploy.ports import Smoke
from shipit.deploy.steps.environment import HoldLock
from shipit.engine.plan import Look, Say, done
from shipit.model import Revision


class Former(Struct, frozen=True, kw_only=True):
    """What answers now is what a failure goes back to; its undo, the last of all, proves that it answers again."""

    hold: HoldLock
    decision: Decision
    standing: Revision | None
    smoke: Smoke | None
    name: str = "former"
    summary: str = "Remember what is live"

    def look(self) -> Look:
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
        if self.standing and self.smoke and self._is_as_recorded and self.hold.is_in_charge:
            say(self.smoke.check(self.standing, say))

    @property
    def _is_as_recorded(self) -> bool:
        """Whether what was live is what the ledger says: of anything else nobody knows how it would answer."""
        wanted = {self.standing.reference} if self.standing else {None}
        return {*self.decision.replaces.values()} == wanted
