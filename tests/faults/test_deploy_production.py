"""A production deployment that is killed before or after any effect ends where an uninterrupted one does.

Its clone is deleted, and it is finished from another one. It has a folder, a service with a process of its own, and
publishes what a release has left undone: see deploys/product.py and sampling.py.
"""

from collections.abc import Iterator

import pytest

from tests.faults.deploys.matrix import differences
from tests.faults.deploys.product import DEPLOY, FORMER, NEXT
from tests.faults.deploys.production import RESUME, Production, production
from tests.faults.killer import Moment
from tests.faults.sampling import sampled

MADE = ("lock", "start-site", "start-api", "check-api", "switch-site", "switch-api", "smoke")
PUBLISHED = ("draft", "assets", "upload", "publish")
PARTS = {
    "start-site": "start",
    "start-api": "start",
    "check-api": "smoke",
    "switch-site": "switch",
    "switch-api": "switch",
    "draft": "forge",
    "assets": "forge",
    "afterwards": "free",
}
"""Steps of which CI takes one for all: each case costs a virtual environment, or two."""
FORWARD = (*MADE, "begin-publishing", *PUBLISHED, "record", "free", "afterwards")
BACK = (
    "undo-switch-api",
    "undo-switch-site",
    "undo-start-api",
    "undo-start-site",
    "undo-lock",
    "undo-former",
    "free",
)
MOMENTS = ("before", "after")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    with production(tmp_path_factory.mktemp("production")) as made:
        yield made


def cases(*names: str) -> list[tuple[str, ...]]:
    return [(name, moment) for name in names for moment in MOMENTS]


def test_every_step_of_the_plan_has_an_effect(world: Production) -> None:
    good = world.ending("good")
    good.ran.ended(0)
    ran = [effect.split("/")[0] for effect in good.effects if effect.endswith("/run/1")]
    assert ran == [*FORWARD[:-1]]
    assert good.end["served"] == [NEXT, NEXT]
    assert [release["tag"] for release in good.end["forge"]["releases"] if not release["draft"]] == [
        "v1.1.0",
        "v1.2.0",
    ]
    assert {name for name in good.end["index"] if NEXT in name} > {
        name for name in good.start["index"] if NEXT in name
    }


def test_one_that_fails_leaves_everything_as_it_was(world: Production) -> None:
    bad = world.ending("bad")
    bad.ran.ended(7)
    assert {**bad.end, "entries": []} == {**bad.start, "entries": []}
    assert [entry["outcome"] for entry in bad.end["entries"]] == ["rolled back", "complete"]


@sampled(("step", "moment"), cases(*FORWARD), kind=lambda case: PARTS.get(case[0], case[0]))
def test_killed_at_an_effect_it_is_finished_from_another_clone(
    world: Production, step: str, moment: Moment
) -> None:
    found = world.killed("good", step, moment)
    assert not found, "\n".join(found)


@sampled(("step", "moment"), cases(*BACK), kind=lambda case: case[1])
def test_killed_on_the_way_back_it_goes_back_from_another_clone(
    world: Production, step: str, moment: Moment
) -> None:
    found = world.killed("bad", step, moment)
    assert not found, "\n".join(found)


@sampled(("step", "moment"), [("begin-publishing", "after"), *cases(*PUBLISHED)], kind=lambda _: "")
def test_who_goes_on_after_publishing_began_takes_nothing_back(
    world: Production, step: str, moment: Moment
) -> None:
    """The new version has become sick in between: what is public stays, and so does what serves it."""
    world.strike("good", f"{step}/run/1", moment)
    world.product.sicken(NEXT)
    elsewhere = world.elsewhere()
    said = world.run(*RESUME, where=elsewhere).ended(5).said
    assert "smoke: a critical path failed" in said
    assert f"api: {world.product.reference} is live" in said
    assert "shipit deploy --env production --resume goes on" in said
    assert "not yet: " in said or "published: draft, assets, upload, publish" in said
    assert world.product.served() == [NEXT, NEXT]
    assert world.product.history() == [f"{FORMER} complete"]
    world.product.sicken()
    world.run(*RESUME, where=elsewhere).ended(0)
    assert differences(world.product.standing(), world.ending("good").end) == []


def test_the_release_that_was_left_is_finished_after_the_deployment(world: Production) -> None:
    world.product.begin(world.pristine)
    world.run(*DEPLOY).ended(0)
    published = world.product.place.outside()
    world.run("release", "--resume", where=world.elsewhere()).ended(0)
    closed = world.product.place.outside()
    assert (closed["forge"]["releases"], closed["index"]) == (published["forge"]["releases"], published["index"])
    assert not any("/lock/" in name or "/kept/" in name for name in closed["refs"])
