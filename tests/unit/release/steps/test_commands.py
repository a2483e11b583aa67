"""The command of a step, as a dry run shows it."""

from collections.abc import Callable

import pytest

from shipit.engine.plan import Commanding, Step
from shipit.release.lock import LockCommits
from shipit.release.refs import LOCK
from shipit.release.steps.back_merge import BackMerge
from shipit.release.steps.forge import Assets, Draft, Publish
from shipit.release.steps.gate import Gate
from shipit.release.steps.lock import Close, Lock
from shipit.release.steps.package import Build, CheckPackage, Evidence, TryInstall
from shipit.release.steps.source import BringTagHome, Push
from shipit.release.steps.upload import Upload
from tests.unit.scene import BRANCH, DEVELOP, MAIN, Scene

EVIDENCE, KEPT, TAG = "refs/shipit/release/v1.1.0", "refs/shipit/kept/v1.1.0", "refs/tags/v1.1.0"
PUSH = ("git", "push", "origin")


def commits(scene: Scene) -> LockCommits:
    return LockCommits(mine=scene.commit("mine\n"), after=scene.commit("after\n"), observed=None)


def push(scene: Scene) -> Push:
    return Push(
        remote=scene.remote,
        objects=scene.objects,
        artifacts=scene.artifacts,
        release=scene.release,
        back_merge=scene.back_merge,
        lock=commits(scene),
        keep_limit=1,
    )


def test_the_lock_is_pushed_with_the_branch(scene: Scene) -> None:
    step = Lock(remote=scene.remote, commits=commits(scene))
    assert step.argv() == (*PUSH, f"{step.commits.mine}:{LOCK}")
    scene.run(step)
    assert [f"{one.new}:{one.ref}" for one in scene.server.pushes[0]] == list(step.argv()[3:])


def test_the_push_names_every_ref_and_what_nobody_has_yet(scene: Scene) -> None:
    step, release = push(scene), scene.release
    merged = scene.back_merge(scene.server.refs[DEVELOP])
    assert step.argv() == (
        *PUSH,
        f"{release.tagged_commit}:{MAIN}",
        f"<tag>:{TAG}",
        f"<evidence>:{EVIDENCE}",
        f"<files>:{KEPT}",
        f"{merged}:{DEVELOP}",
        f":{BRANCH}",
        f"{step.lock.after}:{LOCK}",
    )


def test_the_push_after_a_pull_request_removes_no_branch_that_is_gone(scene: Scene) -> None:
    scene.change(mode="pull-request")
    assert [word.rpartition(":")[2] for word in push(scene).argv()[3:]] == [TAG, EVIDENCE, KEPT, LOCK]


def test_the_end_removes_the_kept_files_and_the_lock(scene: Scene) -> None:
    step = Close(remote=scene.remote, tag="v1.1.0", commits=commits(scene))
    assert step.argv() == (*PUSH, f":{KEPT}", f":{LOCK}")


def test_the_back_merge_pushes_develop(scene: Scene) -> None:
    step = BackMerge(
        remote=scene.remote,
        objects=scene.objects,
        pull_requests=None,
        release=scene.release,
        develop="develop",
        back_merge=scene.back_merge,
    )
    assert step.argv() == (*PUSH, f"<merge>:{DEVELOP}")


OTHERS: dict[str, tuple[Callable[[Scene], Commanding], tuple[str, ...]]] = {
    "gate": (
        lambda s: Gate(gates=s.bench, artifacts=s.artifacts, gate="tests", tree="t"),
        ("run", "tests"),
    ),
    "build": (lambda s: Build(packager=s.bench, artifacts=s.artifacts), ("run", "build")),
    "check": (lambda s: CheckPackage(packager=s.bench, artifacts=s.artifacts, tree="t"), ("run", "check")),
    "install": (
        lambda s: TryInstall(packager=s.bench, artifacts=s.artifacts, tree="t", sbom=False),
        ("run", "install"),
    ),
    "upload": (
        lambda s: Upload(index=s.index, artifacts=s.artifacts, project="acme", version="1.1.0"),
        ("upload", "<file>", "fake index"),
    ),
    "tag-here": (
        lambda s: BringTagHome(remote=s.remote, checkout=s.checkout, tag="v1.1.0"),
        ("git", "update-ref", TAG, "<tag>"),
    ),
}


@pytest.mark.parametrize(("make", "argv"), OTHERS.values(), ids=OTHERS)
def test_the_command_is_that_of_the_tool(
    scene: Scene, make: Callable[[Scene], Commanding], argv: tuple[str, ...]
) -> None:
    assert make(scene).argv() == argv


@pytest.mark.parametrize(
    "make",
    [
        lambda s: Evidence(artifacts=s.artifacts, release=s.release, project="acme"),
        lambda s: Draft(releases=s.forge, release=s.release, body=""),
        lambda s: Assets(releases=s.forge, artifacts=s.artifacts, tag="v1.1.0"),
        lambda s: Publish(releases=s.forge, tag="v1.1.0", tag_format="v{version}"),
    ],
    ids=["evidence", "draft", "assets", "publish"],
)
def test_a_step_that_runs_no_command_names_none(scene: Scene, make: Callable[[Scene], Step]) -> None:
    assert not isinstance(make(scene), Commanding)
