"""Workflows that are started on the tag: once, after everything that is there for good, and in no later proof."""

from pathlib import Path

import pytest

from shipit.engine.plan import Plan, Problem, absent, done
from shipit.engine.run import carry_out
from shipit.errors import Denied, Refused, StoppedHalfway, Unavailable
from shipit.release import recipe, verify
from shipit.release.checks import WorkflowsReady
from shipit.release.lock import UNHELD
from shipit.release.open_release import context, pushed
from shipit.release.steps.forge import Dispatch
from tests.unit.memory import GITFLOW, Machine, Product, names
from tests.unit.scene import Scene

SETTINGS = f'{GITFLOW}forge.dispatch = ["deploy.yml", "docs.yaml"]\n'
COMMIT = "c" * 40
RUNS = [("deploy.yml", "v1.1.0"), ("docs.yaml", "v1.1.0")]


@pytest.fixture
def step(scene: Scene) -> Dispatch:
    scene.forge.workflows = ("deploy.yml",)
    return Dispatch(workflows=scene.forge, workflow="deploy.yml", tag="v1.1.0", commit=COMMIT)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    product = Product(SETTINGS, forge=True)
    assert product.forge
    product.forge.workflows = ("deploy.yml", "docs.yaml")
    return Machine(product, tmp_path / "one")


def runs(machine: Machine) -> list[tuple[str, str]]:
    """What was started, all of it on the commit of the tag."""
    assert machine.product.forge
    commit = machine.outside.remote.refs()["refs/tags/v1.1.0^{}"]
    assert {run[2] for run in machine.product.forge.runs} == {commit}
    return [run[:2] for run in machine.product.forge.runs]


class TestADispatch:
    def test_is_absent_made_and_then_seen_as_a_run(self, scene: Scene, step: Dispatch) -> None:
        assert scene.run(step) == done("memory:1")
        assert scene.forge.runs == [("deploy.yml", "v1.1.0", COMMIT)]

    def test_is_named_after_its_workflow(self, step: Dispatch) -> None:
        assert (step.name, step.summary) == ("dispatch-deploy", "Start deploy.yml on v1.1.0")

    def test_of_another_tag_or_workflow_is_not_this_one(self, scene: Scene, step: Dispatch) -> None:
        scene.forge.runs = [("deploy.yml", "v1.0.0", COMMIT), ("docs.yml", "v1.1.0", COMMIT)]
        assert step.look() == absent()

    def test_of_the_same_tag_on_another_commit_is_not_this_one(self, scene: Scene, step: Dispatch) -> None:
        scene.forge.runs = [("deploy.yml", "v1.1.0", "d" * 40)]
        assert scene.run(step) == done("memory:2")

    def test_that_a_person_has_made_already_is_not_made_again(self, scene: Scene, step: Dispatch) -> None:
        scene.forge.runs = [("deploy.yml", "v1.1.0", COMMIT)]
        carry_out(Plan(title="Release", steps=(step,)), lambda _: None)
        assert scene.forge.writes == []

    def test_whose_answer_is_lost_is_seen_and_not_repeated(self, scene: Scene, step: Dispatch) -> None:
        scene.forge.after["dispatch"] = Unavailable("fake forge did not answer")
        carry_out(Plan(title="Release", steps=(step,)), lambda _: None)
        assert scene.forge.runs == [("deploy.yml", "v1.1.0", COMMIT)]

    def test_that_is_refused_stops_half_way_and_can_be_resumed(self, scene: Scene, step: Dispatch) -> None:
        scene.forge.before["dispatch"] = Denied("no right to start deploy.yml")
        with pytest.raises(StoppedHalfway, match="dispatch-deploy: no right to start"):
            carry_out(Plan(title="Release", steps=(step,)), lambda _: None)
        carry_out(Plan(title="Release", steps=(step,)), lambda _: None)
        assert scene.forge.runs == [("deploy.yml", "v1.1.0", COMMIT)]


class TestTheCheck:
    def test_names_every_workflow_that_is_not_there(self, scene: Scene, step: Dispatch) -> None:
        check = WorkflowsReady(forge=scene.forge, workflows=("one.yml", "deploy.yml", "two.yml"))
        assert check.summary == "fake forge can start one.yml, deploy.yml, two.yml"
        assert check.problems() == (
            Problem("fake forge knows no workflow one.yml"),
            Problem("fake forge knows no workflow two.yml"),
        )


class TestARelease:
    def test_starts_each_workflow_once_after_the_back_merge(self, machine: Machine) -> None:
        machine.release()
        assert runs(machine) == RUNS
        made = context(machine.outside, pushed(machine.outside, "v1.1.0"), UNHELD)
        assert names(recipe.finish(made).steps)[-4:] == ["back-merge", "dispatch-deploy", "dispatch-docs", "close"]

    def test_is_refused_before_anything_is_touched_where_a_workflow_is_missing(self, machine: Machine) -> None:
        assert machine.product.forge
        machine.product.forge.workflows = ("deploy.yml",)
        before = machine.product.refs
        with pytest.raises(Refused) as refusal:
            machine.release()
        assert refusal.value.evidence[0] == "fake forge knows no workflow docs.yaml"
        assert machine.product.refs == before

    def test_that_stopped_at_a_workflow_is_finished_by_another_machine(
        self, machine: Machine, tmp_path: Path
    ) -> None:
        assert machine.product.forge
        machine.product.forge.before["dispatch"] = Unavailable("fake forge is out of order")
        with pytest.raises(StoppedHalfway, match="dispatch-deploy: fake forge is out of order"):
            machine.release()
        Machine(machine.product, tmp_path / "two").release(resume=True)
        assert runs(machine) == RUNS

    def test_is_still_what_was_released_when_the_forge_has_forgotten_the_runs(self, machine: Machine) -> None:
        machine.release()
        assert machine.product.forge
        machine.product.forge.runs.clear()
        assert verify.release(machine.outside, "v1.1.0", machine.reporter)["verified"] == "true"

    def test_without_a_forge_starts_nothing(self, tmp_path: Path) -> None:
        machine = Machine(Product(SETTINGS), tmp_path / "one")
        machine.release()
        made = context(machine.outside, pushed(machine.outside, "v1.1.0"), UNHELD)
        assert names(recipe.finish(made).steps)[-2:] == ["back-merge", "close"]
