"""Steps around the release lock: hold it, and close the release."""

from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, done
from shipit.model import RefUpdate
from shipit.release.lock import LockCommits
from shipit.release.ports import Remote
from shipit.release.refs import LOCK, evidence_ref, kept_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Hold the release lock: a commit that nobody else can make, carrying the decision and its objects.

    Freeing it is no matter of this step: see release.lock.
    """

    remote: Remote
    commits: LockCommits
    name: str = "lock"
    summary: str = "Hold the release lock on the remote"

    def look(self) -> Look:
        held = self.remote.refs().get(LOCK)
        if held in (self.commits.mine, self.commits.after):
            return done(f"{LOCK} is ours")
        # held by somebody else is no conflict to refuse but a race to lose: the lease decides
        return absent("taken over from a run that ended" if held and held == self.commits.observed else "")

    def run(self, say: Say) -> None:
        self.remote.push(RefUpdate(LOCK, self.commits.mine, self.commits.observed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """The end: the lock is free and the kept bytes are gone, the evidence stays."""

    remote: Remote
    tag: str
    commits: LockCommits
    name: str = "close"
    summary: str = "Close the release: free the lock, drop the kept bytes"

    def look(self) -> Look:
        refs = self.remote.refs()
        if evidence_ref(self.tag) not in refs:
            return absent()
        if kept_ref(self.tag) in refs:
            return absent("its files are still kept on the remote")
        if self.commits.freed(refs):
            return absent("the lock is still held")
        return done(f"evidence in {evidence_ref(self.tag)}")

    def run(self, say: Say) -> None:
        refs = self.remote.refs()
        kept = [RefUpdate(ref, None, refs[ref]) for ref in (kept_ref(self.tag),) if ref in refs]
        self.remote.push(*kept, *self.commits.freed(refs))
