"""The lock of an environment: a commit on the remote that carries the decision and the holder's record."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shipit.deploy.model import Decision, as_json
from shipit.deploy.refs import DECISION, RECORD, lock_ref
from shipit.engine.lock import LockRecord
from shipit.errors import ExternalError, LeaseLost, LostRace, Refused
from shipit.model import Identity, RefUpdate
from shipit.release.landing import Pause, require_settled, require_shown, settled
from shipit.release.ports import Objects, Remote


class Holding(LockRecord, frozen=True, kw_only=True):
    """Who holds it; `fence` is higher than that of every owner before, so that targets know who was overtaken."""

    fence: int = 0


class HeldLock(Struct, frozen=True, kw_only=True):
    """A lock as it stands on the remote: its commit, what it deploys, and who holds it."""

    commit: str
    decision: Decision
    record: Holding

    @property
    def freed(self) -> RefUpdate:
        """The update that frees it if nobody has taken it over."""
        return RefUpdate(lock_ref(self.decision.environment), None, self.commit)


@dataclass(frozen=True, kw_only=True)
class EnvironmentLock:
    """The lock as one run sees it; `observed` is the lock commit of a dead run (None: none), `author` signs."""

    remote: Remote
    objects: Objects
    decision: Decision
    record: Holding
    author: Identity
    observed: str | None = None
    pause: Pause = time.sleep

    @property
    def environment(self) -> str:
        return self.decision.environment

    @property
    def ref(self) -> str:
        return lock_ref(self.environment)

    @cached_property
    def mine(self) -> str:
        """This run's lock commit, made when it is first needed: whoever only looks writes nothing."""
        return make_lock(self.objects, self.decision, self.record, self.author)

    @cached_property
    def public(self) -> str:
        """The lock commit that takes the place of `mine` when publishing begins."""
        return make_lock(self.objects, self._public_decision, self.record, self.author)

    @property
    def is_public(self) -> bool:
        """Whether publishing has begun, by this run or by the one that it goes on after."""
        return self.decision.is_public or ("public" in vars(self) and self._held() == self.public)

    @property
    def _public_decision(self) -> Decision:
        return replace(self.decision, is_public=True)

    def is_ours(self) -> bool:
        """Whether the remote says so now."""
        return self._held() is not None

    def _held(self) -> str | None:
        """Which of this run's lock commits the remote has now."""
        ours = {vars(self)[name] for name in ("mine", "public") if name in vars(self)}
        found = self.remote.refs().get(self.ref) if ours else None
        return found if found in ours else None

    def take(self) -> None:
        """Raises LostRace, which names the owner, if somebody else was faster."""
        try:
            self.remote.push(self._taking)
        except LeaseLost as why:
            held = read_held(self.environment, self.remote, self.objects)
            raise (is_held(held) if held else was_faster(self.environment, why.evidence)) from why
        require_shown(self.remote, self._taking)

    @property
    def _taking(self) -> RefUpdate:
        return RefUpdate(self.ref, self.mine, self.observed)

    def settle(self) -> None:
        """Wait for a push of the lock that got no answer; raises StoppedHalfway if it may still land."""
        if "mine" in vars(self):
            require_settled(self.remote, self._taking, settled(self.remote, self._taking, self.pause))

    def make_public(self) -> None:
        """Say in the lock that publishing begins, for whoever goes on; raises LeaseLost if it is not ours."""
        self.remote.push(RefUpdate(self.ref, self.public, self.mine))

    def require_ours(self) -> None:
        """Raise LostRace where somebody took over: from then on this run must not write anything."""
        if not self.is_ours():
            raise LostRace(
                f"the lock of {self.environment} is no longer ours",
                evidence=["somebody took over after it had expired, and this run has written nothing since"],
                hint=f"shipit status; shipit deploy history --env {self.environment}",
            )

    @property
    def freed(self) -> RefUpdate:
        """The update that frees it if it is still ours."""
        return RefUpdate(self.ref, None, self._held() or self.mine)

    def leave(self) -> None:
        """Keep the decision there as of an owner that has expired: anybody may go on at once."""
        expired = replace(self.record, expires=self.record.since)
        decision = self._public_decision if self.is_public else self.decision
        left = make_lock(self.objects, decision, expired, self.author)
        self.remote.push(RefUpdate(self.ref, left, self._held() or self.mine))

    def free(self) -> None:
        """Free it if it is still ours."""
        if self.is_ours():
            self.remote.push(self.freed)


def is_held(held: HeldLock) -> LostRace:
    """What to say of somebody who is at work."""
    return LostRace(
        f"somebody deploys {held.decision.revision} to {held.decision.environment} right now",
        evidence=[str(held.record)],
        hint="wait for it; its lock may be taken over when it has expired (lock-expiry)",
    )


def was_faster(environment: str, evidence: Sequence[str]) -> LostRace:
    """What to say of somebody who began after this run had looked, and has ended by now."""
    return LostRace(
        f"somebody else has just deployed to {environment}",
        evidence=evidence,
        hint="the same command again decides from what is live now",
    )


def read_held(environment: str, remote: Remote, objects: Objects) -> HeldLock | None:
    """Who holds the lock of an environment now; raises Refused if what is there cannot be read."""
    ref = lock_ref(environment)
    sha = _bring(ref, remote, objects)
    if sha is None:
        return None
    try:
        decision = msgspec.json.decode(objects.read(sha, DECISION) or b"", type=Decision)
        record = msgspec.json.decode(objects.read(sha, RECORD) or b"", type=Holding)
    except msgspec.DecodeError:
        raise Refused(
            f"{ref} does not hold a deployment of this version of shipit",
            evidence=[sha],
            hint=f"look at it with `git fetch {remote.name} {ref}` and `git show FETCH_HEAD`",
        ) from None
    return HeldLock(commit=sha, decision=decision, record=record)


def _bring(ref: str, remote: Remote, objects: Objects) -> str | None:
    """The lock commit, with its objects; it may be freed or taken by another while we bring it."""
    while (sha := remote.refs().get(ref)) and not objects.has(sha):
        try:
            remote.fetch(ref)
        except ExternalError:
            if remote.refs().get(ref) == sha:
                raise
    return sha


def make_lock(objects: Objects, decision: Decision, record: LockRecord, author: Identity) -> str:
    """The lock commit of a run, which nobody else can make; nothing is pushed yet."""
    tree = objects.change_tree(None, {DECISION: as_json(decision), RECORD: record.text})
    message = f"{decision.environment}: {record}\n\nrun {record.token}\n"
    return objects.commit(tree, [decision.revision.commit], message, author, record.since)
