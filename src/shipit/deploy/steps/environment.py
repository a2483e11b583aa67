"""Steps on the remote: hold the lock of the environment, and write the deployment into its ledger."""

from collections.abc import Callable

from msgspec import Struct

from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock, was_faster
from shipit.deploy.model import COMPLETE, Decision, Entry
from shipit.deploy.ports import Schema
from shipit.engine.plan import Look, Say, Undoable, absent, conflict, done
from shipit.errors import LeaseLost, Stop


class HoldLock(Struct, frozen=True, kw_only=True):
    """One deployment at a time; freeing it is no matter of this step: see deploy.guard.

    `effects` are the steps on targets. A run that goes on after another was killed may fail before it comes to what
    that one has changed, so the undo of the lock undoes all of them, which is nothing where that has happened. It
    may also find migrations of that one, so it is asked here what the database keeps.
    """

    lock: EnvironmentLock
    ledger: Ledger
    decision: Decision
    effects: tuple[Undoable, ...] = ()
    schema: Schema | None = None
    name: str = "lock"

    @property
    def summary(self) -> str:
        return f"Hold the lock of {self.lock.environment} on the remote"

    def look(self) -> Look:
        return done(f"{self.lock.ref} is ours") if self.lock.is_ours() else absent()

    def run(self, say: Say) -> None:
        """Raises LostRace if somebody has it, or deployed between the decision and the lock."""
        self.lock.take()
        if not self._is_up_to_date:
            self.lock.free()
            newest = self.ledger.newest()
            what = (
                f"{newest.decision.revision} {newest.outcome} by {newest.actor}" if newest else "no entry is left"
            )
            raise was_faster(self.lock.environment, [what])

    def undo(self, say: Say) -> None:
        if self.is_in_charge:
            for effect in reversed(self.effects):
                effect.undo(say)

    def lasts(self) -> str:
        """Migrations stay: the version before lives with them, or they would have been refused."""
        if self.schema is None:
            return ""
        try:
            waiting = self.schema.pending()
        except Stop:
            return "it is not known what the database keeps: it did not answer"
        applied = ", ".join(label for label in self.decision.migrations if label not in waiting)
        return f"the database keeps {applied}, which the version before can live with" if applied else ""

    @property
    def is_in_charge(self) -> bool:
        """Whether the environment is this run's alone, and as it was when it was decided what to do."""
        return self.lock.is_ours() and self._is_up_to_date

    @property
    def _is_up_to_date(self) -> bool:
        """Whether nobody has deployed since the decision."""
        return self.ledger.tip() == self.decision.after


class Record(Struct, frozen=True, kw_only=True):
    """Write the deployment into the ledger and free the lock, both at once: one alone cannot be there."""

    ledger: Ledger
    lock: EnvironmentLock
    decision: Decision
    fence: int
    entry: Callable[[str], Entry]
    name: str = "record"

    @property
    def summary(self) -> str:
        return f"Write it into the ledger of {self.decision.environment}"

    def look(self) -> Look:
        newest = self.ledger.newest()
        if newest is None or not newest.is_complete or newest.decision.run != self.decision.run:
            return absent()
        by_us = newest.fence == self.fence
        return done(f"run {self.decision.run}") if by_us else conflict("another run took over, and has finished it")

    def run(self, say: Say) -> None:
        try:
            self.ledger.remote.push(self.ledger.update(self.entry(COMPLETE)), self.lock.freed)
        except LeaseLost:
            self.lock.require_ours()  # says it better, where it is the lock
            raise
