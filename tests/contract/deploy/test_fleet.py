"""What a supervisor does with its processes as time goes on, within this process."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shipit.adapters.local import fleet as fleets
from shipit.adapters.local import state, supervisor
from shipit.adapters.local.child import Child
from shipit.adapters.local.fleet import CommandError, Fleet
from shipit.adapters.local.relay import Relay
from tests.support.served import eventually

LISTENS = "import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"


class Connections:
    """In place of a relay: each process has as many connections as the test says."""

    def __init__(self) -> None:
        self.number = 0
        self.was_cut: list[Child] = []
        self.accepts = True

    def count(self, child: Child) -> int:
        return self.number

    def cut(self, child: Child) -> None:
        self.number = 0
        self.was_cut.append(child)

    def retry(self, now: float) -> None: ...

    def stop_accepting(self) -> None:
        self.accepts = False


@pytest.fixture
def connections() -> Connections:
    return Connections()


@pytest.fixture
def fleet(tmp_path: Path, connections: Connections) -> Iterator[Fleet]:
    made = Fleet(tmp_path, "127.0.0.1:1")
    made.relay = connections  # type: ignore[assignment]
    yield made
    made.end("the test is over")
    assert eventually(lambda: looked(made, lambda: made.is_over))


def looked(fleet: Fleet, condition: Callable[[], bool]) -> bool:
    fleet.look(time.monotonic())
    return condition()


def start(fleet: Fleet, reference: str, code: str = LISTENS) -> Child:
    (fleet.folder / reference).mkdir(exist_ok=True)
    words = {"reference": reference, "folder": str(fleet.folder / reference), "environment": {}}
    fleet.carry_out({"do": "start", "argv": [sys.executable, "-S", "-c", code], **words})
    child = fleet.children[reference]
    assert eventually(lambda: looked(fleet, lambda: child.is_ready or child.has_failed))
    return child


def test_connections_to_what_was_live_have_a_time_to_end(
    fleet: Fleet, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "DRAIN", 0.2)
    old = start(fleet, "old")
    fleet.carry_out({"do": "switch", "reference": "old"})
    start(fleet, "new")
    connections.number = 3
    fleet.carry_out({"do": "switch", "reference": "new"})
    fleet.look(time.monotonic())
    assert connections.was_cut == []
    assert eventually(lambda: looked(fleet, lambda: connections.was_cut == [old]))
    assert old.process


def test_what_becomes_live_again_keeps_its_connections(
    fleet: Fleet, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "DRAIN", 0.0)
    start(fleet, "old")
    start(fleet, "new")
    for reference in ("old", "new", "old"):
        fleet.carry_out({"do": "switch", "reference": reference})
    connections.number = 3
    fleet.look(time.monotonic())
    assert [child.is_ready for child in connections.was_cut] == [True]
    assert connections.was_cut == [fleet.children["new"]]


def test_what_is_being_stopped_is_neither_started_nor_made_live(fleet: Fleet, connections: Connections) -> None:
    start(fleet, "old")
    start(fleet, "new")
    for reference in ("old", "new"):
        fleet.carry_out({"do": "switch", "reference": reference})
    connections.number = 1
    fleet.carry_out({"do": "stop", "reference": "old"})
    fleet.look(time.monotonic())
    assert fleet.children["old"].process
    with pytest.raises(CommandError, match="is being stopped"):
        start(fleet, "old")
    with pytest.raises(CommandError, match="does not run"):
        fleet.carry_out({"do": "switch", "reference": "old"})


def test_one_that_nobody_needs_ends_after_a_moment(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.look(time.monotonic())
    assert not fleet.is_over
    monkeypatch.setattr(fleets, "UNUSED", 0.0)
    assert looked(fleet, lambda: fleet.is_over)
    with pytest.raises(CommandError, match="about to end"):
        fleet.carry_out({"do": "start"})


def test_one_that_has_something_live_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "UNUSED", 0.0)
    state.write(tmp_path, state.State(live="old", fence=3))
    fleet = Fleet(tmp_path, "127.0.0.1:1")
    assert not looked(fleet, lambda: fleet.is_over)
    assert (fleet.status()["live"], fleet.status()["fence"], fleet.live()) == ("old", 3, None)


def test_a_full_disk_leaves_everything_as_it_is(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    start(fleet, "old")
    fleet.carry_out({"do": "switch", "reference": "old"})

    def fail(folder: Path, new: state.State) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state, "write", fail)
    start(fleet, "new")
    with pytest.raises(OSError, match="No space"):
        fleet.carry_out({"do": "switch", "reference": "new"})
    assert (fleet.status()["live"], fleet.children["old"].drain_until) == ("old", None)


def test_an_error_of_ours_does_not_end_the_service(
    fleet: Fleet, connections: Connections, capsys: pytest.CaptureFixture[str]
) -> None:
    relay: Relay = connections  # type: ignore[assignment]
    assert supervisor._look(fleet, relay, time.monotonic())
    fleet.children["broken"] = None  # type: ignore[assignment]
    assert not supervisor._look(fleet, relay, time.monotonic())
    assert "AttributeError" in capsys.readouterr().err
    del fleet.children["broken"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"live": "x"}', '{"live": null, "fence": "y", "groups": {}}'])
def test_a_state_that_cannot_be_read_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / state.FILE).write_text(text)
    assert state.read(tmp_path) == state.State()
