"""Checks of the forge: what counts as green, how long they are waited for, and where that stands in a plan."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.adapters.clock import Clock
from shipit.deploy import recipe
from shipit.deploy.steps.commit_checks import ChecksNotWrong, WaitForChecks, assess
from shipit.deploy.steps.commit_checks import State as Verdict
from shipit.engine import events
from shipit.engine.plan import State
from shipit.errors import Refused, UsageError
from shipit.model import CheckResult, Revision
from tests.fakes_deploy import FakeChecks, FakeClock
from tests.unit.deploy.scene import SETTINGS, Machine, Scene, names

NEW = Revision("1.1.0", "1" * 40)
GREEN, AWAITED, WRONG = Verdict.GREEN, Verdict.AWAITED, Verdict.WRONG
WAITING = (
    SETTINGS
    + """wait-for-checks = true

[tool.shipit.protection]
required-checks = ["lint", "tests (3.11)"]
"""
)


def results(*outcomes: str | None) -> list[CheckResult]:
    """Runs of `lint`; None is one that is under way."""
    fake = FakeChecks()
    for outcome in outcomes:
        fake.check(NEW.commit, "lint", outcome)
    return list(fake.check_results(NEW.commit))


@pytest.mark.parametrize(
    ("outcomes", "state", "words"),
    [
        (["success"], GREEN, "lint"),
        (["success", "success"], GREEN, "lint"),
        ([], AWAITED, "lint (has not begun)"),
        ([None], AWAITED, "lint (in_progress)"),
        (["success", None], AWAITED, "lint (in_progress)"),
        (["failure"], WRONG, "lint: failure (https://forge.example/runs/0)"),
        (["timed_out"], WRONG, "lint: timed_out (https://forge.example/runs/0)"),
        (["action_required"], WRONG, "lint: action_required (https://forge.example/runs/0)"),
        (["startup_failure"], WRONG, "lint: startup_failure (https://forge.example/runs/0)"),
        (["a word of tomorrow"], WRONG, "lint: a word of tomorrow (https://forge.example/runs/0)"),
        ([""], WRONG, "lint: no outcome (https://forge.example/runs/0)"),
        (["success", "failure"], WRONG, "lint: failure (https://forge.example/runs/1)"),
        ([None, "failure"], WRONG, "lint: failure (https://forge.example/runs/1)"),
        (["skipped"], WRONG, "lint: skipped, so it did not look (https://forge.example/runs/0)"),
        (["neutral"], WRONG, "lint: neutral, so it did not look (https://forge.example/runs/0)"),
        (["cancelled"], WRONG, "lint: cancelled, so it did not look (https://forge.example/runs/0)"),
        (["skipped", "success"], GREEN, "lint"),
        (["cancelled", "success"], GREEN, "lint"),
        (["cancelled", None], AWAITED, "lint (in_progress)"),
    ],
)
def test_what_the_runs_of_a_name_come_to(outcomes: list[str | None], state: Verdict, words: str) -> None:
    (found,) = assess(["lint", "lint"], results(*outcomes))
    assert (found.state, found.words) == (state, words)


def test_other_names_do_not_count() -> None:
    (found,) = assess(["lint (3.11)"], results("success", "failure"))
    assert found.state is AWAITED


class Waiting:
    """A step that waits in a time of its own."""

    def __init__(self, timeout: int = 30) -> None:
        self.forge, self.clock, self.said = FakeChecks(), FakeClock(), list[str]()
        self.step = WaitForChecks(
            forge=self.forge, revision=NEW, required=("lint", "types"), clock=self.clock, timeout=timeout
        )

    def check(self, name: str, outcome: str | None) -> None:
        self.forge.check(NEW.commit, name, outcome)

    def run(self) -> None:
        self.step.run(self.said.append)


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


def test_what_is_green_is_not_waited_for(waiting: Waiting) -> None:
    waiting.check("lint", "success")
    assert waiting.step.look().state is State.ABSENT
    waiting.check("types", "success")
    assert (waiting.step.look().state, waiting.step.look().evidence) == (
        State.DONE,
        "2 of 2 checks are green on the forge",
    )
    waiting.run()
    assert (waiting.clock.slept, waiting.said) == ([], ["2 of 2 checks are green on the forge"])
    assert waiting.step.summary == "Wait until lint, types are green on the forge"


def test_it_waits_until_all_are_green_and_says_only_what_changes(waiting: Waiting) -> None:
    def nothing() -> None: ...

    waiting.check("lint", None)
    waiting.clock.meanwhile = [
        nothing,
        nothing,
        lambda: waiting.check("types", None),
        lambda: waiting.forge.finish("lint", "success"),
        lambda: waiting.forge.finish("types", "success"),
    ]
    waiting.run()
    assert waiting.said == [
        "0 of 2 checks are green on the forge; waiting for lint (in_progress), types (has not begun)",
        "0 of 2 checks are green on the forge; waiting for lint (in_progress), types (in_progress)",
        "1 of 2 checks are green on the forge; waiting for types (in_progress)",
        "2 of 2 checks are green on the forge",
    ]
    assert waiting.clock.slept == [5.0, 7.5, 11.25, 5.0, 5.0]


def test_one_that_fails_ends_the_waiting_at_once(waiting: Waiting) -> None:
    waiting.check("lint", None)
    waiting.clock.meanwhile = [lambda: waiting.forge.finish("lint", "failure")]
    with pytest.raises(Refused, match=r"the checks of 1\.1\.0 \(1{7,}\) are not green on the forge") as caught:
        waiting.run()
    assert caught.value.evidence == ("lint: failure (https://forge.example/runs/0)",)
    assert len(waiting.clock.slept) == 1


def test_they_are_not_waited_for_for_ever() -> None:
    waiting = Waiting(timeout=2)
    waiting.check("lint", "success")
    with pytest.raises(Refused, match="were not green on the forge within 2 minutes") as caught:
        waiting.run()
    assert caught.value.evidence == ("types (has not begun)",)
    assert 90 < waiting.clock.now() <= 120
    assert max(waiting.clock.slept) == 30


def test_before_the_lock_only_those_that_failed_are_a_problem(waiting: Waiting) -> None:
    check = ChecksNotWrong(wait=waiting.step)
    waiting.check("lint", None)
    assert check.problems() == ()
    waiting.forge.finish("lint", "skipped")
    (problem,) = check.problems()
    assert problem.what == "the check lint is not green on the forge"
    assert problem.evidence == "lint: skipped, so it did not look (https://forge.example/runs/0)"


@pytest.fixture
def forge() -> FakeChecks:
    return FakeChecks()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens while a deployment waits."""
    clock = FakeClock()
    monkeypatch.setattr(Clock, "now", lambda _: clock.now())
    monkeypatch.setattr(Clock, "sleep", lambda _, seconds: clock.sleep(seconds))
    return clock.meanwhile


class TestDeployments:
    @pytest.fixture
    def scene(self, tmp_path: Path) -> Scene:
        return Scene(tmp_path, WAITING)

    @staticmethod
    def machine(scene: Scene, forge: FakeChecks) -> Machine:
        made = scene.machine()
        vars(made.outside.release)["forge"] = forge
        return made

    @staticmethod
    def approve(forge: FakeChecks, *revisions: Revision) -> None:
        for revision in revisions:
            for name in ("lint", "tests (3.11)"):
                forge.check(revision.commit, name, "success")

    def test_a_green_commit_is_deployed(self, scene: Scene, forge: FakeChecks) -> None:
        revision = scene.commit("1.0.0")
        self.approve(forge, revision)
        machine = self.machine(scene, forge)
        machine.deploy()
        assert (machine.history, set(forge.asked)) == (["1.0.0 complete"], {revision.commit})

    def test_a_red_one_is_not_and_no_lock_was_taken(self, scene: Scene, forge: FakeChecks) -> None:
        forge.check(scene.commit("1.0.0").commit, "lint", "failure")
        before, machine = scene.world, self.machine(scene, forge)
        with pytest.raises(Refused, match="are not green on the forge"):
            machine.deploy()
        assert (scene.world, machine.history, machine.recorder.names(events.StepDone)) == (before, [], [])

    def test_a_dry_run_shows_the_step_without_waiting_and_names_what_failed(
        self, scene: Scene, forge: FakeChecks
    ) -> None:
        revision = scene.commit("1.0.0")
        machine = self.machine(scene, forge)
        machine.deploy(dry_run=True)
        with machine.made(revision) as made:
            plan = recipe.deploy(made)
        assert names(plan)[0] == "checks"
        forge.check(revision.commit, "lint", "failure")
        with pytest.raises(Refused, match="1 problem found") as caught:
            machine.deploy(dry_run=True)
        assert "the check lint is not green on the forge" in str(caught.value.evidence)

    def test_what_the_branch_has_when_they_are_green_is_deployed(
        self, scene: Scene, forge: FakeChecks, meanwhile: list[Callable[[], object]]
    ) -> None:
        scene.commit("1.0.0")
        newer: list[Revision] = []

        def push() -> None:
            newer.append(scene.commit("1.1.0"))
            self.approve(forge, first, *newer)

        first = scene.commit("1.0.1")
        meanwhile.append(push)
        machine = self.machine(scene, forge)
        machine.deploy()
        assert machine.history == ["1.1.0 complete"]
        assert machine.entries[0].decision.revision == newer[0]

    def test_who_goes_back_or_goes_on_asks_nobody(self, scene: Scene, forge: FakeChecks) -> None:
        first = scene.commit("1.0.0")
        second = scene.commit("1.1.0")
        self.approve(forge, second)
        machine = self.machine(scene, forge)
        with machine.made(first, is_rollback=True) as made:
            assert "checks" not in names(recipe.deploy(made))
        machine.deploy()
        assert set(forge.asked) == {second.commit}

    def test_without_a_forge_there_is_nothing_to_wait_for(self, scene: Scene) -> None:
        scene.commit("1.0.0")
        machine = scene.machine()
        vars(machine.outside.release)["forge"] = None
        with pytest.raises(UsageError, match="there is no forge") as caught:
            machine.deploy()
        assert caught.value.where == "environments.staging.wait-for-checks"
