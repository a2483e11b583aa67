"""The status as a page: every state has its word, and whatever a text holds is only text."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from shipit import masking
from shipit.adapters.pages import page
from shipit.deploy.model import Entry, StepTime
from shipit.deploy.reports import Seen
from shipit.deploy.status_page import NAME, StatusPage
from shipit.model import Revision
from tests.support import sample_pages

REPORT: Mapping[str, Any] = {
    "project": "acme",
    "released": "v1.0.0",
    "evidence": True,
    "commits": 2,
    "next": "1.1.0",
    "refused": None,
    "open": [],
    "lock": None,
}
NOTHING: Mapping[str, Any] = {"released": None, "evidence": False, "commits": 0, "next": None, "refused": None}
ENTRY = sample_pages.entry("1.0.0", 2)
LIVE: Mapping[str, Any] = sample_pages.environment("staging", ENTRY)


def made(
    *environments: Seen, report: Mapping[str, Any] = REPORT, home: str = "https://forge.example/acme/acme"
) -> StatusPage:
    return StatusPage(report=report, environments=environments, home=home, now=sample_pages.NOW, shipit="1.0.0")


def facts(*environments: Seen, **changes: Any) -> dict[str, Any]:
    return dict(made(*environments, **changes).facts())


def shown(found: Mapping[str, Any], *entries: Entry) -> dict[str, Any]:
    [one] = facts(Seen(facts=found, entries=entries))["environments"]
    return dict(one)


@pytest.mark.parametrize(
    ("found", "word", "kind"),
    [
        (LIVE, "healthy", "good"),
        ({**LIVE, "health": "health unknown"}, "as deployed", "good"),
        ({**LIVE, "health": "502 of https://acme.example/healthz"}, "not healthy", "bad"),
        ({**LIVE, "drift": ["backend: nothing is live"]}, "drifted", "bad"),
        ({"environment": "staging", "version": None, "lock": None}, "empty", ""),
        ({"environment": "staging", "version": None, "problem": "the remote is shut"}, "not known", "bad"),
    ],
)
def test_an_environment_has_one_word_for_its_state(found: Mapping[str, Any], word: str, kind: str) -> None:
    assert shown(found)["state"] == {"word": word, "kind": kind}


@pytest.mark.parametrize(
    ("environments", "word", "kind"),
    [
        ([LIVE], "all as deployed", "good"),
        ([LIVE, {**LIVE, "environment": "production", "drift": ["x"]}], "look at production", "bad"),
        ([{**LIVE, "lock": "1.1.0: ada"}], "a deployment is under way", "warn"),
        ([], "nothing is deployed", ""),
    ],
)
def test_all_together_have_the_worst_of_their_words(
    environments: list[Mapping[str, Any]], word: str, kind: str
) -> None:
    assert facts(*(Seen(facts=one) for one in environments))["overall"] == {"word": word, "kind": kind}


class TestADeployment:
    def test_links_its_commit_and_its_run(self) -> None:
        [run] = shown(LIVE, ENTRY)["deployments"]
        sha = ENTRY.decision.revision.commit
        assert run["commit"] == {"text": sha[:10], "url": f"https://forge.example/acme/acme/commit/{sha}"}
        assert run["url"] == ENTRY.url
        assert run["duration"] == "71.0 s"

    def test_links_nothing_where_there_is_no_forge_and_no_address(self) -> None:
        entry = replace(ENTRY, url="javascript:alert(1)")
        found = facts(Seen(facts=LIVE, entries=[entry]), home="")
        [one] = found["environments"]
        assert (one["commit"]["url"], one["deployments"][0]["url"]) == ("", "")
        assert found["releases"][0]["url"] == ""

    def test_has_bars_as_long_as_its_steps_took(self) -> None:
        steps = (
            StepTime(name="lock", state="already"),
            StepTime(name="start", state="done", seconds=10.0),
            StepTime(name="switch", state="failed", seconds=5.0),
            StepTime(name="smoke", state="done", seconds=0.001),
        )
        [run] = shown(LIVE, replace(ENTRY, steps=steps))["deployments"]
        assert [(one["share"], one["time"], one["kind"]) for one in run["steps"]] == [
            (0.0, "", ""),
            (100.0, "10.0 s", ""),
            (50.0, "5.0 s", "bad"),
            (0.5, "0.0 s", ""),
        ]

    def test_of_a_former_version_has_no_steps(self) -> None:
        [run] = shown(LIVE, replace(ENTRY, steps=()))["deployments"]
        assert run["steps"] == []


def test_releases_of_packages_stand_beside_that_of_the_project() -> None:
    refused = {**NOTHING, "released": "client-v1", "evidence": False, "refused": "no version"}
    found = facts(report={**REPORT, "packages": {"client": refused, "server": NOTHING}})
    assert [(one["name"], one["released"], one["evidence"], one["next"]) for one in found["releases"]] == [
        ("acme", "v1.0.0", "yes", "1.1.0"),
        ("client", "client-v1", "no", "refused: no version"),
        ("server", None, "", "nothing to release"),
    ]


class TestThePage:
    def test_shows_texts_as_texts(self) -> None:
        evil = "<script>alert(1)</script>"
        entry = replace(ENTRY, actor=evil)
        environment = {**LIVE, "by": evil, "drift": [evil], "lock": evil, "health": evil}
        report = {**REPORT, "project": evil, "open": [evil], "lock": evil}
        text = page(NAME, made(Seen(facts=environment, entries=[entry]), report=report).facts()).decode()
        assert "<script" not in text
        assert text.count("&lt;script&gt;") >= 8

    def test_has_no_control_characters_and_links_no_commit_that_is_none(self) -> None:
        odd = "\x1b[2J\u202e<a>"
        environment = {**LIVE, "commit": odd, "version": odd, "images": {odd: odd}, "schema": odd}
        entry = replace(ENTRY, decision=replace(ENTRY.decision, revision=Revision(odd, odd), run=odd), outcome=odd)
        text = page(NAME, made(Seen(facts=environment, entries=[entry])).facts()).decode()
        assert not {"\x1b", "\u202e"} & set(text)
        assert 'href="https://forge.example/acme/acme/commit/%3Ca%3E"' in text

    def test_has_no_secret(self) -> None:
        masking.register("s3cret-value")
        environment = {**LIVE, "health": "s3cret-value", "lock": "s3cret-value"}
        entry = replace(ENTRY, actor="s3cret-value", url="https://x.example/s3cret-value")
        text = page(NAME, made(Seen(facts=environment, entries=[entry])).facts()).decode()
        assert "s3cret" not in text

    def test_of_an_empty_world_says_so(self) -> None:
        text = page(NAME, made(report={**REPORT, **NOTHING}).facts()).decode()
        assert "No environment with targets is configured." in text
        assert "nothing yet" in text

    def test_of_everything_is_one_file_that_asks_for_nothing(self) -> None:
        text = sample_pages.status().decode()
        assert text.startswith("<!DOCTYPE html>")
        assert text.endswith("</html>\n")
        assert not [word for word in (" src=", "<link", "<script", "@import", "url(", " style=") if word in text]
