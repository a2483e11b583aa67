"""Which steps a deployment consists of: one list to read from top to bottom."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from shipit.config.tables.deployments import Smoke as SmokeOptions
from shipit.deploy.checks import AnswersProve, ContractWaits, MigrationsRight, PlacesDiffer, TargetReady
from shipit.deploy.guard import Guard
from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.model import Decision, Entry
from shipit.deploy.ports import Schema, Smoke, Target
from shipit.deploy.steps.answers import CheckCandidate, CheckPublic
from shipit.deploy.steps.commit_checks import ChecksNotWrong, WaitForChecks
from shipit.deploy.steps.environment import HoldLock, Record
from shipit.deploy.steps.former import Former
from shipit.deploy.steps.gate import Gate
from shipit.deploy.steps.migrate import Migrate
from shipit.deploy.steps.notebook import Notebook
from shipit.deploy.steps.publishing import BeginPublishing
from shipit.deploy.steps.targets import Start, Switch
from shipit.engine.plan import Check, Hints, Plan, Step, Undoable
from shipit.model import Revision
from shipit.release.ports import Gates

WITHOUT_ADDRESS = frozenset({"directory"})
"""Kinds of targets whose candidate nobody can ask before it is live."""


class DeployContext(Struct, frozen=True, kw_only=True):
    """Everything that the steps of one deployment are made of; `standing` is what the ledger says is live.

    `published` are the steps by which a release reaches forge and index: done if `shipit release` made them.
    `wait` is None where no checks of the forge count, and for who goes on or goes back.
    `places` are the folders and addresses of each target by its name, `other_places` those of other environments;
    `fence` is this owner's number.
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
        *migrate(c),  # the version before must be able to live with it
        *starts(c),  # beside what is live
        *candidates(c),  # at their own addresses: no user has seen the new version yet
        *switches(c),
        *public(c),
        *published(c),  # to everybody, once it is known to work; nobody can undo that
        record(c),  # ledger and lock at once: from here there is only forward
    ))  # fmt: skip


def hold(c: DeployContext) -> HoldLock:
    effects: tuple[Undoable, ...] = (*starts(c), *switches(c))
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
    return (*waited, *ready, PlacesDiffer(places=c.places, others=c.other_places), proof(c), *schema)


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
    both = f"{resume} goes on; shipit deploy rollback --env {c.decision.environment} goes back"
    return Hints(resume=f"{both}, and what is published stays" if published(c) else resume, stuck=both)
