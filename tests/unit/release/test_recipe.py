"""Which steps each command consists of: the lists that a reader expects."""

from collections.abc import Sequence
from typing import Any

import pytest

from shipit.config import Branches, Build, Config, Forge, Gate
from shipit.engine.plan import Check, Step
from shipit.release import recipe
from shipit.release.recipe import LockCommits, ReleaseContext
from tests.unit.scene import Scene

DELIVERED = ["tag-here", "draft", "assets", "upload", "publish", "back-merge"]
PACKAGE = ["gate-lint", "gate-tests", "build", "check", "install"]


def parts(scene: Scene, **changes: Any) -> ReleaseContext:
    config = Config(
        branches=Branches(develop="develop"),
        gates={"lint": Gate(run="ruff check"), "tests": Gate(run="pytest")},
    )
    given: dict[str, Any] = {
        "config": config,
        "project": "acme",
        "release": scene.release,
        "tree": "tree",
        "held": LockCommits("mine", "after", None),
        "remote": scene.remote,
        "objects": scene.objects,
        "checkout": scene.checkout,
        "vault": scene.artifacts,
        "bench": scene.bench,
        "forge": scene.forge,
        "index": scene.index,
        "back_merge": scene.back_merge,
        "tips": None,
    }
    return ReleaseContext(**(given | changes))


def names(steps: Sequence[Step | Check]) -> list[str]:
    return [step.name for step in steps]


def test_a_release_is_prepared_pushed_at_once_and_delivered(scene: Scene) -> None:
    plan = recipe.release(parts(scene))
    assert names(plan.steps) == ["lock", "branch", *PACKAGE, "evidence", "push", *DELIVERED, "close"]
    assert plan.point_of_no_return == "push"
    assert plan.title == "Release acme 1.1.0 (after v1.0.0)"
    assert recipe.publishes(plan)


def test_the_first_release_says_so(scene: Scene) -> None:
    scene.change(previous=None)
    assert recipe.release(parts(scene)).title == "Release acme 1.1.0 (the first)"


def test_what_is_not_configured_has_no_step(scene: Scene) -> None:
    scene.change(develop=None)
    plan = recipe.release(parts(scene, config=Config(), forge=None, index=None))
    assert names(plan.steps) == ["lock", "branch", "evidence", "push", "tag-here", "close"]
    assert names(plan.checks) == ["version", "push-rights"]


def test_the_trial_installation_can_be_left_out(scene: Scene) -> None:
    plan = recipe.release(parts(scene, config=Config(build=Build(install=False))))
    assert "install" not in names(plan.steps)
    assert "check" in names(plan.steps)


def test_a_pull_request_is_the_turning_point_of_the_first_half(scene: Scene) -> None:
    plan = recipe.propose(parts(scene))
    assert names(plan.steps) == ["lock", "branch", *PACKAGE, "pull-request"]
    assert plan.point_of_no_return == "pull-request"
    assert plan.title.endswith(", by pull request")
    assert not recipe.publishes(plan)


def test_a_pull_request_without_a_forge_is_a_bug(scene: Scene) -> None:
    with pytest.raises(AssertionError):
        recipe.propose(parts(scene, forge=None))


def test_the_second_half_only_goes_forward(scene: Scene) -> None:
    plan = recipe.merged(parts(scene))
    assert names(plan.steps) == ["lock", *PACKAGE, "evidence", "push", *DELIVERED, "close"]
    assert plan.point_of_no_return is None


def test_what_is_left_after_the_push_only_goes_forward(scene: Scene) -> None:
    plan = recipe.finish(parts(scene))
    assert names(plan.steps) == ["lock", "push", *DELIVERED, "close"]
    assert plan.point_of_no_return is None


def test_the_proof_asks_for_what_lasts(scene: Scene) -> None:
    assert names(recipe.proof(parts(scene)).steps) == [
        *("push", "draft", "assets", "upload", "publish", "back-merge", "close")
    ]


def test_what_can_be_undone_is_undone_with_and_without_a_forge(scene: Scene) -> None:
    assert names(recipe.undo(parts(scene))) == ["lock", "branch", "pull-request"]
    assert names(recipe.undo(parts(scene, forge=None))) == ["lock", "branch"]


def test_every_check_that_applies_is_asked(scene: Scene) -> None:
    from shipit.release.checks import TipsAgree

    tips = TipsAgree(None, "1", "develop", None)
    config = Config(forge=Forge(dispatch=("deploy.yml",)))
    asked = recipe.checks(parts(scene, tips=tips, config=config))
    assert names(asked) == ["version", "tips", "push-rights", "forge", "workflows", "index"]


def test_branch_rules_are_asked_for_what_will_be_pushed(scene: Scene) -> None:
    def branches() -> tuple[str, ...]:
        [check] = [check for check in recipe.checks(parts(scene)) if check.name == "forge"]
        return check.branches  # type: ignore[attr-defined,no-any-return]

    assert branches() == ("main", "develop")
    scene.change(develop=None)
    assert branches() == ("main",)
    scene.change(mode="pull-request")
    assert branches() == ()


def test_workflows_are_started_on_the_tag_after_everything_is_delivered(scene: Scene) -> None:
    config = Config(forge=Forge(dispatch=("deploy.yml",)))
    steps = names(recipe.release(parts(scene, config=config)).steps)
    assert steps[-3:] == ["back-merge", "dispatch-deploy", "close"]
    assert "dispatch-deploy" not in names(recipe.proof(parts(scene, config=config)).steps)
    assert recipe.start_workflows(parts(scene, config=config, forge=None)) == ()


def test_nobody_holds_nothing() -> None:
    assert LockCommits("", "", None) == UNHELD
