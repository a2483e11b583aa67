"""What the steps of one release are made of, and each step made of it."""

from collections.abc import Callable
from dataclasses import dataclass

from shipit.config import Config
from shipit.engine.plan import Check, Step
from shipit.model import RefUpdate
from shipit.release.checks import ForgeReady, IndexReady, MayPush, NotesFit, PythonReady, TipsAgree, WorkflowsReady
from shipit.release.lock import LockCommits
from shipit.release.model import Release
from shipit.release.ports import ArtifactStore, Checkout, Forge, Gates, Index, Objects, Packager, Remote
from shipit.release.refs import evidence_ref
from shipit.release.steps.back_merge import BackMerge
from shipit.release.steps.forge import Assets, Dispatch, Draft, Propose, Publish
from shipit.release.steps.gate import Gate
from shipit.release.steps.lock import Close, Lock
from shipit.release.steps.package import Build, CheckPackage, Evidence, TryInstall
from shipit.release.steps.source import BringTagHome, Push
from shipit.release.steps.upload import Upload
from shipit.release.version_places import PlacesKnown
from shipit.versioning.number import pep440


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseContext:
    """Everything that the steps of one release are made of; `tree` is the git id of what is released."""

    config: Config
    project: str
    release: Release
    tree: str
    lock: LockCommits
    remote: Remote
    objects: Objects
    checkout: Checkout
    artifacts: ArtifactStore
    gates: Gates
    packager: Packager
    forge: Forge | None
    index: Index | None
    back_merge: Callable[[str], str | None]
    tips: TipsAgree | None
    places: PlacesKnown | None = None


def checks(c: ReleaseContext) -> tuple[Check, ...]:
    release, forge, workflows = c.release, c.forge, c.config.forge.dispatch
    pushed = (release.main, release.develop) if release.mode == "push" else ()
    asked: tuple[Check | None, ...] = (
        NotesFit(notes=release.notes),
        c.tips,
        c.places,
        MayPush(remote=c.remote, release=release),
        ForgeReady(rules=forge, branches=tuple(name for name in pushed if name)) if forge else None,
        WorkflowsReady(forge=forge, workflows=workflows) if forge and workflows else None,
        PythonReady(packager=c.packager) if c.index else None,
        IndexReady(index=c.index, project=c.project) if c.index else None,
    )
    return tuple(check for check in asked if check)


def lock_with_branch(c: ReleaseContext) -> Lock:
    return Lock(remote=c.remote, commits=c.lock, opens=release_branch(c), ends=evidence_ref(c.release.tag))


def lock(c: ReleaseContext) -> Lock:
    return Lock(remote=c.remote, commits=c.lock)


def release_branch(c: ReleaseContext) -> tuple[RefUpdate, ...]:
    """Version files and changelog in one commit, where people and CI can see it."""
    return (RefUpdate(f"refs/heads/{c.release.branch}", c.release.commit, None),)


def gates(c: ReleaseContext) -> tuple[Step, ...]:
    return tuple(Gate(gates=c.gates, artifacts=c.artifacts, gate=name, tree=c.tree) for name in c.config.gates)


def build_and_try(c: ReleaseContext) -> tuple[Step, ...]:
    if c.index is None:
        return ()
    options = c.config.distribution
    tried = TryInstall(packager=c.packager, artifacts=c.artifacts, tree=c.tree, sbom=options.sbom)
    built = (
        Build(packager=c.packager, artifacts=c.artifacts),
        CheckPackage(packager=c.packager, artifacts=c.artifacts, tree=c.tree),
    )
    return (*built, tried) if options.install else built


def evidence(c: ReleaseContext) -> Evidence:
    return Evidence(artifacts=c.artifacts, release=c.release, project=c.project)


def push(c: ReleaseContext) -> Push:
    return Push(
        remote=c.remote,
        objects=c.objects,
        artifacts=c.artifacts,
        release=c.release,
        back_merge=c.back_merge,
        lock=c.lock,
        keep_limit=c.config.release.keep_limit,
    )


def tag_here(c: ReleaseContext) -> BringTagHome:
    return BringTagHome(remote=c.remote, checkout=c.checkout, tag=c.release.tag)


def draft(c: ReleaseContext, *, may_be_edited: bool = False) -> tuple[Step, ...]:
    return (
        (Draft(releases=c.forge, release=c.release, body=c.release.notes, may_be_edited=may_be_edited),)
        if c.forge
        else ()
    )


def assets(c: ReleaseContext) -> tuple[Step, ...]:
    return (Assets(releases=c.forge, artifacts=c.artifacts, tag=c.release.tag),) if c.forge else ()


def upload(c: ReleaseContext) -> tuple[Step, ...]:
    return (
        (Upload(index=c.index, artifacts=c.artifacts, project=c.project, version=pep440(c.release.version)),)
        if c.index
        else ()
    )


def publish(c: ReleaseContext) -> tuple[Step, ...]:
    return (
        (Publish(releases=c.forge, tag=c.release.tag, tag_format=c.config.version.tag_format),) if c.forge else ()
    )


def back_merge(c: ReleaseContext) -> tuple[Step, ...]:
    develop = c.release.develop
    return (
        (
            BackMerge(
                remote=c.remote,
                objects=c.objects,
                pull_requests=c.forge,
                release=c.release,
                develop=develop,
                back_merge=c.back_merge,
            ),
        )
        if develop
        else ()
    )


def dispatch(c: ReleaseContext) -> tuple[Step, ...]:
    release, forge = c.release, c.forge
    return tuple(
        Dispatch(workflows=forge, workflow=name, tag=release.tag, commit=release.tagged_commit)
        for name in c.config.forge.dispatch
        if forge
    )


def pull_request(c: ReleaseContext, body: str) -> tuple[Step, ...]:
    return (Propose(pull_requests=c.forge, remote=c.remote, release=c.release, body=body),) if c.forge else ()


def close(c: ReleaseContext) -> Close:
    return Close(remote=c.remote, tag=c.release.tag, commits=c.lock)
