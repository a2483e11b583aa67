"""The lock of a release: a commit on the remote that carries the decision, the holder's record, and its way out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from shipit.engine.plan import End
from shipit.errors import LeaseLost, LostRace
from shipit.model import RefUpdate
from shipit.release.landing import Pause, require_settled, settled
from shipit.release.ports import Remote
from shipit.release.refs import LOCK, evidence_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class LockCommits:
    """The lock commits of this run: `mine` before the push, `after` from the push on, `observed` a dead run's."""

    mine: str
    after: str
    observed: str | None

    def freed(self, refs: Mapping[str, str]) -> tuple[RefUpdate, ...]:
        """The update that frees the lock, if it is ours."""
        held = refs.get(LOCK)
        return (RefUpdate(LOCK, None, held),) if held and held in (self.mine, self.after) else ()


UNHELD = LockCommits(mine="", after="", observed=None)
"""For looks at a release that nobody is running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLock:
    """Plays engine.plan.Guard; `opens` are refs that came with the lock, and go with it if nothing is released."""

    remote: Remote
    commits: LockCommits
    tag: str
    opens: tuple[RefUpdate, ...]
    pause: Pause = time.sleep

    def free(self, end: End) -> None:
        """Free the lock if it is ours, unless the decision in it is still needed to resume or to undo.

        Raises LostRace if another run goes on with this release, StoppedHalfway if the lock may still arrive.
        """
        if end is End.COMPLETE:  # the step Close has freed it, or it carries the decision until people have merged
            return
        if end is End.STOPPED_HALFWAY:
            refs = self.remote.refs()
            if evidence_ref(self.tag) in refs:
                self.remote.push(*self.commits.freed(refs))
            return
        refs = settled(self.remote, self._taking, self.pause)
        try:
            self.remote.push(*self._ours(refs), *self.commits.freed(refs))
        except LeaseLost:
            refs = self.remote.refs()
            if self.commits.freed(refs):
                raise
        self._require_end(refs, end)

    def _ours(self, refs: Mapping[str, str]) -> list[RefUpdate]:
        """The end of what came with the lock, as far as nobody has moved it; what another run holds it needs."""
        if refs.get(LOCK) not in (None, self.commits.mine, self.commits.after):
            return []
        return [RefUpdate(one.ref, None, one.new) for one in self.opens if refs.get(one.ref) == one.new]

    def _require_end(self, refs: Mapping[str, str], end: End) -> None:
        """Raise where this release goes on without this run, or may begin after it."""
        held = refs.get(LOCK)
        known = (None, self.commits.observed, self.commits.mine, self.commits.after)
        if end is End.ROLLED_BACK and held not in known and any(refs.get(one.ref) == one.new for one in self.opens):
            raise LostRace(f"another run has taken {self.tag} over and goes on with it")
        require_settled(self.remote, self._taking, refs)

    @property
    def _taking(self) -> RefUpdate:
        return RefUpdate(LOCK, self.commits.mine, self.commits.observed)
