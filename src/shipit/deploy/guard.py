"""How a deployment lets go of its environment: the lock and the ledger move with one push."""

from collections.abc import Callable

from msgspec import Struct

from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.model import Entry
from shipit.engine.plan import End
from shipit.errors import Stop


class Guard(Struct, frozen=True, kw_only=True):
    """Plays engine.plan.Guard. `entry` makes the entry of the ledger with this outcome, from what is live now."""

    lock: EnvironmentLock
    ledger: Ledger
    entry: Callable[[str], Entry]

    def free(self, end: End) -> None:
        """Free the lock, and write down what was tried; leave it to anybody where the decision in it is needed.

        Raises StoppedHalfway if the lock may still arrive.
        """
        if end is not End.COMPLETE:
            self.lock.settle()
        if not self.lock.is_ours():
            return
        if end is End.STOPPED_HALFWAY:
            self.lock.leave()
            return
        try:
            self.lock.remote.push(self.ledger.update(self.entry(end)), self.lock.freed)
        except Stop:  # that it cannot be written keeps nobody else waiting
            self.lock.free()
