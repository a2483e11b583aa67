"""Deployments to Vercel: however it misbehaves, wherever a run is killed, exactly one deployment comes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.deploys.matrix import differences
from tests.faults.killer import Blow, Moment
from tests.faults.sampling import sampled, some
from tests.support.misbehaviour import Kind
from tests.support.vercel_product import DEPLOY, RESUME, ROLLBACK, Product, product
from tests.support.vercel_state import DOMAINS, State

Saved = tuple[Path, State]
CREATE, UPLOAD, PROMOTE = "^/v13/deployments$", "^/v2/files$", "/promote/"
BOTH = ["1.0.0", "1.1.0"]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Saved]]:
    """1.0.0 is live, and 1.1.0 waits."""
    with product(tmp_path_factory.mktemp("vercel")) as made:
        made.run(*DEPLOY).ended(0)
        made.commit("1.1.0")
        yield made, made.save("pristine")


@pytest.fixture
def site(laid: tuple[Product, Saved]) -> Product:
    made, saved = laid
    made.restore(saved)
    return made


def outcome(site: Product) -> tuple[str, list[str], str]:
    """What users see, which deployments there are, and what the ledger says of the last run."""
    return site.served, site.versions, site.history[0]


def test_a_deployment_goes_live_and_back(site: Product) -> None:
    site.run(*DEPLOY).ended(0)
    assert outcome(site) == ("1.1.0", BOTH, "1.1.0 complete")
    assert "environment production: 1.1.0" in site.run("status").ended(0).said
    site.run("verify", "deployment", "--env", "production").ended(0)
    assert "nothing is under way" in site.run(*RESUME).ended(0).said
    assert "nothing to deploy" in site.run(*DEPLOY).ended(0).said
    site.run(*ROLLBACK).ended(0)
    assert outcome(site) == ("1.0.0", BOTH, "1.0.0 complete")
    assert [len(site.server.asked("POST", path)) for path in (CREATE, PROMOTE, "/rollback/")] == [2, 1, 1]


@pytest.mark.parametrize("kind", [Kind.ERROR_AFTER, Kind.DROP_AFTER])
@pytest.mark.parametrize("path", [CREATE, UPLOAD, PROMOTE])
def test_done_and_not_answered_it_is_looked_up_and_not_made_twice(site: Product, path: str, kind: Kind) -> None:
    if path == CREATE:
        site.run("deploy", "--env", "production", "--dry-run").ended(0)
        site.server.misbehave("POST", CREATE, Kind.SLOW, seconds=0)  # the first answer names the missing files
    site.server.misbehave("POST", path, kind)
    site.run(*DEPLOY).ended(0)
    assert outcome(site) == ("1.1.0", BOTH, "1.1.0 complete")


def test_what_was_never_done_is_not_made_blindly_and_the_next_run_makes_it(site: Product) -> None:
    site.server.misbehave("POST", CREATE, Kind.DROP_BEFORE)
    said = site.run(*DEPLOY).ended(7).said
    assert "no deployment of this version is there" in said
    assert outcome(site) == ("1.0.0", ["1.0.0"], "1.1.0 rolled back")
    site.run(*DEPLOY).ended(0)
    assert outcome(site) == ("1.1.0", BOTH, "1.1.0 complete")


@pytest.mark.parametrize("path", [CREATE, UPLOAD, PROMOTE])
def test_asked_for_a_pause_it_waits_and_goes_on(site: Product, path: str) -> None:
    site.server.misbehave("POST", path, Kind.TOO_MANY, seconds=1)
    site.run(*DEPLOY).ended(0)
    assert outcome(site) == ("1.1.0", BOTH, "1.1.0 complete")


def test_asked_for_a_long_pause_it_takes_back_and_says_when(site: Product) -> None:
    site.server.misbehave("POST", CREATE, Kind.TOO_MANY, seconds=3600)
    said = site.run(*DEPLOY).ended(7).said
    assert "Vercel is rate-limiting us: Too many requests" in said
    assert "in 3600 s" in said
    assert outcome(site) == ("1.0.0", ["1.0.0"], "1.1.0 rolled back")


@pytest.mark.parametrize(("state", "why"), [("ERROR", "npm run build"), ("CANCELED", ""), ("BLOCKED", "COMMIT_")])
def test_what_never_becomes_ready_is_no_deployment(site: Product, state: str, why: str) -> None:
    site.state.builds, site.state.reason = ["BUILDING", state], "Command npm run build exited with 1"
    said = site.run(*DEPLOY).ended(7).said
    assert f"is {state}" in said
    assert why in said
    assert outcome(site) == ("1.0.0", ["1.0.0"], "1.1.0 rolled back")
    site.state.builds = ["READY"]
    site.run(*DEPLOY).ended(0)
    assert outcome(site) == ("1.1.0", BOTH, "1.1.0 complete")


def test_names_that_are_not_switched_are_named_and_all_goes_back(site: Product) -> None:
    site.state.stuck = frozenset({DOMAINS[0]})
    said = site.run(*DEPLOY).ended(7).said
    assert "not all production domains lead to it" in said
    assert f"{DOMAINS[0]}: failed" in said
    assert outcome(site) == ("1.0.0", ["1.0.0"], "1.1.0 rolled back")
    assert len({*site.state.leads_to.values()}) == 1


def test_a_version_that_answers_wrong_goes_back_to_what_was_live_though_shipit_never_made_it(site: Product) -> None:
    foreign = site.state.make({"files": [], "target": "production"})
    foreign.files = next(iter(site.state.deployments.values())).files
    foreign.coming = []
    foreign.state, foreign.substate = "READY", "PROMOTED"
    site.state.lead_to(foreign)
    site.commit("1.2.0", **{"site/version.json": '{"version": "wrong"}'})
    site.run(*DEPLOY).ended(7)
    assert site.state.live is foreign
    assert [one.meta.get("shipitVersion") for one in site.state.alive] == ["1.0.0", None]
    assert site.entries[0]["targets"] == {"web": foreign.id}


def test_an_instant_rollback_that_pins_production_is_said_and_ended(site: Product) -> None:
    site.run(*DEPLOY).ended(0)
    site.state.ask_for("rollback", site.state.alive[0])
    site.state.pass_time()
    assert (site.served, site.state.is_pinned) == ("1.0.0", True)
    site.commit("1.2.0")
    said = site.run(*DEPLOY).ended(0).said
    assert "an instant rollback has pinned the production of acme-production" in said
    assert (site.served, site.state.is_pinned, site.versions) == ("1.2.0", False, [*BOTH, "1.2.0"])


def test_a_rolling_release_is_not_live_before_its_end(site: Product) -> None:
    site.state.rolls = True
    said = site.run(*DEPLOY).ended(7).said
    assert "a rolling release gives dpl_" in said
    assert outcome(site) == ("1.0.0", ["1.0.0"], "1.1.0 rolled back")


def test_a_proxys_page_is_an_ordinary_error(site: Product) -> None:
    site.server.misbehave("GET", "/v9/projects/acme-production$", Kind.NO_JSON)
    assert "no JSON" in site.run(*DEPLOY).ended(4).said


def test_a_wrong_token_is_said_and_never_shown(site: Product) -> None:
    token, site.state.token = site.state.token, "anothertoken0123456789"
    environment = {**site.environment, "VERCEL_TOKEN": token}
    ran = site.striker.run(site.clone, *DEPLOY, env=environment).ended(4)
    assert "check `project` and `team`" in ran.said
    assert token not in ran.said


def test_a_server_that_repeats_the_token_does_not_show_it(site: Product) -> None:
    site.server.misbehave("POST", CREATE, Kind.ECHO)
    ran = site.run(*DEPLOY).ended(7)
    assert "not good: Bearer ***" in ran.said
    assert site.state.token not in ran.said


@pytest.fixture(scope="module")
def recorded(laid: tuple[Product, Saved]) -> tuple[list[str], object]:
    """The effects of a run that nobody interrupts, and how the world stands after it."""
    made, saved = laid
    made.restore(saved)
    made.run(*DEPLOY).ended(0)
    return made.striker.effects, made.standing()


@sampled(
    ("step", "moment"),
    [(step, moment) for step in ("start-web", "switch-web") for moment in ("before", "after")],
    kind="-".join,
)
def test_killed_at_an_effect_it_is_finished_from_another_clone(
    laid: tuple[Product, Saved], recorded: tuple[list[str], dict[str, object]], step: str, moment: Moment
) -> None:
    (site, saved), (effects, end) = laid, recorded
    known = [effect for effect in effects if effect.startswith(f"{step}/POST/")]
    assert len(known) >= {"start-web": 3, "switch-web": 1}[step]  # create, upload, create; promote
    for effect in some(known, step, moment):
        site.restore(saved)
        assert site.run(*DEPLOY, blow=Blow(effect, moment)).code == -9, effect
        elsewhere = site.fresh_clone()
        site.run(*RESUME, where=elsewhere).ended(0)
        assert differences(site.standing(), end) == [], effect
