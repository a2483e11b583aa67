"""Gates of an environment: on the commit, before anything is migrated or started."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shipit.deploy import recipe
from shipit.deploy.images import DeployedImage
from shipit.deploy.outside import gates as gates_module
from shipit.deploy.outside.gates import DeployGates, deploy_gates
from shipit.deploy.steps.gate import Gate
from shipit.deploy.steps.notebook import Notebook
from shipit.engine.plan import Say, State
from shipit.errors import Refused
from shipit.gates.report import GateReport, Verdict
from shipit.images.commit import CommitImage
from shipit.images.model import REVISION, Image, Names
from shipit.model import Revision
from tests.fakes_images import FakeRegistry
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

    def argv(self, name: str) -> tuple[str, ...]:
        return (name, "-q")

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
    vars(machine.outside)["gates"] = lambda revision, images: gates
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
    vars(machine.outside)["gates"] = lambda revision, images: FakeGates(tests=verdict)
    with pytest.raises(Refused, match=said) as caught:
        machine.deploy()
    assert caught.value.where == "tests -q"
    assert scene.world == before


def test_a_dry_run_shows_the_command_of_each_and_runs_none(tmp_path: Path) -> None:
    scene = Scene(tmp_path, GATED.replace('"tests"]', '"security", "tests"]'))
    scene.commit("1.0.0")
    machine, commands, asked = scene.machine(), FakeGates(), list[str]()

    def scans() -> Any:
        asked.append("scans")
        return FakeGates()

    vars(machine.outside)["gates"] = lambda revision, images: DeployGates(cast("Any", commands), scans)
    machine.deploy(dry_run=True)
    (preview,) = machine.recorder.previews
    assert {one.name: one.argv for one in preview.looked if one.name.startswith("gate-")} == {
        "gate-lint": ("lint", "-q"),
        "gate-security": (),
        "gate-tests": ("tests", "-q"),
    }
    assert (commands.ran, asked) == ([], [])


def test_who_goes_back_does_not_wait_for_them(scene: Scene) -> None:
    machine, gates = scene.machine(), FakeGates()
    vars(machine.outside)["gates"] = lambda revision, images: gates
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


class TestSecurity:
    """The scans as a gate of an environment."""

    def test_is_asked_by_its_own_name_and_prepared_only_then(self) -> None:
        made: list[str] = []

        def scans() -> Any:
            made.append("scans")
            return FakeGates()

        commands = FakeGates()
        gates = DeployGates(cast("Any", commands), scans)
        gates.run("lint", lambda _: None)
        assert made == []
        assert gates.run("security", lambda _: None).gate == "security"
        assert (commands.ran, made) == (["lint"], ["scans"])

    @pytest.mark.parametrize("recorded", ["", "sha256:" + "a" * 64])
    def test_looks_at_the_images_that_are_deployed(self, monkeypatch: pytest.MonkeyPatch, recorded: str) -> None:
        registry, commit = FakeRegistry(), "1" * 40
        image = Image(key="web", host="r.test", repository="acme/web", file="Dockerfile")
        pushed = CommitImage(
            image=image, revision=Revision("1.0.0", commit), names=Names(own="v1.0.0"), registry=registry
        )
        if recorded:
            recorded = registry.has("acme/web", "develop", {REVISION: commit}, ("linux/amd64",))
        asked: list[Any] = []
        monkeypatch.setattr(gates_module, "security_scans", lambda *given: asked.append(given))
        monkeypatch.setattr(gates_module, "gate_runner", lambda *_, **__: FakeGates())
        outside = SimpleNamespace(
            clone=lambda _: "clone",
            seen=lambda _: {},
            release=SimpleNamespace(withheld=frozenset({"TOKEN"})),
            project=SimpleNamespace(config=SimpleNamespace(gates={})),
            options=SimpleNamespace(from_="tags"),
            images_outside=SimpleNamespace(logins=SimpleNamespace(for_docker=lambda host: f"the login of {host}")),
        )
        made = deploy_gates(
            cast("Any", outside), pushed.revision, [DeployedImage(pushed=pushed, recorded=recorded)]
        )
        made.scans()
        [(_, tree, withheld, images, login)] = asked
        assert (tree, withheld) == ("clone", {"TOKEN"})
        named = f"r.test/acme/web@{recorded}" if recorded else "r.test/acme/web:v1.0.0"
        assert images() == (("web", named),)
        assert login("r.test") == "the login of r.test"

    def test_a_refusal_names_the_command_that_shows_it(self) -> None:
        gates = FakeGates(security=Verdict.NOT_RUN)
        with pytest.raises(Refused, match="the gate security did not run"):
            Gate(gates=gates, gate="security", notebook=Notebook()).run(lambda _: None)
