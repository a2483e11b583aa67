"""People are told how it ended; a notifier that is down, slow or not installed changes nothing."""

import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from shipit import masking
from shipit.adapters.notify import AppriseNotifier
from shipit.model import Notice
from tests.support.description import Asked
from tests.support.http_listener import Drop, Listener

TOKEN = "tok3n-of-the-channel"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    data: bytes = b"{}"
    all_headers: Mapping[str, str] = field(default_factory=dict)


class Channel:
    """Somebody who is told: keeps what it heard, and answers as it is told to."""

    def __init__(self) -> None:
        self.heard: list[Asked] = []
        self.answer: Callable[[], Answer | Drop] = Answer
        self.listener = Listener(self._answer)
        self.listener.start()

    def _answer(self, asked: Asked) -> Answer | Drop:
        self.heard.append(asked)
        return self.answer()

    @property
    def url(self) -> str:
        return f"{self.listener.root.replace('http', 'json', 1)}/{TOKEN}"


@pytest.fixture
def channel() -> Iterator[Channel]:
    channel = Channel()
    yield channel
    channel.listener.stop()


@pytest.fixture
def log() -> Iterator[list[str]]:
    """All that reaches a log of the process."""
    records: list[str] = []
    handler = logging.Handler(0)
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield records
    logging.getLogger().removeHandler(handler)


def notice(title: str, body: str, *, failed: bool) -> Notice:
    return Notice(title=title, body=body, failed=failed, facts={})


@pytest.mark.parametrize(("failed", "kind"), [(True, "failure"), (False, "success")])
def test_everybody_is_told_what_happened(channel: Channel, failed: bool, kind: str) -> None:
    notifier = AppriseNotifier([channel.url, channel.url])
    assert notifier.notify(notice("staging: migrated", "2 of 2", failed=failed)) == []
    assert len(channel.heard) == 2
    found = json.loads(channel.heard[0].body)
    assert (found["title"], found["message"], found["type"]) == (
        "staging: migrated",
        "2 of 2",
        kind,
    )


def test_no_secret_goes_out(channel: Channel) -> None:
    masking.register("p@ss:/word")
    notifier = AppriseNotifier([channel.url])
    notifier.notify(notice("no: p@ss:/word", "p%40ss%3A%2Fword and p@ss:/word", failed=True))
    [heard] = channel.heard
    assert json.loads(heard.body)["title"] == "no: ***"
    assert b"ss:/word" not in heard.body
    assert b"%2Fword" not in heard.body


@pytest.mark.parametrize("status", [401, 500])
def test_one_that_says_no_is_told_by_its_status_and_never_by_its_address(
    channel: Channel, status: int, log: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    channel.answer = lambda: Answer(status, TOKEN.encode())
    words = AppriseNotifier([channel.url]).notify(notice("title", "body", failed=True))
    assert words == [f"notification 1 of 1 was not delivered: JSON answered {status}"]
    assert TOKEN not in "".join([*log, *capfd.readouterr()])


def test_one_that_is_down_does_not_keep_the_others_from_being_told(channel: Channel) -> None:
    words = AppriseNotifier([f"json://127.0.0.1:1/{TOKEN}", channel.url]).notify(
        notice("title", "body", failed=True)
    )
    assert words == ["notification 1 of 2 was not delivered: JSON cannot be reached"]
    assert len(channel.heard) == 1


def test_one_that_hangs_up_cannot_be_reached(channel: Channel) -> None:
    channel.answer = Drop
    words = AppriseNotifier([channel.url]).notify(notice("title", "body", failed=True))
    assert words == ["notification 1 of 1 was not delivered: JSON cannot be reached"]


def test_one_that_is_slow_is_not_waited_for(channel: Channel) -> None:
    go_on = threading.Event()

    def slowly() -> Answer:
        go_on.wait(10)
        return Answer()

    channel.answer = slowly
    begun = time.monotonic()
    words = AppriseNotifier([channel.url] * 3, patience=0.3).notify(notice("title", "body", failed=True))
    took = time.monotonic() - begun
    go_on.set()
    # the time of the last may be over a moment before or after that of its socket
    assert {word.rpartition(": ")[2] for word in words} <= {"no answer within 0.3 s", "JSON cannot be reached"}
    assert len(words) == 3
    assert took < 3


@pytest.mark.parametrize("url", [f"nothing://{TOKEN}", TOKEN, f"slack://{TOKEN}", ""])
def test_an_address_that_apprise_does_not_know_is_not_repeated(
    url: str, log: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    words = AppriseNotifier([url]).notify(notice("title", "body", failed=True))
    assert words == ["notification 1 of 1 was not delivered: Apprise does not understand this address"]
    assert TOKEN not in "".join([*log, *capfd.readouterr(), repr(AppriseNotifier([url]))])


def test_a_service_that_raises_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError(TOKEN)

    monkeypatch.setattr("apprise.plugins.custom_json.NotifyJSON.notify", explode)
    words = AppriseNotifier(["json://127.0.0.1:1"]).notify(notice("title", "body", failed=True))
    assert words == ["notification 1 of 1 was not delivered: Apprise failed with RuntimeError"]


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    [word] = AppriseNotifier(["json://127.0.0.1:1"]).notify(notice("title", "body", failed=True))
    assert word.endswith('pip install "shipit-release[notify]"')


def test_without_addresses_nothing_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert AppriseNotifier([]).notify(notice("title", "body", failed=True)) == ()
