"""Where an environment publishes: after the new version was seen to work, and never back."""

from pathlib import Path

import pytest

from shipit.engine.plan import State, Step
from shipit.errors import Denied, StoppedHalfway
from tests.unit.deploy.scene import SETTINGS, Machine, Scene
from tests.unit.engine.pretend import Pretend

PUBLISHING = SETTINGS.replace('from = "develop"', 'from = "tags"\npublish = true')


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path, PUBLISHING)
    made.tag("v1.0.0", made.commit("1.0.0").commit)
    return made


def machine(scene: Scene, *steps: Step) -> Machine:
    made = scene.machine()
    vars(made.outside)["published"] = lambda tag: steps
    return made


def test_it_comes_after_the_smoke_checks_and_before_the_ledger(scene: Scene) -> None:
    ours = machine(scene, Pretend("draft"), Pretend("upload"))
    ours.deploy()
    assert ours.ran[-4:] == ["smoke", "draft", "upload", "record"]


def test_what_the_release_has_published_is_done(scene: Scene) -> None:
    ours = machine(scene, Pretend("draft", State.DONE), Pretend("upload", State.DONE))
    ours.deploy()
    assert ours.ran[-2:] == ["smoke", "record"]
    assert ours.history == ["1.0.0 complete"]


def test_from_the_first_of_it_on_there_is_only_forward(scene: Scene) -> None:
    upload = Pretend("upload", fails=Denied("the index is read-only"))
    ours = machine(scene, Pretend("draft"), upload)
    with pytest.raises(StoppedHalfway, match="the index is read-only"):
        ours.deploy()
    assert scene.live[0] is not None  # nothing went back
    upload.fails = None  # and nobody need wait for the first run to expire, though its process is alive
    machine(scene, Pretend("draft", State.DONE), upload).deploy(resume=True)
    assert ours.history == ["1.0.0 complete"]


def test_who_goes_back_publishes_nothing(scene: Scene) -> None:
    ours = machine(scene, Pretend("draft", State.DONE))
    ours.deploy()
    scene.tag("v1.1.0", scene.commit("1.1.0").commit)
    ours.deploy()
    ours = machine(scene, Pretend("draft"))
    ours.roll_back()
    assert "draft" not in ours.ran
