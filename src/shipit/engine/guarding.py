"""The guard of a plan on the way out: freed once, and what is to be said if that was not possible."""

from shipit.engine.ending import as_stop
from shipit.engine.plan import End, Guard
from shipit.errors import Denied, LostRace, Signalled, Stop, StoppedHalfway


class FreedOnce:
    """`held` says why the guard is not free, once it was asked to be; None if it is."""

    def __init__(self, guard: Guard | None) -> None:
        self.held: Stop | None = None
        self._guard = guard

    def free(self, end: End) -> None:
        """Free it, unless that was tried before."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        try:
            guard.free(end)
        except LostRace as lost:
            self.held = lost
        except Signalled as signal:
            self.held = StoppedHalfway(f"the lock could not be freed: interrupted by {signal}")
        except Exception as caught:  # noqa: BLE001 - the end of the run must be said all the same
            why = as_stop(caught)
            what = f"the lock could not be freed: {why.what}"
            own = why.hint if isinstance(why, Denied) and why.hint != why.usual_hint else None
            self.held = StoppedHalfway(what, evidence=why.evidence, hint=own)

    @property
    def lines(self) -> tuple[str, ...]:
        """For people: why it is not free."""
        return (self.held.what, *self.held.evidence) if self.held else ()

    @property
    def is_stuck(self) -> bool:
        """Whether a person must see to it: nobody else goes on."""
        return isinstance(self.held, StoppedHalfway)

    def hint_before(self, usual: str) -> str:
        """What helps to free it, and then the usual next command."""
        own = self.held.hint if self.held else None
        return f"{own}; then {usual}" if own else usual
