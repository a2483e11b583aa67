"""Smoke checks in memory: what a glance says, when a control cannot fail, and pages that are no answer."""

import pytest

from shipit.config.tables.deployments import Smoke, SmokeCheck
from shipit.deploy.verdict import assess
from shipit.errors import ExternalError
from shipit.model import Answer
from tests.unit.deploy.test_verdict import NEW, URL, Pretend, answer, check, smoke


def test_a_glance_asks_each_check_once() -> None:
    healthy, old = answer({"version": "1.1.0"}), answer({"version": "1.0.0"})
    pretend = Pretend(healthy, old)
    made = smoke(pretend, Smoke(checks=(check(version="{version}"), check(version="{version}"))))
    assert made.glance(NEW) == f"{URL}: version is 1.0.0, not 1.1.0"
    assert pretend.asked == [URL, URL]
    assert smoke(Pretend(healthy), Smoke(checks=(check(version="{version}"),))).glance(NEW) == "healthy"
    assert smoke(Pretend(healthy), Smoke()).glance(NEW) == "health unknown"


@pytest.mark.parametrize(
    ("answers", "is_live", "asked"),
    [
        ([answer({"version": "1.1.0"})], True, 1),
        ([answer({"version": "1.0.0"})], False, 1),
        ([answer(status=404)], False, 1),
        ([answer(status=503), answer({"version": "1.1.0"})], True, 2),
        ([Answer(url=URL, error="refused"), answer({"version": "1.1.0"})], True, 2),
        ([answer(status=503), answer(status=503)], False, 2),
    ],
)
def test_who_does_not_answer_well_is_asked_once_more(answers: list[Answer], is_live: bool, asked: int) -> None:
    pretend = Pretend(*answers)
    assert smoke(pretend, Smoke(checks=(check(version="{version}"),))).is_live(NEW) is is_live
    assert len(pretend.asked) == asked


def test_a_control_that_answers_200_is_named() -> None:
    made = smoke(Pretend(answer(status=200)), Smoke(control="https://acme.example/nothing"))
    with pytest.raises(ExternalError, match="the smoke checks cannot fail") as caught:
        made.check(NEW, lambda _: None)
    assert caught.value.where == "https://acme.example/nothing"


def test_a_control_that_answers_404_proves_that_they_can() -> None:
    made = smoke(Pretend(answer(status=404)), Smoke(control="https://acme.example/nothing"))
    assert made.check(NEW, lambda _: None) == "no checks are configured"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Answer(url=URL, error="refused"), "no answer: refused"),
        (answer(status=302, location="https://acme.example/login?next=/"), "a login page stands in front of it: "),
        (answer(status=301, location="https://parked.example/"), "another host answers: 301 to "),
        (answer(b'<input name="p" type="password">'), "a login page stands in front of it: 200 with a field"),
    ],
)
def test_what_is_no_answer_is_named(given: Answer, words: str) -> None:
    verdict = assess(SmokeCheck(get=URL, json={"version": "{version}"}), given, NEW)
    assert not verdict.is_right
    assert verdict.words.startswith(words)
