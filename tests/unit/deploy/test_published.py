"""Where an environment publishes: after the new version was seen to work, and never back."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from shipit.deploy.lock import make_lock
from shipit.engine.plan import State, Step
from shipit.errors import Denied, LostRace, RolledBack, StoppedHalfway
from shipit.model import Actor
from tests.fakes import ADA
from tests.unit.deploy.scene import DEAD, LOCK, SETTINGS, Killed, Machine, Scene
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
    assert ours.ran[-5:] == ["smoke", "begin-publishing", "draft", "upload", "record"]


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


def killed() -> None:
    raise Killed


def killed_at_upload(scene: Scene, draft: Pretend) -> None:
    """1.1.0 is live, its draft is there, and the process ended before the upload."""
    machine(scene, Pretend("draft")).deploy()
    scene.tag("v1.1.0", scene.commit("1.1.0").commit)
    dead = machine(scene, draft, Pretend("upload", fails=Killed()))
    dead.actor = Actor("ada", dead.actor.host, DEAD)
    with pytest.raises(Killed):
        dead.deploy()


def test_who_goes_on_after_something_was_published_takes_nothing_back(scene: Scene) -> None:
    draft = Pretend("draft")
    killed_at_upload(scene, draft)
    live = scene.live
    assert scene.smoke
    scene.smoke.sick = {"1.1.0"}
    ours = machine(scene, draft, Pretend("upload"))
    with pytest.raises(StoppedHalfway, match="does not answer as it should") as caught:
        ours.deploy(resume=True)
    assert scene.live == live
    assert ours.history == ["1.0.0 complete"]
    assert f"frontend: {live[0]} is live" in caught.value.evidence
    assert "published: draft; not yet: upload" in caught.value.evidence
    assert (caught.value.hint or "").endswith(
        "shipit deploy --env staging --resume goes on; shipit deploy rollback --env staging goes back, "
        "and what is published stays"
    )
    scene.smoke.sick = set()
    machine(scene, draft, Pretend("upload")).deploy(resume=True)
    assert ours.history == ["1.1.0 complete", "1.0.0 complete"]


def test_who_goes_on_after_a_part_of_an_upload_takes_nothing_back(scene: Scene) -> None:
    """One of its files is public, and its look cannot say so: absent is what is not there whole."""
    killed_at_upload(scene, Pretend("draft", State.DONE))
    live = scene.live
    assert scene.smoke
    scene.smoke.sick = {"1.1.0"}
    with pytest.raises(StoppedHalfway):
        machine(scene, Pretend("draft", State.DONE), Pretend("upload")).deploy(resume=True)
    assert scene.live == live


def test_an_upload_that_fails_in_its_midst_takes_nothing_back(scene: Scene) -> None:
    ours = machine(scene, Pretend("upload", fails=Denied("the index is full")))
    with pytest.raises(StoppedHalfway, match="the index is full"):
        ours.deploy()
    assert scene.live[0] is not None


def test_what_was_published_before_is_no_reason_to_stay(scene: Scene) -> None:
    """`shipit release` had published it; this deployment was killed before its smoke check, which fails now."""
    machine(scene, Pretend("draft", State.DONE)).deploy()
    live = scene.live
    scene.tag("v1.1.0", scene.commit("1.1.0").commit)
    dead = machine(scene, Pretend("draft", State.DONE))
    dead.actor = Actor("ada", dead.actor.host, DEAD)
    scene.backend.before = lambda call: killed() if call == "switch-backend" else None
    with pytest.raises(Killed):
        dead.deploy()
    scene.backend.before = None
    assert scene.smoke
    scene.smoke.sick = {"1.1.0"}
    with pytest.raises(RolledBack):
        machine(scene, Pretend("draft", State.DONE)).deploy(resume=True)
    assert scene.live == live


def test_where_all_is_published_the_lock_need_not_say_so(scene: Scene) -> None:
    ours = machine(scene, Pretend("draft", State.DONE))
    ours.deploy()
    assert "begin-publishing" not in ours.ran


def test_who_was_overtaken_publishes_nothing(scene: Scene) -> None:
    other = machine(scene, Pretend("draft"))
    draft = Pretend("draft")

    def overtaken(name: str) -> None:
        if name == "switch-backend":
            held = other.held
            assert held
            record = replace(held.record, token="another")
            scene.server.refs[LOCK] = make_lock(scene.server.objects, held.decision, record, ADA)

    scene.backend.before = overtaken
    ours = machine(scene, draft)
    with pytest.raises(LostRace):
        ours.deploy()
    assert draft.log == []
