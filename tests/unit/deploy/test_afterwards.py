"""What is left to do once a deployment is recorded, and who does it where that run was killed."""

from pathlib import Path

import pytest

from tests.unit.deploy.scene import DEAD, Killed, Scene


@pytest.fixture
def killed(tmp_path: Path) -> Scene:
    """1.1.0 is live and recorded; the run was killed before it ended what it had replaced."""
    scene = Scene(tmp_path)
    scene.commit("1.0.0")
    scene.machine().deploy()
    scene.commit("1.1.0")

    def kill(call: str) -> None:
        if call == "prune-frontend":
            raise Killed

    scene.frontend.before = kill
    with pytest.raises(Killed):
        scene.machine(DEAD).deploy()
    scene.frontend.before = None
    return scene


def resting(scene: Scene) -> list[str]:
    return sorted(reference.partition("-")[0] for reference in scene.backend.resting)


def test_what_is_no_longer_live_ends_with_the_resume(killed: Scene) -> None:
    assert resting(killed) == []
    ours = killed.machine()
    assert ours.deploy(resume=True) == {"deployed": "false"}
    assert resting(killed) == ["1.0.0"]
    assert ours.history == ["1.1.0 complete", "1.0.0 complete"]


def test_a_dry_run_ends_nothing(killed: Scene) -> None:
    killed.machine().deploy(resume=True, dry_run=True)
    assert resting(killed) == []


def test_a_target_that_has_something_else_live_is_left_alone(killed: Scene) -> None:
    killed.backend.live = next(reference for reference in killed.backend.kept if reference.startswith("1.0.0"))
    killed.machine().deploy(resume=True)
    assert resting(killed) == []


def test_what_a_later_run_has_started_goes_on(killed: Scene) -> None:
    """It began after the resume had looked, and its number is higher."""
    killed.backend.highest += 10
    ours = killed.machine()
    ours.deploy(resume=True)
    assert resting(killed) == []
    assert ours.history == ["1.1.0 complete", "1.0.0 complete"]


def test_one_that_went_back_ended_what_it_had_started(killed: Scene) -> None:
    killed.commit("1.2.0")
    assert killed.smoke
    killed.smoke.sick = {"1.2.0"}
    with pytest.raises(Exception, match="does not answer"):
        killed.machine().deploy()
    before = killed.world
    killed.machine().deploy(resume=True)
    assert killed.world == before
