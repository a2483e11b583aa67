"""What a deployment decides before anything, and what the ledger of an environment keeps of it."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from shipit.model import Revision


class Decision(Struct, frozen=True, kw_only=True):
    """What a run deploys; the lock carries it, so that any machine can go on. `began` in seconds since the epoch.

    `run` names this deployment for good. `replaces` maps names of targets to what was live there before (None:
    nothing): that is what a failure goes back to. `kept` are the targets that kept this revision from before.
    `is_rollback` says that a person asked to go back. `after` is the newest commit of the ledger when it was
    decided: where another one is there by now, it was decided from what no longer is. `migrations` are the labels
    of those that were pending then. `is_public` says that publishing has begun: from then on there is only forward.
    """

    run: str
    environment: str
    revision: Revision
    tag: str = ""
    replaces: Mapping[str, str | None]
    kept: tuple[str, ...] = ()
    began: int
    is_rollback: bool = False
    migrations: tuple[str, ...] = ()
    after: str | None = None
    is_public: bool = False


class Entry(Struct, frozen=True, kw_only=True):
    """One deployment in the ledger of an environment; `ended` in seconds since the epoch.

    `targets` maps names of targets to the reference that is live there since; `schema` is the version of the
    database, empty without one. `outcome` is a word of the exit codes, such as `complete` or `rolled back`.
    `fence` is the number of the owner that ended it: see deploy.lock.
    """

    decision: Decision
    targets: Mapping[str, str | None]
    schema: str = ""
    actor: str
    url: str = ""
    ended: int
    outcome: str
    fence: int = 0

    @property
    def is_complete(self) -> bool:
        return self.outcome == COMPLETE


COMPLETE = "complete"


def as_json(value: Struct) -> bytes:
    """For people and for `read`."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
