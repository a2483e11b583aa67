"""Killed before or after any effect, a deployment ends where an uninterrupted one does, from another clone.

The clone of the killed run is deleted first. The steps are those of the plan; of the effects of a step one is
chosen by the seed, and all of them in a drill: see sampling.py in this folder.
"""

from collections.abc import Iterator

import pytest

from tests.faults.deploys.matrix import DEPLOY, IN_CI, LATER, RESUME, Deploys, Striker, differences, steps
from tests.faults.killer import Blow, Moment
from tests.faults.sampling import sampled
from tests.support.deploying import LOCK

FORWARD = [name for name in steps() if name != "former"]
"""The steps that have an effect: what is live is only looked at."""
BACK = [
    "undo-switch-api",
    "undo-switch-site",
    "undo-start-api",
    "undo-start-site",
    "undo-lock",
    "undo-former",
    "free",
]
MOMENTS = ("before", "after")


@pytest.fixture(scope="module")
def striker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Striker]:
    with Striker(tmp_path_factory.mktemp("striker")) as made:
        yield made


@pytest.fixture(scope="module")
def good(striker: Striker, tmp_path_factory: pytest.TempPathFactory) -> Deploys:
    return Deploys.make(tmp_path_factory.mktemp("good"), striker)


@pytest.fixture(scope="module")
def bad(striker: Striker, tmp_path_factory: pytest.TempPathFactory) -> Deploys:
    """A deployment whose smoke check fails, so that it is taken away again."""
    return Deploys.make(tmp_path_factory.mktemp("bad"), striker, sick=True)


def cases(names: list[str]) -> list[tuple[str, ...]]:
    return [(name, moment) for name in names for moment in MOMENTS]


def test_every_step_of_the_plan_has_an_effect(good: Deploys) -> None:
    assert good.recorded
    ran = [effect.split("/")[0] for effect in good.effects if effect.endswith("/run/1")]
    assert ran == [*FORWARD, "free"]
    assert steps() == ["former", *FORWARD]
    assert good.end["served"] == ["site 1.1.0", "api 1.1.0"]


def test_every_step_is_undone_in_reverse_order(bad: Deploys) -> None:
    undone = [effect.split("/")[0] for effect in bad.effects if effect.endswith("/undo/1")]
    assert [name for name in undone if name in BACK] == BACK[:-1]
    assert "free/push/1" in bad.effects
    assert {**bad.end, "entries": [], "schema": []} == {**bad.start, "entries": [], "schema": []}
    assert [entry["outcome"] for entry in bad.end["entries"]] == ["rolled back", "complete"]


@sampled(("step", "moment"), cases(FORWARD), kind="-".join)
def test_killed_at_an_effect_it_is_finished_from_another_clone(good: Deploys, step: str, moment: Moment) -> None:
    found = good.killed(step, moment)
    assert not found, "\n".join(found)


@sampled(("step", "moment"), cases(BACK), kind=lambda case: case[0], more=2)
def test_killed_on_the_way_back_it_goes_back_from_another_clone(bad: Deploys, step: str, moment: Moment) -> None:
    found = bad.killed(step, moment)
    assert not found, "\n".join(found)


def test_killed_on_the_way_back_it_can_be_finished_once_the_reason_is_gone(bad: Deploys, good: Deploys) -> None:
    bad.begin()
    assert bad.run(*DEPLOY, blow=Blow("undo-switch-site/undo/1", "before")).code == -9
    assert bad.estate.served == ["site 1.1.0", "api 1.0.0"]
    bad.estate.sicken()
    bad.run(*RESUME).ended(0)
    assert bad.estate.served == ["site 1.1.0", "api 1.1.0"]
    assert bad.estate.history == ["1.1.0 complete", "1.0.0 complete"]


GONE = """\
import pathlib, sys

for mark in (pathlib.Path(__file__).parent / "site" / "versions").glob("1.0.0-*.json"):
    mark.unlink()
sys.exit(1)
"""
"""A smoke check that fails, when somebody has removed what could be gone back to."""


def test_whose_way_back_failed_is_gone_on_with_at_once_by_anybody(bad: Deploys) -> None:
    bad.begin()
    check = bad.estate.live / "check.py"
    whole = check.read_text()
    check.write_text(GONE)
    ran = bad.run(*DEPLOY, env=IN_CI).ended(5)
    assert "switch-site could not be undone" in ran.said
    check.write_text(whole)
    assert "shipit deploy --env staging --resume goes on" in ran.said
    assert "was left half-way" in bad.run(*DEPLOY).ended(4).said
    bad.estate.sicken()
    bad.run(*RESUME, where=bad.estate.fresh_clone()).ended(0)
    assert bad.estate.served == ["site 1.1.0", "api 1.1.0"]
    assert bad.estate.history == ["1.1.0 complete", "1.0.0 complete"]


def test_killed_half_way_it_is_given_up_by_a_rollback(bad: Deploys) -> None:
    bad.begin()
    assert bad.run(*DEPLOY, blow=Blow("switch-api/run/1", "before")).code == -9
    assert bad.estate.served == ["site 1.1.0", "api 1.0.0"]
    bad.run("deploy", "rollback", "--env", "staging", "--yes", where=bad.estate.fresh_clone()).ended(0)
    assert bad.estate.served == ["site 1.0.0", "api 1.0.0"]
    assert bad.estate.history == ["1.0.0 complete", "1.0.0 complete"]
    assert LOCK not in bad.estate.refs
    bad.estate.sicken()
    bad.run(*DEPLOY).ended(0)
    assert bad.estate.served == ["site 1.1.0", "api 1.1.0"]


def test_whose_end_is_not_known_is_taken_over_when_its_lock_has_expired(good: Deploys) -> None:
    good.begin()
    assert good.run(*DEPLOY, blow=Blow("switch-api/run/1", "before"), env=IN_CI).code == -9
    before = good.estate.standing()
    for words in (RESUME, DEPLOY, ("deploy", "rollback", "--env", "staging", "--yes")):
        ran = good.run(*words).ended(9)
        assert "somebody deploys 1.1.0 (" in ran.said
        assert "held by " in ran.said
        assert "https://github.com/acme/small/actions/runs/42" in ran.said
    assert differences(good.estate.standing(), before) == []
    assert good.resumed(LATER) == []
