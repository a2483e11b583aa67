"""The lock of an environment: a commit on the remote that carries the decision and the holder's record."""

import msgspec
from msgspec import Struct

from shipit.deploy.model import Decision, as_json
from shipit.deploy.refs import DECISION, RECORD, lock_ref
from shipit.engine.lock import LockRecord, read_lock
from shipit.engine.plan import End
from shipit.errors import LostRace, Refused
from shipit.model import Identity, RefUpdate
from shipit.release.ports import Objects, Remote


class Held(Struct, frozen=True, kw_only=True):
    """A lock as it stands on the remote: its commit, what it deploys, and who holds it."""

    commit: str
    decision: Decision
    record: LockRecord


class EnvironmentLock(Struct, frozen=True, kw_only=True):
    """Plays engine.plan.Guard. `mine` is this run's lock commit, `observed` that of a dead run (None: none)."""

    environment: str
    remote: Remote
    mine: str
    observed: str | None = None

    @property
    def ref(self) -> str:
        return lock_ref(self.environment)

    def is_ours(self) -> bool:
        """Whether the remote says so now."""
        return self.remote.refs().get(self.ref) == self.mine

    def take(self) -> None:
        """Raises LeaseLost if somebody else has it."""
        self.remote.push(RefUpdate(self.ref, self.mine, self.observed))

    def insist(self) -> None:
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
        return RefUpdate(self.ref, None, self.mine)

    def free(self, end: End) -> None:
        """Free it, unless the decision in it is needed to go on."""
        if end is not End.STOPPED_HALFWAY and self.is_ours():
            self.remote.push(self.freed)


def read_held(environment: str, remote: Remote, objects: Objects) -> Held | None:
    """Who holds the lock of an environment now; raises Refused if what is there cannot be read."""
    ref = lock_ref(environment)
    sha = remote.refs().get(ref)
    if sha is None:
        return None
    if not objects.has(sha):
        remote.fetch(ref)
    try:
        decision = msgspec.json.decode(objects.read(sha, DECISION) or b"", type=Decision)
        record = read_lock(objects.read(sha, RECORD) or b"")
    except msgspec.DecodeError:
        raise Refused(
            f"{ref} does not hold a deployment of this version of shipit",
            evidence=[sha],
            hint=f"look at it with `git fetch {remote.name} {ref}` and `git show FETCH_HEAD`",
        ) from None
    return Held(commit=sha, decision=decision, record=record)


def make_lock(objects: Objects, decision: Decision, record: LockRecord, author: Identity) -> str:
    """The lock commit of a run, which nobody else can make; nothing is pushed yet."""
    tree = objects.change_tree(None, {DECISION: as_json(decision), RECORD: record.text})
    message = f"{decision.environment}: {record}\n\nrun {record.token}\n"
    return objects.commit(tree, [decision.revision.commit], message, author, record.since)
