"""A webhook as a target: one POST to a real server, what it answers, and that its address is shown nowhere."""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from shipit import masking
from shipit.adapters.clock import Clock
from shipit.adapters.http.browser import Browser
from shipit.adapters.remote.answers import SeenFromOutside
from shipit.adapters.remote.delivery import AnswerLost, Delivery, NotPassedOn
from shipit.adapters.remote.hook import Hook
from shipit.adapters.remote.target import RemoteTarget
from shipit.config.tables.deployments import Smoke, SmokeCheck
from shipit.deploy.smoke import SmokeChecks
from shipit.errors import Denied, ExternalError, Unavailable
from shipit.model import Revision
from tests.support.description import Asked
from tests.support.http_listener import Drop, Listener
from tests.support.registry_rules import Reply

OLD, NEW = Revision("1.0.0", "0" * 40), Revision("1.1.0", "1" * 40)
IMAGE = f"registry.test/acme/web@sha256:{'a' * 64}"
KEY = "sentinel-key-9f2c"


@dataclass
class Platform:
    """Takes orders at /deploy and answers at /healthz with what is live; `reply` is what an order gets.

    An order that is `heard` comes live, whatever it gets for an answer.
    """

    live: Revision = OLD
    reply: Reply | Drop = field(default_factory=lambda: Reply(201, b"{}", {}))
    heard: bool = True
    orders: list[Mapping[str, str]] = field(default_factory=list)
    elsewhere: int = 0

    def answer(self, asked: Asked) -> Reply | Drop:
        if asked.path == "/healthz":
            body = {"version": self.live.version, "commit": self.live.commit}
            return Reply(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
        if asked.path == "/elsewhere":
            self.elsewhere += 1
            return Reply(200, b"", {})
        assert (asked.method, asked.path, asked.query) == ("POST", "/deploy", f"key={KEY}")
        self.orders.append(json.loads(asked.body))
        if self.heard:
            self.live = Revision(self.orders[-1]["version"], self.orders[-1]["commit"])
        return self.reply


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def root(platform: Platform) -> Iterator[str]:
    listener = Listener(platform.answer)
    listener.start()
    try:
        yield listener.root
    finally:
        listener.stop()
        masking.forget_all()


@pytest.fixture
def hook(root: str) -> Hook:
    return Hook(target="web", environment="staging", run="run-1", address=lambda: f"{root}/deploy?key={KEY}")


@pytest.fixture
def target(hook: Hook, root: str) -> RemoteTarget:
    check = SmokeCheck(get=f"{root}/healthz", json={"commit": "{commit}"})
    smoke = SmokeChecks(options=Smoke(checks=(check,), answers=2, timeout=1), web=Browser(), clock=Clock())
    witness = SeenFromOutside(
        deployed=NEW, standing=OLD, answers=smoke.is_live, confirm=smoke.confirm, by_commit=True
    )
    return RemoteTarget(name="web", way=hook, witness=witness, deployed=NEW, standing=OLD, image=lambda _: IMAGE)


def said_by(error: ExternalError) -> str:
    return " ".join((error.what, str(error.where), *error.evidence, str(error.hint)))


def test_one_order_names_everything_and_is_waited_for(target: RemoteTarget, platform: Platform) -> None:
    said: list[str] = []
    assert target.live() == OLD.reference
    target.switch(NEW.reference, said.append)
    assert target.live() == NEW.reference
    assert platform.orders == [
        {
            "environment": "staging",
            "target": "web",
            "version": "1.1.0",
            "commit": NEW.commit,
            "image": IMAGE,
            "run": "run-1",
        }
    ]
    assert KEY not in "".join(said)
    assert said[:2] == [f"the hook of web is asked for {NEW}, {IMAGE}", "the hook of web answered 201"]


def test_without_an_image_none_is_named(hook: Hook, platform: Platform) -> None:
    hook.deliver(Delivery(revision=NEW), print)
    assert platform.orders[0]["image"] is None


def test_what_was_live_is_ordered_in_the_same_way(target: RemoteTarget, platform: Platform) -> None:
    target.switch(NEW.reference, print)
    assert target.may_leave(OLD.reference)
    target.switch(OLD.reference, print)
    assert [one["version"] for one in platform.orders] == ["1.1.0", "1.0.0"]
    assert (target.live(), target.may_leave(OLD.reference)) == (OLD.reference, False)


def test_a_redirect_is_not_followed(target: RemoteTarget, platform: Platform) -> None:
    platform.heard, platform.reply = False, Reply(307, b"", {"Location": "/elsewhere"})
    with pytest.raises(Denied, match="the hook of web sends elsewhere"):
        target.switch(NEW.reference, print)
    assert (len(platform.orders), platform.elsewhere, target.may_leave(OLD.reference)) == (1, 0, False)


@pytest.mark.parametrize(
    ("status", "kind", "is_asked"),
    [(403, Denied, False), (404, Denied, False), (429, NotPassedOn, False), (500, Unavailable, True)],
)
def test_a_refusal_shows_its_first_lines_and_never_the_address(
    target: RemoteTarget, platform: Platform, status: int, kind: type[ExternalError], is_asked: bool
) -> None:
    platform.heard = False
    body = f"Cannot POST /deploy?key={KEY}\nthe key {KEY}\nthird\nfourth"
    platform.reply = Reply(status, body.encode(), {"Content-Type": "text/plain"})
    with pytest.raises(kind) as caught:
        target.switch(NEW.reference, print)
    assert type(caught.value) is kind
    assert KEY not in said_by(caught.value)
    assert caught.value.evidence[0].startswith(f"{status} ")
    assert caught.value.evidence[2:] == ("the key ***", "third")
    assert len(platform.orders) == 1
    assert target.may_leave(OLD.reference) is is_asked


def test_a_lost_answer_is_looked_after_and_not_repeated(target: RemoteTarget, platform: Platform) -> None:
    platform.reply = Drop()
    target.switch(NEW.reference, print)
    assert (len(platform.orders), target.live()) == (1, NEW.reference)


def test_a_lost_answer_of_an_order_that_was_not_heard_is_an_error(target: RemoteTarget, platform: Platform) -> None:
    platform.heard, platform.reply = False, Drop()
    with pytest.raises(AnswerLost) as caught:
        target.switch(NEW.reference, print)
    assert len(platform.orders) == 1
    assert KEY not in said_by(caught.value)
    assert f"{NEW} does not answer as it should" in caught.value.evidence
    assert target.may_leave(OLD.reference)


def test_an_order_that_does_not_come_live_is_an_error(target: RemoteTarget, platform: Platform) -> None:
    platform.heard = False
    with pytest.raises(ExternalError, match="does not answer as it should"):
        target.switch(NEW.reference, print)
    assert target.may_leave(OLD.reference)


def test_who_is_not_reached_was_asked_for_nothing(target: RemoteTarget, hook: Hook) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/deploy?key={KEY}"
    target.way = Hook(target="web", environment="staging", run="r", address=lambda: address)
    with pytest.raises(NotPassedOn) as caught:
        target.switch(NEW.reference, print)
    assert KEY not in said_by(caught.value)
    assert not target.may_leave(OLD.reference)


@pytest.mark.parametrize("address", ["ftp://a.example/x", "no address", "https://", "http://a:b/"])
def test_an_address_that_is_none_is_a_problem_that_does_not_show_it(hook: Hook, address: str) -> None:
    broken = Hook(target="web", environment="staging", run="r", address=lambda: address)
    [problem] = broken.problems()
    assert address not in f"{problem.what} {problem.evidence} {problem.hint}"
    assert hook.problems() == ()


class TestATargetElsewhere:
    def test_keeps_nothing_so_nothing_is_removed(self, target: RemoteTarget, platform: Platform) -> None:
        said: list[str] = []
        target.start(NEW, said.append)
        target.stop(NEW.reference, said.append)
        target.prune([], said.append)
        assert said == [
            f"{NEW} is ready to be asked for",
            f"nothing of {NEW.reference} is kept for web, so nothing is removed",
        ]
        assert (target.kind, target.problems(), platform.orders) == ("webhook", (), [])
        found = target.candidate(NEW)
        assert found
        assert (found.reference, found.address) == (NEW.reference, "")

    def test_goes_back_neither_to_nothing_nor_to_what_nobody_knows(
        self, target: RemoteTarget, platform: Platform
    ) -> None:
        with pytest.raises(ExternalError, match="cannot go back to nothing"):
            target.switch(None, print)
        with pytest.raises(ExternalError, match=r"cannot go back to 0\.9\.0-x"):
            target.switch("0.9.0-x", print)
        assert platform.orders == []

    def test_without_its_image_is_neither_started_nor_asked(self, target: RemoteTarget, platform: Platform) -> None:
        target.image = lambda _: None
        assert target.candidate(NEW) is None
        with pytest.raises(ExternalError, match="is not in the registry") as caught:
            target.start(NEW, print)
        assert (caught.value.hint or "").startswith("shipit build --push")
        with pytest.raises(ExternalError, match="is not in the registry"):
            target.switch(NEW.reference, print)
        assert platform.orders == []

    def test_that_goes_on_after_another_run_may_have_been_asked(self, target: RemoteTarget) -> None:
        target.is_resumed = True
        assert target.may_leave(OLD.reference)
        target.switch(OLD.reference, print)
        assert not target.may_leave(OLD.reference)


class TestWhatAnswersShow:
    def seen(self, *, by_commit: bool, standing: Revision | None, answers: bool = True) -> SeenFromOutside:
        return SeenFromOutside(
            deployed=NEW,
            standing=standing,
            answers=lambda _: answers,
            confirm=lambda revision, _: str(revision),
            by_commit=by_commit,
        )

    def test_two_commits_of_one_version_are_alike_where_no_commit_is_answered(self) -> None:
        other = Revision(NEW.version, "2" * 40)
        seen = self.seen(by_commit=False, standing=other)
        assert seen.live() == other.reference
        seen.wait(NEW, print)
        assert seen.live() == NEW.reference
        assert self.seen(by_commit=True, standing=other).live() == NEW.reference

    def test_what_does_not_answer_is_what_the_ledger_says_or_nothing(self) -> None:
        assert self.seen(by_commit=True, standing=OLD, answers=False).live() == OLD.reference
        assert self.seen(by_commit=True, standing=NEW, answers=False).live() is None
        assert self.seen(by_commit=True, standing=None, answers=False).live() is None
