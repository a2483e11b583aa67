"""What one answer says about the version that is to be live."""

import json

import pytest

from shipit.config.tables.deployments import Smoke, SmokeCheck
from shipit.deploy.smoke import SmokeChecks
from shipit.deploy.verdict import assess, proves
from shipit.errors import ExternalError
from shipit.model import Answer, Revision

NEW = Revision("1.1.0", "1234567" + "8" * 33)
URL = "https://acme.example/healthz"


def answer(body: object = b"", status: int = 200, **more: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(url=URL, status=status, body=data, headers=more)


def check(**wanted: str) -> SmokeCheck:
    return SmokeCheck(get=URL, json=wanted)


@pytest.mark.parametrize(
    ("wanted", "body", "words"),
    [
        ({"version": "{version}"}, {"version": "1.1.0"}, "version 1.1.0"),
        ({"commit": "{commit}"}, {"commit": "1234567"}, f"commit {NEW.commit}"),
        ({"build.tag": "v{version}"}, {"build": {"tag": "v1.1.0"}}, "build.tag v1.1.0"),
        ({"ready": "true", "peers": "3"}, {"ready": True, "peers": 3}, "ready true, peers 3"),
    ],
)
def test_a_right_answer_says_what_it_carries(wanted: dict[str, str], body: object, words: str) -> None:
    verdict = assess(check(**wanted), answer(body), NEW)
    assert (verdict.is_right, verdict.words) == (True, words)


@pytest.mark.parametrize(
    ("wanted", "body", "words"),
    [
        ({"version": "{version}"}, {"version": "1.0.0"}, "version is 1.0.0, not 1.1.0"),
        ({"commit": "{commit}"}, {"commit": "123456"}, f"commit is 123456, not {NEW.commit}"),
        ({"version": "{version}"}, {"version": "1.1"}, "version is 1.1, not 1.1.0"),
        ({"build.tag": "v{version}"}, {"build": "v1.1.0"}, "the answer has no build.tag"),
        ({"a": "b"}, [1], "the answer has no a"),
        ({"a": "b"}, b"", "answered 200 with something that is no JSON: nothing"),
        ({"a": "b"}, b"x" * 100, f"answered 200 with something that is no JSON: {'x' * 59}…"),
    ],
)
def test_a_wrong_answer_says_how_it_differs(wanted: dict[str, str], body: object, words: str) -> None:
    verdict = assess(check(**wanted), answer(body), NEW)
    assert (verdict.is_right, verdict.words) == (False, words)


def test_without_json_the_status_is_all() -> None:
    assert assess(check(), answer(status=200), NEW).words == "answered 200"
    assert not assess(check(), answer(status=204), NEW).is_right


def test_a_redirect_that_was_asked_for_is_right() -> None:
    moved = SmokeCheck(get=URL, status=302)
    assert assess(moved, answer(status=302, location="/home"), NEW).is_right
    assert (
        assess(check(), answer(status=302, location="/home"), NEW).words
        == "answered 302 to https://acme.example/home"
    )


def test_a_redirect_to_no_address_is_said_as_it_is() -> None:
    assert assess(check(), answer(status=302, location="http://["), NEW).words == "answered 302 to http://["


@pytest.mark.parametrize(
    ("checks", "what"),
    [
        ((), ""),
        ((check(),), ""),
        ((check(status="ok"),), ""),
        ((check(), check(version="{version}")), "version"),
        ((check(version="{version}", commit="{commit}"),), "commit"),
    ],
)
def test_what_the_checks_can_tell_apart(checks: tuple[SmokeCheck, ...], what: str) -> None:
    assert proves(checks) == what


class Pretend:
    """Plays Web and Clock: answers in turn, and time that passes only by sleeping."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.time = list(answers), 0.0
        self.asked: list[str] = []

    def get(self, url: str, timeout: float, via: str = "") -> Answer:
        self.asked.append(f"{url} {via}".strip())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def smoke(pretend: Pretend, options: Smoke, ran: list[str] | None = None) -> SmokeChecks:
    def command(revision: Revision, say: object) -> None:
        if ran is not None:
            ran.append(revision.version)

    return SmokeChecks(options=options, web=pretend, clock=pretend, command=None if ran is None else command)


def test_the_critical_paths_run_at_the_public_address_only() -> None:
    ran: list[str] = []
    pretend = Pretend(answer({"version": "1.1.0"}))
    made = smoke(pretend, Smoke(checks=(check(version="{version}"),), answers=1), ran)
    assert made.check(NEW, lambda _: None) == f"{URL}: version 1.1.0, 1 times in a row; critical paths passed"
    assert made.check(NEW, lambda _: None, "127.0.0.1:8081") == f"{URL}: version 1.1.0, 1 times in a row"
    assert ran == ["1.1.0"]
    assert pretend.asked == [URL, f"{URL} 127.0.0.1:8081"]


def test_without_checks_it_says_so() -> None:
    assert smoke(Pretend(answer()), Smoke()).check(NEW, lambda _: None) == "no checks are configured"


def test_a_control_that_nobody_answers_proves_nothing() -> None:
    pretend = Pretend(Answer(url=URL, error="connection refused"))
    with pytest.raises(ExternalError, match="the control was not answered"):
        smoke(pretend, Smoke(control="https://acme.example/x")).check(NEW, lambda _: None)


def test_the_time_is_for_all_checks_together() -> None:
    pretend = Pretend(answer(status=500))
    with pytest.raises(ExternalError, match="does not answer as it should") as caught:
        smoke(pretend, Smoke(checks=(check(),), timeout=30)).check(NEW, lambda _: None)
    assert pretend.time <= 30
    assert caught.value.evidence[-1] == f"{len(pretend.asked)} times: answered 500, not 200"


def test_what_was_live_before_is_asked_without_control_and_critical_paths() -> None:
    ran: list[str] = []
    pretend = Pretend(answer({"version": "1.1.0"}))
    options = Smoke(checks=(check(version="{version}"),), control="https://acme.example/x", answers=1)
    assert smoke(pretend, options, ran).confirm(NEW, lambda _: None) == f"{URL}: version 1.1.0, 1 times in a row"
    assert (ran, pretend.asked) == ([], [URL])
    assert smoke(pretend, Smoke()).confirm(NEW, lambda _: None) == "no checks are configured"
