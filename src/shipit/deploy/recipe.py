"""Which steps a deployment consists of: one list to read from top to bottom."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from shipit.config.tables.deployments import Smoke as SmokeOptions
from shipit.deploy.checks import AnswersProve, ContractWaits, MigrationsRight, PlacesDiffer, TargetReady
from shipit.deploy.checks_elsewhere import ImagesThere, PromotionSaid, WayBack
from shipit.deploy.guard import Guard
from shipit.deploy.images import DeployedImage, Promotion
from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.model import Decision, Entry
from shipit.deploy.ports import Schema, Smoke, Target
from shipit.deploy.steps.answers import CheckCandidate, CheckPublic
from shipit.deploy.steps.commit_checks import ChecksNotWrong, WaitForChecks
from shipit.deploy.steps.environment import HoldLock, Record
from shipit.deploy.steps.former import Former
from shipit.deploy.steps.gate import Gate
from shipit.deploy.steps.images import MoveTag, Promote
from shipit.deploy.steps.migrate import Migrate
from shipit.deploy.steps.notebook import Notebook
from shipit.deploy.steps.publishing import BeginPublishing
from shipit.deploy.steps.targets import ELSEWHERE, Start, Switch
from shipit.engine.plan import Check, Hints, Plan, Step, Undoable
from shipit.images.tags import LONGEST, safe
from shipit.model import Revision
from shipit.release.ports import Gates

WITHOUT_ADDRESS = frozenset({"directory", "vercel", *ELSEWHERE})
"""Kinds of targets whose candidate nobody can ask before it is live."""


class DeployContext(Struct, frozen=True, kw_only=True):
    """Everything that the steps of one deployment are made of; `standing` is what the ledger says is live.

    `published` are the steps by which a release reaches forge and index: done if `shipit release` made them.
    `wait` is None where no checks of the forge count, and for who goes on or goes back.
    `places` are the folders and addresses of each target by its name, `other_places` those of other environments;
    `fence` is this owner's number. `images` are those of the targets, `image_tag` is their tag of the environment.
    """

    decision: Decision
    standing: Revision | None
    lock: EnvironmentLock
    ledger: Ledger
    targets: tuple[Target, ...]
    places: Mapping[str, Sequence[str]]
    other_places: Mapping[str, Sequence[str]]
    schema: Schema | None
    smoke: Smoke | None
    smoke_options: SmokeOptions
    wait: WaitForChecks | None = None
    gates: Gates | None = None
    gate_names: tuple[str, ...] = ()
    published: tuple[Step, ...] = ()
    images: tuple[DeployedImage, ...] = ()
    image_tag: str = ""
    promotion: Promotion | None = None
    notebook: Notebook
    fence: int
    entry: Callable[[str], Entry]


def deploy(c: DeployContext) -> Plan:
    """From a commit to what answers at the public address."""
    return _plan(c, (
        *waits(c),  # before the lock: others need not wait for the checks of this commit
        former(c),  # undone last: what was live answers again
        hold(c),  # one deployment at a time; it carries the decision, so that any machine can go on
        *gates(c),  # the project's own commands, on this very commit
        *promotions(c),  # only a name for what is verified already
        *migrate(c),  # the version before must be able to live with it
        *starts(c),  # beside what is live
        *candidates(c),  # at their own addresses: no user has seen the new version yet
        *switches(c),
        *public(c),
        *tags(c),  # what people pull by this name answers
        *published(c),  # to everybody, once it is known to work; nobody can undo that
        record(c),  # ledger and lock at once: from here there is only forward
    ))  # fmt: skip


def hold(c: DeployContext) -> HoldLock:
    effects: tuple[Undoable, ...] = (*starts(c), *switches(c), *tags(c))
    return HoldLock(lock=c.lock, ledger=c.ledger, decision=c.decision, effects=effects, schema=c.schema)


def former(c: DeployContext) -> Former:
    return Former(hold=hold(c), decision=c.decision, standing=c.standing, smoke=c.smoke, notebook=c.notebook)


def waits(c: DeployContext) -> tuple[Step, ...]:
    """Whoever goes on has seen them green; whoever goes back has no time for them."""
    return (c.wait,) if c.wait else ()


def gates(c: DeployContext) -> tuple[Step, ...]:
    """Whoever goes back has no time for them: what is gone back to has passed them."""
    if c.gates is None or c.decision.is_rollback:
        return ()
    return tuple(Gate(gates=c.gates, gate=name, notebook=c.notebook) for name in c.gate_names)


def promotions(c: DeployContext) -> tuple[Promote, ...]:
    """Whoever goes back takes what was deployed then; without a version there is no tag to put."""
    if c.promotion is None or not c.decision.tag:
        return ()
    tag, source = safe(c.decision.tag, LONGEST), c.promotion.source
    return tuple(Promote(image=one, tag=tag, source=source, lock=c.lock) for one in c.images if one.recorded_image)


def tags(c: DeployContext) -> tuple[MoveTag, ...]:
    return tuple(MoveTag(image=one, tag=c.image_tag, decision=c.decision, lock=c.lock) for one in c.images)


def migrate(c: DeployContext) -> tuple[Step, ...]:
    """A deployment that goes back leaves the schema: the version before lives with it."""
    if c.schema is None or c.decision.is_rollback:
        return ()
    return (Migrate(schema=c.schema, lock=c.lock),)


def starts(c: DeployContext) -> tuple[Start, ...]:
    return tuple(Start(target=one, decision=c.decision, lock=c.lock) for one in c.targets)


def candidates(c: DeployContext) -> tuple[Step, ...]:
    if c.smoke is None:
        return ()
    return tuple(
        CheckCandidate(target=one, decision=c.decision, smoke=c.smoke, notebook=c.notebook)
        for one in c.targets
        if one.kind not in WITHOUT_ADDRESS
    )


def switches(c: DeployContext) -> tuple[Switch, ...]:
    return tuple(Switch(target=one, decision=c.decision, lock=c.lock, notebook=c.notebook) for one in c.targets)


def public(c: DeployContext) -> tuple[Step, ...]:
    return (CheckPublic(decision=c.decision, smoke=c.smoke, notebook=c.notebook),) if c.smoke else ()


def published(c: DeployContext) -> tuple[Step, ...]:
    """What was published stays so when one goes back."""
    if c.decision.is_rollback or not c.published:
        return ()
    return (BeginPublishing(lock=c.lock, steps=c.published), *c.published)


def record(c: DeployContext) -> Record:
    return Record(ledger=c.ledger, lock=c.lock, decision=c.decision, fence=c.fence, entry=c.entry)


def proof(c: DeployContext) -> AnswersProve:
    return AnswersProve(options=c.smoke_options, is_release=bool(c.decision.tag))


def checks(c: DeployContext) -> tuple[Check, ...]:
    ready = tuple(TargetReady(target=one) for one in c.targets)
    schema = (
        (
            MigrationsRight(schema=c.schema),
            ContractWaits(schema=c.schema, standing=c.standing, environment=c.decision.environment),
        )
        if c.schema and not c.decision.is_rollback
        else ()
    )
    waited = (ChecksNotWrong(wait=c.wait),) if c.wait else ()
    places = PlacesDiffer(places=c.places, others=c.other_places)
    return (*waited, *ready, places, *elsewhere(c), proof(c), *schema)


def elsewhere(c: DeployContext) -> Iterator[Check]:
    """What is asked about images, and about targets that somebody else runs."""
    if c.images:
        yield ImagesThere(images=c.images)
    if c.promotion:
        yield PromotionSaid(images=c.images, promotion=c.promotion)
    if any(one.kind in ELSEWHERE for one in c.targets):
        yield WayBack(targets=c.targets, decision=c.decision)


def _plan(c: DeployContext, steps: tuple[Step, ...]) -> Plan:
    decision = c.decision
    verb = "Go back to" if decision.is_rollback else "Deploy"
    before = f"after {c.standing}" if c.standing else "the first"
    turn = next((step.name for step in published(c)), "record")
    return Plan(
        title=f"{verb} {decision.revision} on {decision.environment} ({before})",
        steps=steps,
        checks=checks(c),
        point_of_no_return=None if decision.is_public else turn,  # of the run that this one goes on after
        hints=_hints(c),
        guard=Guard(lock=c.lock, ledger=c.ledger, entry=c.entry),
        undo_found=True,
    )


def _hints(c: DeployContext) -> Hints:
    resume = f"shipit deploy --env {c.decision.environment} --resume"
    back = f"; shipit deploy rollback --env {c.decision.environment} goes back" if c.standing else ""
    both = f"{resume} goes on{back}"
    return Hints(resume=f"{both}, and what is published stays" if published(c) else resume, stuck=both)
