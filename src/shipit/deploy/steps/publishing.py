"""The step that says in the lock that publishing begins, and the last one before which a deployment is undone."""

from collections.abc import Sequence

from msgspec import Struct

from shipit.deploy.lock import EnvironmentLock
from shipit.engine.plan import Look, Say, State, Step, absent, done
from shipit.errors import LeaseLost


class BeginPublishing(Struct, frozen=True, kw_only=True):
    """Whoever goes on must know that something may be public: half an upload looks as if nothing were there.

    Where `steps` have nothing to do, nothing begins.
    """

    lock: EnvironmentLock
    steps: Sequence[Step]
    name: str = "begin-publishing"
    summary: str = "Say in the lock that from here there is only forward"

    def look(self) -> Look:
        if self.lock.is_public:
            return done(f"{self.lock.ref} says so")
        is_over = all(step.look().state is State.DONE for step in self.steps)
        return done("everything is published already") if is_over else absent()

    def run(self, say: Say) -> None:
        """Raises LostRace where somebody has taken over."""
        try:
            self.lock.make_public()
        except LeaseLost:
            self.lock.require_ours()  # says it better
            raise
