"""Two runs of one release in one clone, both only paused and not dead: one releases, and no run loses its files.

A sample of the files runs: tests/faults/sampling.py says how to run all of them.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.killer import Blow, Killer
from tests.faults.matrix import ASKED, RESUMED, TAG, Matrix, differences
from tests.faults.sampling import sampled
from tests.support.acme import git
from tests.support.place import Place
from tests.support.run import Ran
from tests.support.standing import files, left_over

PATIENCE = 60.0
EVIDENCE = f"refs/shipit/release/{TAG}"
EVERY_FILE = {"SHA256SUMS", "notes.md", "release.json"}
LOST = {0, 5, 9}
"""Not only 9: both would push the same objects, and it may see that they are there."""
COMPLETE = f"{TAG} is released and complete"


@dataclass
class Paused:
    """A run in a thread that stops itself at an effect; `ran` is there once it has ended."""

    killer: Killer
    place: Place
    words: Sequence[str]
    ran: list[Ran] = field(default_factory=list)
    thread: threading.Thread | None = None

    def at(self, effect: str) -> "Paused":
        """Begin, and wait until it has stopped before the effect."""
        blow = Blow(effect, "before", "SIGSTOP")
        self.thread = threading.Thread(target=lambda: self._run(blow))
        self.thread.start()
        await_that(lambda: self._is_stopped or bool(self.ran))
        assert not self.ran, f"{effect} was not reached: {self.ran[0].said}"
        return self

    def _run(self, blow: Blow) -> None:
        self.ran.append(self.killer.run(self.place.clone, *self.words, env=self.place.environment, blow=blow))

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self) -> Ran:
        """Let it go on, and wait for its end."""
        self.send(signal.SIGCONT)
        return self.wait()

    def wait(self) -> Ran:
        assert self.thread
        self.thread.join(PATIENCE)
        return self.ran[0]

    @property
    def pid(self) -> int:
        """The process of the run: the one child of the killer's command line."""
        assert self.killer._child
        parent = self.killer._child.pid
        [pid] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return int(pid)

    @property
    def _is_stopped(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except (ValueError, OSError):  # it has not begun, or ended
            return False


def await_that(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    """A second command line, for the run that takes over while the first is stopped."""
    with Killer(tmp_path_factory.mktemp("other")) as made:
        yield made


@pytest.fixture
def pair(recorded: Matrix, other: Killer) -> Iterator[tuple[Paused, Paused]]:
    """A release and its --resume, in the same clone; neither has begun."""
    recorded.stage.restore(recorded.place, recorded.pristine)
    made = (Paused(recorded.killer, recorded.place, ASKED), Paused(other, recorded.place, RESUMED))
    yield made
    for one in made:
        if one.thread and one.thread.is_alive():  # the test has failed before
            one.send(signal.SIGKILL)
            one.wait()


def kept(place: Place) -> dict[str, bytes]:
    """The files of all runs in the clone."""
    found = files(place.clone / ".git" / "shipit")
    return {name: data for name, data in found.items() if name.startswith("releases/")}


def settle(recorded: Matrix, *ended: Ran) -> None:
    """One of them has released, at most one --resume later; then all is as without any pause."""
    place = recorded.place
    said = "\n".join(f"{one.code}: {one.said}" for one in ended)
    assert [one.code for one in ended if one.code not in {0, 5, 9}] == [], said
    for one in ended:
        assert (one.code == 0) == (COMPLETE in one.said), said
        assert one.code == 0 or "hint: " in one.said, said
    if not any(one.code == 0 for one in ended):
        recorded.run(*RESUMED).ended(0)
    assert differences(place.outside(), recorded.end) == [], said
    assert {*git(place.laid.remote, "ls-tree", "--name-only", EVIDENCE).split()} == EVERY_FILE
    assert differences(place.here(), recorded.end_here) == [], said
    place.shipit("verify", "release", TAG).ended(0)
    writes = place.writes()
    recorded.run("release").ended(0)
    assert place.writes() == writes
    assert left_over(place.clone) == [], said
    assert files(place.state) == {}, said


def test_of_two_that_wait_before_the_push_the_one_that_has_the_lock_releases(
    recorded: Matrix, pair: tuple[Paused, Paused]
) -> None:
    first, second = (one.at("push/run/1") for one in pair)
    first.send(signal.SIGCONT)
    second.send(signal.SIGCONT)
    lost, won = first.wait(), second.wait()

    assert lost.code in LOST, lost.said
    assert lost.code == 0 or "somebody else moved" in lost.said
    settle(recorded, lost, won.ended(0))


def test_the_one_that_loses_leaves_the_files_of_the_one_that_wins(
    recorded: Matrix, pair: tuple[Paused, Paused]
) -> None:
    first = pair[0].at("push/run/1")
    alone = kept(recorded.place)
    second = pair[1].at("push/run/1")
    winners = {name: data for name, data in kept(recorded.place).items() if name not in alone}
    lost = first.end().ended(9)
    refused = recorded.run("release").ended(9)  # another one that meets the lock

    assert "another run holds the release lock" in refused.said
    assert {Path(name).name for name in winners} >= EVERY_FILE
    assert {name: data for name, data in kept(recorded.place).items() if name in winners} == winners
    settle(recorded, lost, second.end().ended(0))


def test_the_one_that_wins_can_be_killed_there_and_a_resume_releases(
    recorded: Matrix, pair: tuple[Paused, Paused]
) -> None:
    first, second = (one.at("push/run/1") for one in pair)
    lost = first.end().ended(9)
    second.send(signal.SIGKILL)

    assert second.wait().code == -9
    settle(recorded, lost)


def test_the_one_that_loses_may_be_the_last_to_go_on_and_writes_nothing(
    recorded: Matrix, pair: tuple[Paused, Paused]
) -> None:
    first, second = (one.at("push/run/1") for one in pair)
    won = second.end().ended(0)
    released = recorded.place.outside()
    lost = first.end()

    assert lost.code in LOST, lost.said
    assert recorded.place.outside() == released
    settle(recorded, lost, won)


@sampled(("name",), [("release.json",), ("SHA256SUMS",), ("small-1.1.0.tar.gz",)], kind=lambda _: "")
def test_a_run_whose_files_are_gone_pushes_nothing(
    recorded: Matrix, pair: tuple[Paused, Paused], name: str
) -> None:
    paused = pair[0].at("push/run/1")
    [folder] = (recorded.place.clone / ".git" / "shipit" / "releases").iterdir()
    (folder / name).unlink()
    ran = paused.end().ended(7)

    assert "files of v1.1.0 are gone" in ran.said
    assert name in ran.said
    assert "everything is as before" in ran.said
    assert differences(recorded.place.outside(), recorded.start) == []
    assert left_over(recorded.place.clone) == []
    recorded.run(*ASKED).ended(0)
    assert differences(recorded.place.outside(), recorded.end) == []
