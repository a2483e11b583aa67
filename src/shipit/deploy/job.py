"""One command on one environment: who is under way there, and what the steps of its plan are made of."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock, HeldLock, Holding, read_held
from shipit.deploy.model import Decision, Entry
from shipit.deploy.outside import Outside
from shipit.deploy.ports import Schema, Target
from shipit.deploy.recipe import DeployContext
from shipit.deploy.steps.commit_checks import WaitForChecks
from shipit.deploy.steps.notebook import Notebook
from shipit.errors import Stop, UsageError
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

    def held(self) -> HeldLock | None:
        release = self.outside.release
        return read_held(self.outside.name, release.remote, release.objects)

    def is_alive(self, held: HeldLock) -> bool:
        """Whether its owner may still be at work: neither gone from this machine nor expired."""
        expires = held.record.expires
        has_expired = expires is not None and expires <= self.outside.now()
        return not (has_expired or self.outside.release.has_ended(held.record.holder))


@contextmanager
def context(
    job: DeployJob, revision: Revision, tag: str, *, is_rollback: bool = False, held: HeldLock | None = None
) -> Iterator[DeployContext]:
    """Everything that the steps are made of; what is opened for it is closed with the block.

    The lock of `held`, who has ended, is taken over: with its decision, unless that is given up for a rollback.
    """
    outside, after = job.outside, job.ledger.tip()  # first: what changes later is found out under the lock
    standing, fence = job.ledger.standing(), _fence(job, held)
    targets = outside.targets(revision, fence)
    if not targets:
        where = f"[tool.shipit.environments.{outside.name}]"
        raise UsageError(f"{outside.name} has no targets", where=where, hint="targets.NAME = { kind = … }")
    with outside.schema(revision) as schema:
        if held and not is_rollback:
            decision = held.decision
        else:
            found = _decide(job, revision, targets, None if is_rollback else schema)
            decision = replace(found, tag=tag, is_rollback=is_rollback, after=after)
        yield DeployContext(
            decision=decision,
            standing=standing.decision.revision if standing else None,
            lock=_make_lock(job, decision, held, fence),
            ledger=job.ledger,
            targets=targets,
            places=outside.places,
            other_places=outside.other_places,
            schema=schema,
            smoke=outside.smoke,
            smoke_options=outside.options.smoke,
            wait=None if is_rollback or held else wait_for_checks(outside, revision),
            gates=outside.gates(revision) if outside.options.gates else None,
            gate_names=outside.options.gates,
            published=outside.published(decision.tag) if outside.options.publish else (),
            notebook=Notebook(),
            fence=fence,
            entry=lambda outcome: _entry(job, decision, targets, schema, fence, outcome),
        )


def wait_for_checks(outside: Outside, revision: Revision) -> WaitForChecks | None:
    """What waits for the checks of the forge, None where they do not count; raises UsageError without a forge."""
    if not outside.options.wait_for_checks:
        return None
    forge = outside.release.forge
    if forge is None:
        where = f"environments.{outside.name}.wait-for-checks"
        hint = 'forge.repository = "OWNER/NAME", or remove wait-for-checks'
        raise UsageError("there is no forge whose checks could be waited for", where=where, hint=hint)
    return WaitForChecks(
        forge=forge,
        revision=revision,
        required=outside.project.config.protection.required_checks,
        clock=outside.clock,
        timeout=outside.options.checks_timeout,
    )


def _fence(job: DeployJob, held: HeldLock | None) -> int:
    """Higher than that of every owner before; the clock helps where one of them could not write the ledger."""
    newest = job.ledger.newest()
    before = (newest.fence if newest else 0, held.record.fence if held else 0)
    return max(job.outside.now(), *(number + 1 for number in before))


def _decide(job: DeployJob, revision: Revision, targets: tuple[Target, ...], schema: Schema | None) -> Decision:
    return Decision(
        run=os.urandom(8).hex(),
        environment=job.outside.name,
        revision=revision,
        replaces={target.name: target.live() for target in targets},
        kept=tuple(target.name for target in targets if target.keeps(revision)),
        migrations=_pending(schema) if schema else (),
        began=job.outside.now(),
    )


def _pending(schema: Schema) -> tuple[str, ...]:
    """What is to be applied; of files that may not be, the pre-flight says so, with all other problems."""
    try:
        return tuple(schema.pending())
    except Stop:
        return ()


def _make_lock(job: DeployJob, decision: Decision, held: HeldLock | None, fence: int) -> EnvironmentLock:
    release, now = job.outside.release, job.outside.now()
    expires = now + job.outside.options.lock_expiry * MINUTE
    token = os.urandom(8).hex()
    record = Holding(holder=release.actor(), since=now, token=token, expires=expires, fence=fence)
    return EnvironmentLock(
        remote=release.remote,
        objects=release.objects,
        decision=decision,
        record=record,
        author=job.ledger.author,
        observed=held.commit if held else None,
    )


def _entry(
    job: DeployJob,
    decision: Decision,
    targets: tuple[Target, ...],
    schema: Schema | None,
    fence: int,
    outcome: str,
) -> Entry:
    """What becomes of a deployment, with what is live at this moment."""
    actor = job.outside.release.actor()
    return Entry(
        decision=decision,
        targets={target.name: target.live() for target in targets},
        schema=schema.version() if schema else "",
        actor=actor.user,
        url=actor.url,
        ended=job.outside.now(),
        outcome=outcome,
        fence=fence,
    )
