"""Steps around the release lock: hold it, and close the release."""

from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, done
from shipit.model import RefUpdate
from shipit.release.ports import Remote
from shipit.release.refs import LOCK, evidence_ref, kept_ref


@dataclass(frozen=True, slots=True)
class Lock:
    """Hold the release lock: a commit that nobody else can make, carrying the decision and its objects.

    `mine` is our lock commit, `observed` what the ref held when it was read (a dead run's lock, or None).
    """

    remote: Remote
    mine: str
    observed: str | None
    after_push: str
    name: str = "lock"
    summary: str = "Hold the release lock on the remote"

    def look(self) -> Look:
        held = self.remote.refs().get(LOCK)
        if held in (self.mine, self.after_push):
            return done(f"{LOCK} is ours")
        # held by somebody else is no conflict to refuse but a race to lose: the lease decides
        return absent("taken over from a run that ended" if held and held == self.observed else "")

    def run(self, say: Say) -> None:
        self.remote.push(RefUpdate(LOCK, self.mine, self.observed))

    def undo(self, say: Say) -> None:
        held = self.remote.refs().get(LOCK)
        if held == self.mine:
            self.remote.push(RefUpdate(LOCK, None, held))


@dataclass(frozen=True, slots=True)
class Close:
    """The end: the lock is free and the kept bytes are gone, the evidence stays."""

    remote: Remote
    tag: str
    lock: str
    lock_after: str
    name: str = "close"
    summary: str = "Close the release: free the lock, drop the kept bytes"

    def look(self) -> Look:
        refs = self.remote.refs()
        if evidence_ref(self.tag) not in refs:
            return absent()
        if kept_ref(self.tag) in refs:
            return absent("its files are still kept on the remote")
        if refs.get(LOCK) in (self.lock, self.lock_after):
            return absent("the lock is still held")
        return done(f"evidence in {evidence_ref(self.tag)}")

    def run(self, say: Say) -> None:
        refs = self.remote.refs()
        gone = [RefUpdate(ref, None, refs[ref]) for ref in (kept_ref(self.tag),) if ref in refs]
        if refs.get(LOCK) in (self.lock, self.lock_after):
            gone.append(RefUpdate(LOCK, None, refs[LOCK]))
        self.remote.push(*gone)
