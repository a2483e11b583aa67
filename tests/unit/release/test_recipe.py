"""Which steps each command consists of: the lists that a reader expects."""

from typing import Any

from shipit.config import Branches, Config, Distribution, Forge, Gate
from shipit.config.tables.gates import TAKEN
from shipit.model import RefUpdate
from shipit.release import recipe
from shipit.release.context import ReleaseContext, checks, dispatch
from shipit.release.lock import UNHELD, LockCommits, ReleaseLock
from tests.unit.memory import names
from tests.unit.scene import Scene

DELIVERED = ["tag-here", "draft", "assets", "upload", "publish", "back-merge"]
PACKAGE = ["gate-lint", "gate-tests", "build", "check", "install"]


def context(scene: Scene, **changes: Any) -> ReleaseContext:
    config = Config(
        branches=Branches(develop="develop"),
        gates={"lint": Gate(run="ruff check"), "tests": Gate(run="pytest")},
    )
    given: dict[str, Any] = {
        "config": config,
        "project": "acme",
        "release": scene.release,
        "tree": "tree",
        "lock": LockCommits(mine="mine", after="after", observed=None),
        "remote": scene.remote,
        "objects": scene.objects,
        "checkout": scene.checkout,
        "artifacts": scene.artifacts,
        "gates": scene.bench,
        "packager": scene.bench,
        "forge": scene.forge,
        "index": scene.index,
        "back_merge": scene.back_merge,
        "tips": None,
    }
    return ReleaseContext(**(given | changes))


def test_a_release_is_prepared_pushed_at_once_and_delivered(scene: Scene) -> None:
    plan = recipe.release(context(scene))
    assert names(plan.steps) == ["lock", *PACKAGE, "evidence", "push", *DELIVERED, "close"]
    assert plan.point_of_no_return == "push"
    assert plan.title == "Release acme 1.1.0 (after v1.0.0)"
    assert recipe.publishes(plan)


def test_no_gate_may_be_named_like_any_step_of_any_plan(scene: Scene) -> None:
    made = context(scene, config=Config(branches=Branches(develop="develop")))
    plans = (
        recipe.release(made),
        recipe.propose(made),
        recipe.merged(made),
        recipe.finish(made),
        recipe.proof(made),
    )
    steps = {name for plan in plans for name in names(plan.steps)} | set(names(recipe.undo(made)))
    assert steps == TAKEN - {"security"}


def test_the_first_release_says_so(scene: Scene) -> None:
    scene.change(previous=None)
    assert recipe.release(context(scene)).title == "Release acme 1.1.0 (the first)"


def test_what_is_not_configured_has_no_step(scene: Scene) -> None:
    scene.change(develop=None)
    plan = recipe.release(context(scene, config=Config(), forge=None, index=None))
    assert names(plan.steps) == ["lock", "evidence", "push", "tag-here", "close"]
    assert names(plan.checks) == ["notes", "push-rights"]


def test_the_trial_installation_can_be_left_out(scene: Scene) -> None:
    plan = recipe.release(context(scene, config=Config(distribution=Distribution(install=False))))
    assert "install" not in names(plan.steps)
    assert "check" in names(plan.steps)


def test_a_pull_request_is_the_turning_point_of_the_first_half(scene: Scene) -> None:
    plan = recipe.propose(context(scene))
    assert names(plan.steps) == ["lock", *PACKAGE, "pull-request"]
    assert plan.point_of_no_return == "pull-request"
    assert plan.title.endswith(", by pull request")
    assert not recipe.publishes(plan)


def test_the_second_half_only_goes_forward(scene: Scene) -> None:
    plan = recipe.merged(context(scene))
    assert names(plan.steps) == ["lock", *PACKAGE, "evidence", "push", *DELIVERED, "close"]
    assert plan.point_of_no_return is None


def test_what_is_left_after_the_push_only_goes_forward(scene: Scene) -> None:
    plan = recipe.finish(context(scene))
    assert names(plan.steps) == ["lock", "push", *DELIVERED, "close"]
    assert plan.point_of_no_return is None


def test_the_proof_asks_for_what_lasts(scene: Scene) -> None:
    assert names(recipe.proof(context(scene)).steps) == [
        *("push", "draft", "assets", "upload", "publish", "back-merge", "close")
    ]


def test_what_can_be_undone_is_undone_with_and_without_a_forge(scene: Scene) -> None:
    assert names(recipe.undo(context(scene))) == ["pull-request"]
    assert names(recipe.undo(context(scene, forge=None))) == []
    assert [one.ref for one in recipe.guard(context(scene)).opens] == ["refs/heads/release/v1.1.0"]


def test_every_check_that_applies_is_asked(scene: Scene) -> None:
    from shipit.release.checks import TipsAgree

    tips = TipsAgree(there="1", branch="develop")
    config = Config(forge=Forge(dispatch=("deploy.yml",)))
    asked = checks(context(scene, tips=tips, config=config))
    assert names(asked) == ["notes", "tips", "push-rights", "forge", "workflows", "python", "index"]


def test_branch_rules_are_asked_for_what_will_be_pushed(scene: Scene) -> None:
    def branches() -> tuple[str, ...]:
        [check] = [check for check in checks(context(scene)) if check.name == "forge"]
        return check.branches  # type: ignore[attr-defined,no-any-return]

    assert branches() == ("main", "develop")
    scene.change(develop=None)
    assert branches() == ("main",)
    scene.change(mode="pull-request")
    assert branches() == ()


def test_workflows_are_started_on_the_tag_after_everything_is_delivered(scene: Scene) -> None:
    config = Config(forge=Forge(dispatch=("deploy.yml",)))
    steps = names(recipe.release(context(scene, config=config)).steps)
    assert steps[-3:] == ["back-merge", "dispatch-deploy", "close"]
    assert "dispatch-deploy" not in names(recipe.proof(context(scene, config=config)).steps)
    assert dispatch(context(scene, config=config, forge=None)) == ()


def test_every_plan_of_a_run_has_the_lock_as_its_guard(scene: Scene) -> None:
    made = context(scene)
    for recipe_of in (recipe.release, recipe.propose, recipe.merged, recipe.finish):
        branch = RefUpdate("refs/heads/release/v1.1.0", scene.release.commit, None)
        lock = ReleaseLock(remote=scene.remote, commits=made.lock, tag="v1.1.0", opens=(branch,))
        assert recipe_of(made).guard == lock


def test_a_look_at_a_release_that_nobody_is_running_has_no_guard(scene: Scene) -> None:
    assert recipe.proof(context(scene, lock=UNHELD)).guard is None


def test_a_rollback_also_undoes_what_an_earlier_run_of_the_same_release_made(scene: Scene) -> None:
    made = context(scene)
    assert [recipe_of(made).undo_found for recipe_of in (recipe.release, recipe.propose)] == [True, True]
