"""One command on one environment: who is under way there, and what the steps of its plan are made of."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from shipit.deploy.images import DeployedImage, Promotion
from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock, HeldLock, Holding, read_held
from shipit.deploy.mirror import Mirror
from shipit.deploy.model import COMPLETE, Decision, Entry, Intent
from shipit.deploy.outside import Outside
from shipit.deploy.ports import Schema, Target
from shipit.deploy.recipe import DeployContext
from shipit.deploy.refs import TAGS
from shipit.deploy.steps.commit_checks import WaitForChecks
from shipit.deploy.steps.images import digest_of
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


class Reach(Struct, frozen=True, kw_only=True):
    """What a deployment changes outside, beside lock and ledger."""

    targets: tuple[Target, ...]
    images: tuple[DeployedImage, ...]
    schema: Schema | None


class DeployJob:
    """One command on one environment; `revision` and `run` are what it deploys, once that is decided."""

    def __init__(self, outside: Outside, options: Options, reporter: Reporter) -> None:
        self.outside = outside
        self.options = options
        self.reporter = reporter
        self.ledger = self.ledger_of(outside.name)
        self.revision: Revision | None = None
        self.run = ""
        self.notebook = Notebook()

    def ledger_of(self, environment: str) -> Ledger:
        release = self.outside.release
        author = release.signature().author
        return Ledger(environment=environment, remote=release.remote, objects=release.objects, author=author)

    @cached_property
    def mirror(self) -> Mirror:
        """What this command writes into the forge's list of deployments."""
        outside = self.outside
        checks = outside.options.smoke.checks
        return Mirror(
            lambda: outside.board,
            self.ledger,
            outside.release.actor().url,
            checks[0].get if checks else "",
            is_production=outside.options.from_ == TAGS,
        )

    @property
    def is_on_a_runner(self) -> bool:
        """Whether other jobs may be at work for the same commit."""
        return "CI" in self.outside.release.environment

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
    job.revision = revision
    outside, after = job.outside, job.ledger.tip()  # first: what changes later is found out under the lock
    intent = _intent(job, revision, tag, is_rollback=is_rollback, held=held)
    targets = outside.targets(intent)
    if not targets:
        where = f"[tool.shipit.environments.{outside.name}]"
        raise UsageError(f"{outside.name} has no targets", where=where, hint="targets.NAME = { kind = … }")
    with outside.schema(revision) as schema:
        reach = Reach(targets=targets, images=outside.images(intent), schema=schema)
        decision = held.decision if held and not is_rollback else replace(_decide(job, intent, reach), after=after)
        job.run, job.notebook = decision.run, Notebook()
        yield DeployContext(
            decision=decision,
            standing=intent.standing.decision.revision if intent.standing else None,
            lock=_make_lock(job, decision, held, intent.fence),
            ledger=job.ledger,
            targets=reach.targets,
            places=outside.places,
            other_places=outside.other_places,
            schema=schema,
            smoke=outside.smoke,
            smoke_options=outside.options.smoke,
            wait=None if is_rollback or held else wait_for_checks(outside, revision),
            gates=outside.gates(revision, reach.images) if outside.options.gates else None,
            gate_names=outside.options.gates,
            published=outside.published(decision.tag) if outside.options.publish else (),
            images=reach.images,
            image_tag=outside.image_tag,
            promotion=None if intent.is_rollback else promotion(job),
            notebook=job.notebook,
            fence=intent.fence,
            entry=lambda outcome: _entry(job, decision, reach, intent.fence, outcome),
        )


def _intent(job: DeployJob, revision: Revision, tag: str, *, is_rollback: bool, held: HeldLock | None) -> Intent:
    """What the targets must know."""
    gone_on_with = held.decision if held and not is_rollback else None
    goes_back = is_rollback or (gone_on_with is not None and gone_on_with.is_rollback)
    standing = job.ledger.standing()
    is_live = standing is not None and standing.decision.revision == revision
    source = job.ledger if goes_back or is_live else _source(job)
    return Intent(
        revision=revision,
        tag=tag,
        run=gone_on_with.run if gone_on_with else os.urandom(8).hex(),
        fence=_fence(job, held),
        standing=standing,
        recorded=source.images(revision.commit) if source and job.outside.image_names else {},
        is_rollback=goes_back,
        is_resumed=held is not None,
    )


def _source(job: DeployJob) -> Ledger | None:
    """The ledger of the environment whose images are taken over, if there is one."""
    source = job.outside.options.promote_from
    return job.ledger_of(source) if source else None


def promotion(job: DeployJob) -> Promotion | None:
    """Whose images are taken over, None where that is not asked for."""
    source = _source(job)
    if source is None:
        return None
    standing = source.standing()
    return Promotion(source.environment, standing.decision.revision if standing else None)


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


def _decide(job: DeployJob, intent: Intent, reach: Reach) -> Decision:
    return Decision(
        run=intent.run,
        environment=job.outside.name,
        revision=intent.revision,
        tag=intent.tag,
        replaces={target.name: target.live() for target in reach.targets},
        kept=tuple(target.name for target in reach.targets if target.keeps(intent.revision)),
        migrations=_pending(reach.schema) if reach.schema and not intent.is_rollback else (),
        began=job.outside.now(),
        is_rollback=intent.is_rollback,
        tags={image.key: image.tagged(job.outside.image_tag) for image in reach.images},
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


def _entry(job: DeployJob, decision: Decision, reach: Reach, fence: int, outcome: str) -> Entry:
    """What becomes of a deployment, with what is live at this moment."""
    actor = job.outside.release.actor()
    deployed = reach.images if outcome == COMPLETE else ()
    return Entry(
        decision=decision,
        targets={target.name: target.live() for target in reach.targets},
        schema=reach.schema.version() if reach.schema else "",
        actor=actor.user,
        url=actor.url,
        ended=job.outside.now(),
        outcome=outcome,
        fence=fence,
        images={image.key: image.pushed.image.pinned(digest_of(image)) for image in deployed},
        steps=tuple(job.notebook.steps),
    )
