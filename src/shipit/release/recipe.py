"""Which steps each command consists of: lists to read from top to bottom."""

from collections.abc import Callable
from dataclasses import dataclass

from shipit.config import Config
from shipit.engine.plan import Check, Plan, Step
from shipit.release.checks import ForgeReady, IndexReady, MayPush, Publishable, TipsAgree, WorkflowsReady
from shipit.release.model import Release
from shipit.release.ports import Checkout, Forge, Index, Objects, Remote, Vault, Workbench
from shipit.release.steps.back_merge import BackMerge
from shipit.release.steps.forge import Assets, Dispatch, Draft, Propose, Publish
from shipit.release.steps.gate import Gate
from shipit.release.steps.lock import Close, Lock
from shipit.release.steps.package import Build, CheckPackage, Evidence, TryInstall, Upload
from shipit.release.steps.source import BringTagHome, Push, ReleaseBranch
from shipit.versioning.number import pep440


@dataclass(frozen=True, slots=True)
class Held:
    """The lock commits of this run: `mine` before the push, `after` from the push on, `observed` a dead run's."""

    mine: str
    after: str
    observed: str | None


NOBODY = Held("", "", None)
"""For looks at a release that nobody is running."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the steps of one release are made of; `tree` is the git id of what is released."""

    config: Config
    project: str
    release: Release
    tree: str
    held: Held
    remote: Remote
    objects: Objects
    checkout: Checkout
    vault: Vault
    bench: Workbench
    forge: Forge | None
    index: Index | None
    back_merge: Callable[[str], str | None]
    tips: TipsAgree | None


Recipe = Callable[[Parts], Plan]


def release(parts: Parts) -> Plan:
    """A whole release, from the lock to the closing."""
    steps = (*prepare(parts), *evidence(parts), push(parts), *deliver(parts), close(parts))
    return Plan(_title(parts), steps, checks(parts), turning_point="push")


def propose(parts: Parts) -> Plan:
    """The first half of a release through a pull request: all that can be known before people merge it."""
    if parts.forge is None:
        raise AssertionError("a pull request needs a forge; the command line has checked that")
    proposal = Propose(parts.forge, parts.remote, parts.release, parts.release.notes)
    return Plan(
        f"{_title(parts)}, by pull request",
        (*prepare(parts), proposal),
        checks(parts),
        turning_point=proposal.name,
    )


def merged(parts: Parts) -> Plan:
    """The second half: the pull request is merged, the rest of the release follows."""
    steps = (
        lock(parts),
        *verify_package(parts),
        *evidence(parts),
        push(parts),
        *deliver(parts),
        close(parts),
    )
    # people have merged it: there is only forward
    return Plan(_title(parts), steps)


def finish(parts: Parts) -> Plan:
    """What is left of a release whose push has landed: there is only forward."""
    return Plan(_title(parts), (lock(parts), push(parts), *deliver(parts), close(parts)))


def proof(parts: Parts) -> Plan:
    """What must be there of a complete release, asked at any later time."""
    return Plan(_title(parts), (push(parts), *published(parts), *bring_back(parts), close(parts)))


def undo(parts: Parts) -> tuple[Step, ...]:
    """Every step whose effect may be there before the push."""
    proposal = (Propose(parts.forge, parts.remote, parts.release, ""),) if parts.forge else ()
    return (lock(parts), branch(parts), *proposal)


def publishes(plan: Plan) -> bool:
    """Whether a plan ends with a complete release; the other one ends with a pull request."""
    return any(isinstance(step, Close) for step in plan.steps)


def checks(parts: Parts) -> tuple[Check, ...]:
    asked: list[Check] = [Publishable(parts.release.version, parts.release.notes)]
    if parts.tips:
        asked.append(parts.tips)
    asked.append(MayPush(parts.remote, parts.release))
    if parts.forge:
        pushed = (parts.release.main, parts.release.develop) if parts.release.mode == "push" else ()
        asked.append(ForgeReady(parts.forge, tuple(name for name in pushed if name)))
        if parts.config.forge.dispatch:
            asked.append(WorkflowsReady(parts.forge, parts.config.forge.dispatch))
    if parts.index:
        asked.append(IndexReady(parts.index, parts.project))
    return tuple(asked)


def prepare(parts: Parts) -> tuple[Step, ...]:
    # the branch is pushed before the gates run, so that people and CI can see what is being released
    return (lock(parts), branch(parts), *verify_package(parts))


def verify_package(parts: Parts) -> tuple[Step, ...]:
    gates = [Gate(parts.bench, parts.vault, name, parts.tree) for name in parts.config.gates]
    built: list[Step] = []
    if parts.index:
        built = [Build(parts.bench, parts.vault), CheckPackage(parts.bench, parts.vault, parts.tree)]
        if parts.config.build.install:
            built.append(TryInstall(parts.bench, parts.vault, parts.tree, parts.config.build.bill_of_materials))
    return (*gates, *built)


def evidence(parts: Parts) -> tuple[Step, ...]:
    return (Evidence(parts.vault, parts.release, parts.project),)


def deliver(parts: Parts) -> tuple[Step, ...]:
    home = BringTagHome(parts.remote, parts.checkout, parts.release.tag)
    return (home, *published(parts), *follow_ups(parts))


def published(parts: Parts) -> tuple[Step, ...]:
    draft: tuple[Step, ...] = ()
    publish: tuple[Step, ...] = ()
    if parts.forge:
        tag = parts.release.tag
        # draft, assets, publish: an immutable release takes no asset after it is published
        draft = (
            Draft(parts.forge, parts.release, parts.release.notes),
            Assets(parts.forge, parts.vault, tag),
        )
        publish = (Publish(parts.forge, tag, parts.config.version.tag_format),)
    upload = (
        (Upload(parts.index, parts.vault, parts.project, pep440(parts.release.version)),) if parts.index else ()
    )
    return (*draft, *upload, *publish)


def follow_ups(parts: Parts) -> tuple[Step, ...]:
    return (*bring_back(parts), *start_workflows(parts))


def bring_back(parts: Parts) -> tuple[Step, ...]:
    if not parts.release.develop:
        return ()
    develop = parts.release.develop
    return (BackMerge(parts.remote, parts.objects, parts.forge, parts.release, develop, parts.back_merge),)


def start_workflows(parts: Parts) -> tuple[Step, ...]:
    """They are no part of the proof: the forge forgets the runs of workflows after a while."""
    forge = parts.forge
    if forge is None:
        return ()
    release = parts.release
    return tuple(Dispatch(forge, name, release.tag, release.target) for name in parts.config.forge.dispatch)


def lock(parts: Parts) -> Lock:
    return Lock(parts.remote, parts.held.mine, parts.held.observed, parts.held.after)


def branch(parts: Parts) -> ReleaseBranch:
    return ReleaseBranch(parts.remote, parts.release.branch, parts.release.commit)


def push(parts: Parts) -> Push:
    held = parts.held
    limit = parts.config.release.keep_limit
    return Push(
        parts.remote,
        parts.objects,
        parts.vault,
        parts.release,
        parts.back_merge,
        held.mine,
        held.after,
        limit,
    )


def close(parts: Parts) -> Close:
    return Close(parts.remote, parts.release.tag, parts.held.mine, parts.held.after)


def _title(parts: Parts) -> str:
    previous = f" (after {parts.release.previous})" if parts.release.previous else " (the first)"
    return f"Release {parts.project} {parts.release.version}{previous}"
