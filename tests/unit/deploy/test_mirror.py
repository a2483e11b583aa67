"""A forge lists deployments as the ledger has them, and whatever it does to that changes no deployment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from shipit.deploy.mirror import BUDGET, LONGEST, MOST, Mirror
from shipit.deploy.model import Decision
from shipit.errors import (
    Denied,
    Interrupted,
    LostRace,
    RolledBack,
    Signalled,
    StoppedHalfway,
    Unavailable,
    UsageError,
)
from shipit.model import DeploymentStatus, NewDeployment, Revision
from tests.fakes_board import FakeBoard
from tests.unit.deploy.scene import DEAD, SETTINGS, Killed, Machine, Scene
from tests.unit.deploy.test_command import answers_nobody

PAGE = "https://ci.example/acme/runs/7"


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard()


@pytest.fixture
def on(board: FakeBoard, scene: Scene) -> Callable[..., Machine]:
    """Makes a machine whose forge is this one."""

    def make(process: int = 0) -> Machine:
        made = scene.machine(process)
        vars(made.outside)["board"] = board
        return made

    return make


Make = Callable[..., Machine]


class TestADeployment:
    def test_is_listed_while_it_is_under_way_and_then_a_success(self, board: FakeBoard, on: Make) -> None:
        machine = on()
        machine.actor = replace(machine.actor, url=PAGE)
        facts = machine.deploy()
        revision = Revision("1.0.0", facts["commit"])
        assert board.listed == [
            NewDeployment(
                run=machine.entries[0].decision.run,
                environment="staging",
                revision=revision,
                task="deploy",
                description=str(revision),
                is_production=False,
            )
        ]
        assert board.reports[1] == [
            DeploymentStatus(
                state="in_progress",
                description=f"{revision} is under way",
                log_url=PAGE,
            ),
            DeploymentStatus(state="success", description="complete", log_url=PAGE),
        ]
        assert not any("forge" in line for line in machine.recorder.said)

    def test_takes_the_place_of_the_one_before(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        on().deploy()
        scene.commit("1.1.0")
        on().deploy()
        assert board.now == [("1.0.0", "inactive"), ("1.1.0", "success")]

    def test_is_listed_only_once_the_lock_is_held(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        machine = on()
        seen: list[object] = []
        scene.server.before_push = lambda: seen.append([*board.listed])
        machine.deploy()
        assert seen == [[]]
        assert board.now == [("1.0.0", "success")]

    @pytest.mark.parametrize("dry", [True, False])
    def test_that_touches_nothing_is_not_listed(self, board: FakeBoard, on: Make, dry: bool) -> None:
        if not dry:
            on().deploy()
        board.reports.clear()
        on().deploy(dry_run=dry)
        assert len(board.listed) == (0 if dry else 1)
        assert board.reports == {}

    def test_that_goes_back_is_called_a_rollback(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        on().deploy()
        scene.commit("1.1.0")
        on().deploy()
        on().roll_back()
        assert [one.task for one in board.listed] == ["deploy", "deploy", "rollback"]
        assert board.now == [
            ("1.0.0", "inactive"),
            ("1.1.0", "inactive"),
            ("1.0.0", "success"),
        ]

    def test_of_tags_with_a_public_address_says_so(self, tmp_path: Path, board: FakeBoard) -> None:
        checked = 'smoke.checks = [{ get = "https://acme.example/healthz?x=1" }]\n'
        scene = Scene(tmp_path, SETTINGS.replace('"develop"', '"tags"', 1) + checked)
        scene.tag("v1.0.0", scene.commit("1.0.0", "main").commit)
        scene.commit("1.0.0")
        machine = scene.machine()
        vars(machine.outside)["board"] = board
        machine.deploy()
        assert board.listed[0].is_production
        assert board.reports[1][-1].environment_url == "https://acme.example"


class TestAFailure:
    def test_that_was_rolled_back_is_a_failure_and_what_stood_stays(
        self, scene: Scene, board: FakeBoard, on: Make
    ) -> None:
        on().deploy()
        scene.commit("1.1.0")
        scene.backend.fails["switch"] = Denied("it cannot be written " * 20)
        with pytest.raises(RolledBack):
            on().deploy()
        assert board.now == [("1.0.0", "success"), ("1.1.0", "failure")]
        said = board.reports[2][-1].description
        assert said.startswith("rolled back: switch-backend: it cannot be written")
        assert len(said) == LONGEST

    def test_that_is_an_interruption_is_an_error(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        interrupts(scene, Signalled("SIGTERM"))
        with pytest.raises(Interrupted):
            on().deploy()
        assert board.now == [("1.0.0", "error")]

    def test_half_way_is_an_error_until_a_resume_has_made_it_a_success(
        self, scene: Scene, board: FakeBoard, on: Make
    ) -> None:
        on().deploy()
        scene.commit("1.1.0")
        assert scene.smoke
        answers_nobody(scene.smoke)
        with pytest.raises(StoppedHalfway):
            on(DEAD).deploy()
        assert board.now == [("1.0.0", "success"), ("1.1.0", "error")]
        del scene.smoke.check, scene.smoke.confirm
        on().deploy(resume=True)
        assert board.states(2) == ["in_progress", "error", "in_progress", "success"]
        assert board.now == [("1.0.0", "inactive"), ("1.1.0", "success")]

    def test_of_who_meets_a_lock_is_not_listed(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        interrupts(scene, Killed())
        with pytest.raises(Killed):
            on().deploy()
        with pytest.raises(LostRace):
            on().deploy()
        assert board.now == [("1.0.0", "in_progress")]

    def test_of_who_was_overtaken_is_left_to_who_took_over(self, board: FakeBoard, machine: Machine) -> None:
        mirror = mirror_of(machine, board)
        mirror.begin(decision())
        mirror.end(LostRace("the lock of staging is no longer ours"))
        assert board.states(1) == ["in_progress"]

    def test_of_usage_after_the_lock_is_said_too(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        interrupts(scene, UsageError("the secret env:X is missing"))
        with pytest.raises(RolledBack):
            on().deploy()
        assert board.now == [("1.0.0", "failure")]


class TestARunThatWasKilled:
    def test_is_ended_by_the_one_that_takes_over(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        on().deploy()
        scene.commit("1.1.0")
        interrupts(scene, Killed())
        with pytest.raises(Killed):
            on(DEAD).deploy()
        on().roll_back()
        assert board.now == [
            ("1.0.0", "inactive"),
            ("1.1.0", "error"),
            ("1.0.0", "success"),
        ]
        assert board.reports[2][-1].description == "its run ended without a word, and another one went on"

    def test_is_gone_on_with_under_the_same_number(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        interrupts(scene, Killed())
        with pytest.raises(Killed):
            on(DEAD).deploy()
        on().deploy(resume=True)
        assert board.states(1) == ["in_progress", "in_progress", "success"]
        assert len(board.listed) == 1

    @pytest.mark.parametrize("resume", [True, False])
    def test_after_its_last_step_is_a_success_by_the_ledger(
        self, scene: Scene, board: FakeBoard, on: Make, resume: bool
    ) -> None:
        on().deploy()
        scene.commit("1.1.0")
        board.trouble["report_deployment success"] = Killed()
        with pytest.raises(Killed):
            on(DEAD).deploy()
        board.trouble.clear()
        assert board.now == [("1.0.0", "success"), ("1.1.0", "in_progress")]
        if resume:
            on().deploy(resume=True)
            assert board.now == [("1.0.0", "inactive"), ("1.1.0", "success")]
        else:
            scene.commit("1.2.0")
            on().deploy()
            assert board.now == [
                ("1.0.0", "inactive"),
                ("1.1.0", "inactive"),
                ("1.2.0", "success"),
            ]
            assert board.states(2) == ["in_progress", "success", "inactive"]

    def test_and_was_rolled_back_is_a_failure_by_the_ledger(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        scene.backend.fails["switch"] = Denied("it cannot be written")
        board.trouble["report_deployment failure"] = Unavailable("no answer")
        with pytest.raises(RolledBack):
            on().deploy()
        board.trouble.clear()
        scene.backend.fails.clear()
        on().deploy()
        assert board.now == [("1.0.0", "failure"), ("1.0.0", "success")]


def test_who_finds_nothing_to_go_on_with_leaves_alone_what_somebody_begins_meanwhile(
    board: FakeBoard, on: Make
) -> None:
    machine = on()
    machine.deploy()
    mirror_of(machine, board).begin(decision("of somebody"))
    machine.deploy(resume=True)
    assert board.now == [("1.0.0", "success"), ("1.0.0", "in_progress")]


class TestTroubleWithTheForge:
    @pytest.mark.parametrize(
        "error",
        [Unavailable("no answer"), KeyError("id"), Denied("no", hint="ask for it")],
    )
    @pytest.mark.parametrize(
        "call",
        [
            "deployments",
            "list_deployment",
            "report_deployment in_progress",
            "report_deployment success",
        ],
    )
    def test_changes_no_deployment_and_is_one_line(
        self, board: FakeBoard, on: Make, call: str, error: Exception
    ) -> None:
        board.trouble[call] = error
        machine = on()
        assert machine.deploy()["deployed"] == "true"
        lines = [line for line in machine.recorder.said if "forge's list of deployments" in line]
        assert len(lines) == 1
        assert ("(ask for it)" in lines[0]) == isinstance(error, Denied)

    def test_while_replacing_is_made_good_by_the_next_one(self, scene: Scene, board: FakeBoard, on: Make) -> None:
        on().deploy()
        scene.commit("1.1.0")
        board.trouble["report_deployment inactive"] = Unavailable("no answer")
        on().deploy()
        board.trouble.clear()
        scene.commit("1.2.0")
        on().deploy()
        assert board.now == [
            ("1.0.0", "inactive"),
            ("1.1.0", "inactive"),
            ("1.2.0", "success"),
        ]

    def test_a_signal_meanwhile_takes_the_deployment_back(self, board: FakeBoard, on: Make) -> None:
        board.trouble["deployments"] = Signalled("SIGTERM")
        machine = on()
        with pytest.raises(Interrupted):
            machine.deploy()
        assert machine.history == ["1.0.0 rolled back"]

    def test_a_signal_at_the_end_ends_the_waiting(self, board: FakeBoard, on: Make) -> None:
        board.trouble["report_deployment success"] = Signalled("SIGTERM")
        machine = on()
        assert machine.deploy()["deployed"] == "true"
        assert machine.recorder.said[-1].endswith("lacks something of this one: interrupted by SIGTERM")

    def test_that_is_slow_is_not_waited_for(self, board: FakeBoard, machine: Machine) -> None:
        times = iter([0.0, BUDGET + 1])
        mirror = Mirror(
            lambda: board,
            machine.job().ledger,
            "",
            "",
            is_production=False,
            clock=lambda: next(times),
        )
        mirror.begin(decision())
        assert mirror.lost == f"it takes longer than {BUDGET:.0f} s"
        assert board.reports == {}

    def test_a_job_without_a_token_is_one_line_too(self, scene: Scene, on: Make) -> None:
        def without() -> FakeBoard:
            raise UsageError("the secret env:GITHUB_TOKEN is missing", hint="export it")

        machine = scene.machine()
        mirror = Mirror(without, machine.job().ledger, "", "", is_production=False)
        mirror.begin(decision())
        assert mirror.lost == "the secret env:GITHUB_TOKEN is missing (export it)"

    def test_without_a_list_nothing_is_written(self, machine: Machine) -> None:
        mirror = Mirror(lambda: None, machine.job().ledger, "", "", is_production=False)
        mirror.begin(decision())
        mirror.end(None)
        assert mirror.lost == ""


def test_only_the_newest_are_looked_at(board: FakeBoard, machine: Machine) -> None:
    for number in range(MOST + 5):
        mirror_of(machine, board).begin(decision(f"run {number}"))
    assert [board.state(number) for number in (1, 2)] == ["error", "error"]
    assert board.state(MOST + 5) == "in_progress"


@pytest.mark.parametrize("address", ["", "ftp://acme.example/x", "acme.example", "https://["])
def test_an_address_that_is_none_of_the_web_is_left_out(board: FakeBoard, machine: Machine, address: str) -> None:
    mirror = Mirror(lambda: board, machine.job().ledger, address, address, is_production=False)
    mirror.begin(decision())
    assert (board.reports[1][0].log_url, board.reports[1][0].environment_url) == (
        "",
        "",
    )


def decision(run: str = "run") -> Decision:
    return Decision(
        run=run,
        environment="staging",
        revision=Revision("1.0.0", "1" * 40),
        replaces={},
        began=1,
    )


def mirror_of(machine: Machine, board: FakeBoard) -> Mirror:
    return Mirror(lambda: board, machine.job().ledger, PAGE, "", is_production=False)


def interrupts(scene: Scene, error: BaseException) -> None:
    """The traffic of the backend does not move: this happens then, once."""

    def happen(happening: str) -> None:
        if happening == "switch-backend":
            scene.backend.before = None
            raise error

    scene.backend.before = happen
