"""Killed before or after any effect, a deployment of an image elsewhere ends where an uninterrupted one does.

The same digests lie under the same tags, and the platform is asked once more at most. The effects are an order to
the platform, the version tag of a promotion and the tag of the environment: see deploys/elsewhere.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.deploys.elsewhere import DEPLOY, KEY, LOCK, RESUME, Cloud, Saved, cloud
from tests.faults.deploys.matrix import differences
from tests.faults.killer import Blow, Moment
from tests.faults.sampling import sampled, some
from tests.support.acme import refs

FORWARD = ("lock", "promote-web", "switch-web", "smoke", "tag-web", "record", "free")
ORDERS = {"webhook": "POST", "command": "command"}
"""How each kind of target goes out."""
OUTWARD = ("promote-web", "switch-web", "tag-web")
MOMENTS = ("before", "after")


@dataclass
class World:
    """1.0.0 is live, and 1.1.0 waits; how its deployment ends that nobody interrupts, well and badly."""

    cloud: Cloud
    pristine: Saved
    start: Mapping[str, Any]
    effects: list[str]
    end: Mapping[str, Any]
    bad_effects: list[str]
    bad_end: Mapping[str, Any]

    def outward(self, step: str) -> str:
        """The effect by which this step asks another server for something."""
        return f"{step}/{ORDERS[self.cloud.way] if step == 'switch-web' else 'PUT'}/1"

    def begin(self, *sick: str) -> None:
        self.cloud.restore(self.pristine)
        self.cloud.platform.sick.update(sick)

    def strike(self, effect: str, moment: Moment, *sick: str) -> None:
        self.begin(*sick)
        ran = self.cloud.run(*DEPLOY, blow=Blow(effect, moment))
        assert ran.code == -9, f"{effect} was not reached {moment}: {ran.said}"

    def resumed(self, code: int, wanted: Mapping[str, Any]) -> list[str]:
        """Go on in another clone, and compare."""
        elsewhere = self.cloud.fresh_clone()
        is_open = LOCK in refs(self.cloud.remote)
        is_over = not is_open and len(self.cloud.entries) == len(wanted["entries"])
        words = RESUME if is_open or is_over else DEPLOY
        ran = self.cloud.run(*words, where=elsewhere)
        found = [] if ran.code == (0 if is_over else code) else [f"{words[-1]} ended with {ran.code}: {ran.said}"]
        found += differences(self.cloud.standing(), wanted)
        found += [f"the hook's key is shown: {ran.said}"] if KEY in ran.said else []
        return found


@pytest.fixture(scope="module", params=[*ORDERS])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with cloud(tmp_path_factory.mktemp("cloud"), request.param) as made:
        pristine, start = made.save("pristine"), made.standing()
        made.run(*DEPLOY).ended(0)
        effects, end = made.striker.effects, made.standing()
        found = World(made, pristine, start, effects, end, [], {})
        found.begin("1.1.0")
        made.run(*DEPLOY).ended(7)
        found.bad_effects, found.bad_end = made.striker.effects, made.standing()
        yield found


def cases(*names: str) -> list[tuple[str, ...]]:
    return [(name, moment) for name in names for moment in MOMENTS]


def test_every_step_of_the_plan_has_its_effect(world: World) -> None:
    ran = [effect.split("/")[0] for effect in world.effects if effect.endswith("/run/1")]
    assert ran == [*FORWARD]
    assert [world.outward(step) for step in OUTWARD] == [
        effect for effect in world.effects if effect.split("/")[1] in {"PUT", "POST", "command"}
    ]
    tags = world.end["tags"]
    assert tags["v1.1.0"] == tags["production-latest"] == tags["staging-latest"]
    assert world.end["live"]["image"].endswith(f"@{tags['v1.1.0']}")
    assert world.end["entries"][0]["images"] == {"web": world.end["live"]["image"]}


def test_one_that_fails_leaves_the_version_tag_and_nothing_else(world: World) -> None:
    stays = {name: digest for name, digest in world.bad_end["tags"].items() if name != "v1.1.0"}
    assert {**world.bad_end, "tags": stays, "entries": []} == {**world.start, "entries": []}
    assert [entry["outcome"] for entry in world.bad_end["entries"]] == ["rolled back", "complete"]


@sampled(("step", "moment"), cases(*FORWARD), kind=lambda case: case[0])
def test_killed_at_an_effect_it_is_finished_from_another_clone(world: World, step: str, moment: Moment) -> None:
    for effect in some([one for one in world.effects if one.startswith(f"{step}/")], step, moment):
        world.strike(effect, moment)
        found = world.resumed(0, world.end)
        assert not found, "\n".join([f"{moment} {effect}:", *found])
        assert world.cloud.orders in (["1.1.0"], ["1.1.0", "1.1.0"])


@sampled(("step", "moment"), cases(*OUTWARD), kind=lambda case: case[0])
def test_killed_at_a_request_it_is_sent_once_more_at_most(world: World, step: str, moment: Moment) -> None:
    world.strike(world.outward(step), moment)
    assert world.resumed(0, world.end) == []
    assert world.cloud.orders == ["1.1.0"]  # after the order it answers, and is not ordered again


@sampled(("step", "moment"), cases("undo-switch-web", "undo-lock", "free"), kind=lambda case: case[0])
def test_killed_on_the_way_back_it_goes_back_from_another_clone(world: World, step: str, moment: Moment) -> None:
    known = [one for one in world.bad_effects if one.startswith(f"{step}/")]
    assert known, world.bad_effects
    for effect in some(known, step, moment):
        world.strike(effect, moment, "1.1.0")
        found = world.resumed(7, world.bad_end)
        assert not found, "\n".join([f"{moment} {effect}:", *found])
        assert world.cloud.orders[-1] == "1.0.0"


def test_who_goes_on_behind_the_tag_and_fails_puts_it_back(world: World) -> None:
    world.strike("tag-web/PUT/1", "after")
    assert world.cloud.tags["production-latest"] == world.end["tags"]["production-latest"]
    world.cloud.platform.sick.add("1.1.0")
    assert world.resumed(7, world.bad_end) == []
    assert world.cloud.tags["production-latest"] == world.start["tags"]["production-latest"]


def test_killed_once_it_is_ordered_it_is_given_up_by_a_rollback(world: World) -> None:
    world.strike(world.outward("switch-web"), "after")
    world.cloud.run("deploy", "rollback", "--env", "production", "--yes", where=world.cloud.fresh_clone()).ended(0)
    assert world.cloud.orders == ["1.1.0", "1.0.0"]
    assert world.cloud.standing()["live"] == world.start["live"]
    assert LOCK not in refs(world.cloud.remote)


def test_the_address_of_the_hook_stands_nowhere(world: World) -> None:
    world.begin()
    said = world.cloud.run(*DEPLOY).ended(0).said
    texts = [path.read_bytes() for path in world.cloud.folder.rglob("*") if path.is_file()]
    assert KEY not in said
    assert not any(KEY.encode() in text for text in texts)
    verified = world.cloud.run("verify", "images", "--env", "production").ended(0)
    assert "the images of production are what was deployed" in verified.said
    world.cloud.registry.repositories["acme/web"].tags["production-latest"] = "sha256:" + "0" * 64
    assert "production-latest is " in world.cloud.run("verify", "images", "--env", "production").ended(6).said
