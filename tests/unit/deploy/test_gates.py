"""Gates of an environment: on the commit, before anything is migrated or started."""

from pathlib import Path

import pytest

from shipit.deploy import recipe
from shipit.deploy.steps.gate import Gate
from shipit.deploy.steps.notebook import Notebook
from shipit.engine.plan import Say, State
from shipit.errors import Refused
from shipit.gates.report import GateReport, Verdict
from tests.unit.deploy.scene import SETTINGS, Scene, names

GATED = (
    SETTINGS
    + """gates = ["lint", "tests"]

[tool.shipit.gates]
lint.run = "lint"
tests.run = "tests"
"""
)


class FakeGates:
    """Plays release.ports.Gates: `verdicts` of those that are not clean; `ran` what was run."""

    def __init__(self, **verdicts: Verdict) -> None:
        self.verdicts = verdicts
        self.ran: list[str] = []

    def run(self, name: str, say: Say) -> GateReport:
        self.ran.append(name)
        verdict = self.verdicts.get(name, Verdict.CLEAN)
        return GateReport(gate=name, tree="", command=(name, "-q"), verdict=verdict, detail="2 lines")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path, GATED)
    made.commit("1.0.0")
    return made


def test_they_run_under_the_lock_and_before_anything_is_touched(scene: Scene) -> None:
    machine, gates = scene.machine(), FakeGates()
    vars(machine.outside)["gates"] = lambda revision: gates
    machine.deploy()
    assert gates.ran == ["lint", "tests"]
    assert machine.ran[:4] == ["lock", "gate-lint", "gate-tests", "start-frontend"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.FINDINGS, "the gate tests failed"),
        (Verdict.INCONCLUSIVE, "the gate tests is inconclusive"),
        (Verdict.NOT_RUN, "the gate tests did not run"),
    ],
)
def test_one_that_does_not_pass_refuses_and_nothing_is_started(scene: Scene, verdict: Verdict, said: str) -> None:
    machine, before = scene.machine(), scene.world
    vars(machine.outside)["gates"] = lambda revision: FakeGates(tests=verdict)
    with pytest.raises(Refused, match=said) as caught:
        machine.deploy()
    assert caught.value.where == "tests -q"
    assert scene.world == before


def test_who_goes_back_does_not_wait_for_them(scene: Scene) -> None:
    machine, gates = scene.machine(), FakeGates()
    vars(machine.outside)["gates"] = lambda revision: gates
    machine.deploy()
    scene.commit("1.1.0")
    machine.deploy()
    gates.ran.clear()
    machine.roll_back()
    assert (gates.ran, machine.history[0]) == ([], "1.0.0 complete")


def test_what_a_run_has_passed_is_done_for_that_run_alone() -> None:
    gate = Gate(gates=FakeGates(), gate="lint", notebook=Notebook())
    assert gate.look().state is State.ABSENT
    gate.run(lambda _: None)
    assert (gate.look().state, gate.look().evidence) == (State.DONE, "2 lines")
    assert gate.summary == "Pass the gate lint"


def test_without_gates_there_are_none(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    revision = scene.commit("1.0.0")
    with scene.machine().made(revision) as made:
        assert not [name for name in names(recipe.deploy(made)) if name.startswith("gate-")]
