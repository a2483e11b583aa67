"""Steps around the release lock: hold it, and close the release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import LeaseLost, LostRace
from shipit.model import RefUpdate
from shipit.release.landing import require_shown
from shipit.release.lock import LockCommits
from shipit.release.ports import Remote
from shipit.release.refs import LOCK, evidence_ref, kept_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Hold the release lock: a commit that nobody else can make, carrying the decision and its objects.

    `opens` are refs that appear with it in one push: people and CI can see the release commit, and no branch stands
    without its lock. `ends` is the ref that is there once somebody has released this. Freeing the lock is no matter
    of this step: see release.lock.
    """

    remote: Remote
    commits: LockCommits
    opens: tuple[RefUpdate, ...] = ()
    ends: str | None = None
    name: str = "lock"

    @property
    def summary(self) -> str:
        names = ", ".join(one.ref.removeprefix("refs/heads/") for one in self.opens)
        return f"Hold the release lock and push {names} at once" if names else "Hold the release lock on the remote"

    def look(self) -> Look:
        refs = self.remote.refs()
        held = refs.get(LOCK)
        if held not in (None, self.commits.observed, self.commits.mine, self.commits.after):
            return absent()  # no conflict to refuse but a race to lose: the lease decides
        for one in self.opens:
            if refs.get(one.ref) not in (None, one.new):
                return conflict(f"{one.ref.removeprefix('refs/heads/')} is at {refs[one.ref][:10]}, not ours")
        if held in (self.commits.mine, self.commits.after) and not self._missing(refs):
            return done(f"{LOCK} is ours")
        return absent("taken over from a run that ended" if held and held == self.commits.observed else "")

    def argv(self) -> Sequence[str]:
        return self.remote.push_argv(*self._updates())

    def run(self, say: Say) -> None:
        updates = self._updates()
        self.remote.push(*updates)
        require_shown(self.remote, *updates)
        if (
            self.ends in self.remote.refs()
        ):  # by a run that was over before we held the lock, and after we had looked
            raise LostRace(f"another run has just released this: {self.ends} is there", hint="shipit status")

    def _updates(self) -> tuple[RefUpdate, ...]:
        """First the lock, for a server that takes them one by one."""
        refs = self.remote.refs()
        held = refs.get(LOCK)
        before = self.commits.mine if held == self.commits.mine else self.commits.observed
        # what is there already belongs to the lock that is taken over, or else to a run that may just take it away
        opens = self._missing(refs) if held and held == before else self.opens
        return (RefUpdate(LOCK, self.commits.mine, before), *opens)

    def _missing(self, refs: Mapping[str, str]) -> tuple[RefUpdate, ...]:
        return tuple(one for one in self.opens if one.ref not in refs)


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

    def argv(self) -> Sequence[str]:
        refs = {kept_ref(self.tag): "<files>", **self.remote.refs(), LOCK: self.commits.after}
        return self.remote.push_argv(*self._updates(refs))

    def run(self, say: Say) -> None:
        try:
            self._clear()
        except LeaseLost:  # another run of this release has just dropped the kept bytes, and not our lock
            self._clear()

    def _clear(self) -> None:
        self.remote.push(*self._updates(self.remote.refs()))

    def _updates(self, refs: Mapping[str, str]) -> tuple[RefUpdate, ...]:
        kept = [RefUpdate(ref, None, refs[ref]) for ref in (kept_ref(self.tag),) if ref in refs]
        return (*kept, *self.commits.freed(refs))
