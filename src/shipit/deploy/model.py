"""What a deployment decides before anything, and what the ledger of an environment keeps of it."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from shipit.engine.lock import Moment
from shipit.model import Revision


class Decision(Struct, frozen=True, kw_only=True):
    """What a run deploys; the lock carries it, so that any machine can go on. `began` in seconds since the epoch.

    `run` names this deployment for good. `replaces` maps names of targets to what was live there before (None:
    nothing): that is what a failure goes back to. `kept` are the targets that kept this revision from before.
    `is_rollback` says that a person asked to go back. `after` is the newest commit of the ledger when it was
    decided: where another one is there by now, it was decided from what no longer is. `migrations` are the labels
    of those that were pending then. `tags` maps names of images to the digest that their tag of the environment had
    (None: there was no such tag). `is_public` says that publishing has begun: from then on there is only forward.
    """

    run: str
    environment: str
    revision: Revision
    tag: str = ""
    replaces: Mapping[str, str | None]
    kept: tuple[str, ...] = ()
    began: Moment
    is_rollback: bool = False
    migrations: tuple[str, ...] = ()
    after: str | None = None
    tags: Mapping[str, str | None] = {}
    is_public: bool = False


class StepTime(Struct, frozen=True, kw_only=True):
    """How long a step of a deployment took; `state` is `done`, `already`, `failed` or `undone`."""

    name: str
    state: str
    seconds: float = 0.0


class Entry(Struct, frozen=True, kw_only=True):
    """One deployment in the ledger of an environment; `ended` in seconds since the epoch.

    `targets` maps names of targets to the reference that is live there since; `schema` is the version of the
    database, empty without one. `outcome` is a word of the exit codes, such as `complete` or `rolled back`.
    `fence` is the number of the owner that ended it: see deploy.lock. `images` maps names of images to what is
    deployed since, as host/name@sha256:…. `steps` are those of the run that ended it, in the order of events, but
    for the one that writes this; entries of former versions have none.
    """

    decision: Decision
    targets: Mapping[str, str | None]
    schema: str = ""
    actor: str
    url: str = ""
    ended: Moment
    outcome: str
    fence: int = 0
    images: Mapping[str, str] = {}
    steps: tuple[StepTime, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.outcome == COMPLETE


class Intent(Struct, frozen=True, kw_only=True):
    """What a run means to bring live, as far as targets must know it.

    `standing` is the last complete deployment. `recorded` has what a ledger says of the images of this revision,
    `fence` is the number of who changes them, and `is_resumed` says that a run before may have begun.
    """

    revision: Revision
    tag: str = ""
    run: str = ""
    fence: int = 0
    standing: Entry | None = None
    recorded: Mapping[str, str] = {}
    is_rollback: bool = False
    is_resumed: bool = False


COMPLETE = "complete"


def as_json(value: Struct) -> bytes:
    """For people and for `read`."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
