"""A signal ends a run once, wherever it comes, and leaves the one message of the run on stderr."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from shipit import signals
from shipit.cli import main
from shipit.errors import Signalled


class HalfMade:
    """Like GitPython's reader of configurations: what its end needs is not there before its beginning is over."""

    def __init__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        self.is_open = True

    def __del__(self) -> None:
        assert self.is_open


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in signals.ENDING}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    signals.listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("listening")
def test_what_a_signal_leaves_half_made_shows_nobody_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Signalled, match="SIGTERM") as caught:
        HalfMade()
    caught.value.__traceback__ = None
    del caught
    gc.collect()

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("release --yes", "shipit status says where things stand"),
        ("deploy --env staging", "shipit status says where things stand"),
        ("migrate --env staging", "shipit migrate status --env ENVIRONMENT says where things stand"),
        ("migrate status --env staging", "run the same command again"),
        ("verify tests", "run the same command again"),
        ("doctor", "run the same command again"),
        ("", "run the same command again"),
    ],
)
def test_whoever_is_interrupted_is_given_the_next_command_that_fits(
    words: str, hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["shipit", *words.split()])
    assert main.interrupted(Signalled("SIGINT")) == 130
    assert capsys.readouterr().err.rstrip().splitlines()[-1] == f"hint: {hint}"


class Closing:
    """Where its end comes the signal comes too: an exception that nobody can catch."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0)


@pytest.mark.usefixtures("listening")
def test_a_signal_that_came_where_nobody_can_catch_it_comes_again() -> None:
    with pytest.raises(Signalled, match="SIGTERM"):  # noqa: PT012 - it comes while the second line runs
        Closing()
        time.sleep(5)


@pytest.mark.usefixtures("listening")
def test_a_signal_waits_for_the_end_of_what_must_not_be_half_made() -> None:
    made = []
    with pytest.raises(Signalled, match="SIGINT"), signals.held_back():  # noqa: PT012 - its end raises
        os.kill(os.getpid(), signal.SIGINT)
        with signals.held_back():
            os.kill(os.getpid(), signal.SIGINT)
        made.append("whole")
    assert made == ["whole"]


@pytest.mark.usefixtures("listening")
def test_nothing_waits_where_no_signal_came() -> None:
    with signals.held_back():
        pass
    with pytest.raises(Signalled, match="SIGHUP"):
        os.kill(os.getpid(), signal.SIGHUP)


@pytest.mark.usefixtures("listening")
def test_another_thread_holds_nothing_back() -> None:
    def hold() -> None:
        with signals.held_back():
            held.append(signals._is_holding)

    held: list[bool] = []
    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert held == [False]


@pytest.mark.usefixtures("listening")
def test_once_a_run_is_over_a_signal_changes_nothing() -> None:
    signals.ignore()
    os.kill(os.getpid(), signal.SIGTERM)
