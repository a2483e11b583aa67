"""One command on one environment: who is under way there, and what the steps of its plan are made of."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from msgspec import Struct

from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock, Held, make_lock, read_held
from shipit.deploy.model import COMPLETE, Decision, Entry
from shipit.deploy.outside import Outside
from shipit.deploy.ports import Target
from shipit.deploy.recipe import DeployContext
from shipit.deploy.steps import Notebook
from shipit.engine.lock import LockRecord
from shipit.errors import UsageError
from shipit.model import Revision
from shipit.output.reporter import Reporter

MINUTE = 60


class Options(Struct, frozen=True, kw_only=True):
    """What the command line asked for: `version` empty is what the environment's `from` says."""

    version: str = ""
    dry_run: bool = False
    resume: bool = False


class DeployJob:
    """One command on one environment."""

    def __init__(self, outside: Outside, options: Options, reporter: Reporter) -> None:
        self.outside = outside
        self.options = options
        self.reporter = reporter
        release = outside.release
        author = release.signature().author
        self.ledger = Ledger(
            environment=outside.name, remote=release.remote, objects=release.objects, author=author
        )

    def held(self) -> Held | None:
        release = self.outside.release
        return read_held(self.outside.name, release.remote, release.objects)

    def is_alive(self, held: Held) -> bool:
        """Whether its owner may still be at work: neither gone from this machine nor expired."""
        expires = held.record.expires
        has_expired = expires is not None and expires <= self.outside.now()
        return not (has_expired or self.outside.release.has_ended(held.record.holder))


@contextmanager
def context(
    job: DeployJob, revision: Revision, tag: str, *, is_rollback: bool = False, held: Held | None = None
) -> Iterator[DeployContext]:
    """Everything that the steps are made of; what is opened for it is closed with the block."""
    outside = job.outside
    standing = job.ledger.standing()
    targets = outside.targets(revision)
    if not targets:
        where = f"[tool.shipit.environments.{outside.name}]"
        raise UsageError(f"{outside.name} has no targets", where=where, hint="targets.NAME = { kind = … }")
    decision = held.decision if held else _decide(job, revision, tag, targets, is_rollback=is_rollback)
    lock = _make_lock(job, decision, held)
    with outside.schema(revision) as schema:
        yield DeployContext(
            decision=decision,
            standing=standing.decision.revision if standing else None,
            lock=lock,
            ledger=job.ledger,
            targets=targets,
            places=outside.places,
            schema=schema,
            smoke=outside.smoke,
            notebook=Notebook(),
            entry=lambda live: make_entry(job, decision, live, schema.version() if schema else ""),
        )


def _decide(
    job: DeployJob, revision: Revision, tag: str, targets: tuple[Target, ...], *, is_rollback: bool
) -> Decision:
    return Decision(
        run=os.urandom(8).hex(),
        environment=job.outside.name,
        revision=revision,
        tag=tag,
        replaces={target.name: target.live() for target in targets},
        kept=tuple(target.name for target in targets if target.candidate(revision)),
        began=job.outside.now(),
        is_rollback=is_rollback,
    )


def _make_lock(job: DeployJob, decision: Decision, held: Held | None) -> EnvironmentLock:
    release, now = job.outside.release, job.outside.now()
    expires = now + job.outside.options.lock_expiry * MINUTE
    record = LockRecord(holder=release.actor(), since=now, token=os.urandom(8).hex(), expires=expires)
    mine = make_lock(release.objects, decision, record, job.ledger.author)
    observed = held.commit if held else None
    return EnvironmentLock(environment=decision.environment, remote=release.remote, mine=mine, observed=observed)


def make_entry(
    job: DeployJob, decision: Decision, live: Mapping[str, str | None], schema: str, outcome: str = COMPLETE
) -> Entry:
    actor = job.outside.release.actor()
    return Entry(
        decision=decision,
        targets=live,
        schema=schema,
        actor=actor.user,
        url=actor.url,
        ended=job.outside.now(),
        outcome=outcome,
    )
