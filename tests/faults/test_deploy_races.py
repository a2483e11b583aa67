"""Several deploy at once, an owner is stopped and overtaken, a signal comes: one deployment, and nothing half-way.

Only a sample of the signals and of the moments runs: tests/faults/sampling.py says how to run them all.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.deploys.matrix import DEPLOY, LATER, RESUME, Deploys, Striker, differences, steps
from tests.faults.killer import Blow, Moment
from tests.faults.sampling import sampled
from tests.support import run
from tests.support.deploying import LOCK, Estate
from tests.support.run import Ran

DEPLOYERS = 20
STEPS = [name for name in steps() if name != "former"]
PATIENCE = 60.0


@pytest.fixture(scope="module")
def striker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Striker]:
    with Striker(tmp_path_factory.mktemp("striker")) as made:
        yield made


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Striker]:
    """A second command line, for whoever takes over while the first is stopped."""
    with Striker(tmp_path_factory.mktemp("other")) as made:
        yield made


@pytest.fixture(scope="module")
def deploys(striker: Striker, tmp_path_factory: pytest.TempPathFactory) -> Deploys:
    return Deploys.make(tmp_path_factory.mktemp("deploys"), striker)


@pytest.fixture(scope="module")
def sick(striker: Striker, tmp_path_factory: pytest.TempPathFactory) -> Deploys:
    return Deploys.make(tmp_path_factory.mktemp("sick"), striker, sick=True)


@pytest.mark.timeout(280)
def test_of_twenty_at_once_one_deploys_and_the_others_name_it(tmp_path: Path) -> None:
    estate = Estate.lay(tmp_path / "laid")
    first = estate.fresh_clone("clone-0")
    clones = [first, *(estate.folder / f"clone-{number}" for number in range(1, DEPLOYERS))]
    for clone in clones[1:]:
        shutil.copytree(first, clone)
    wait = estate.live / "wait"
    wait.touch()  # the smoke check of the winner takes until all others have ended
    children = [run.start(clone, *DEPLOY) for clone in clones]
    await_that(lambda: sum(child.poll() is not None for child in children) >= DEPLOYERS - 1)
    wait.unlink()
    ended = [run.wait(child) for child in children]

    said = "\n".join(f"{one.code}: {one.said}" for one in ended)
    assert sorted(one.code for one in ended) == [0, *[9] * (DEPLOYERS - 1)], said
    for one in ended:
        assert one.code == 0 or "somebody deploys 1.0.0 (" in one.said, one.said
        assert one.code == 0 or "held by " in one.said, one.said
    assert estate.history == ["1.0.0 complete"]
    assert estate.served == ["site 1.0.0", "api 1.0.0"]
    assert LOCK not in estate.refs


@sampled(("step",), [(name,) for name in STEPS], kind=lambda case: case[0].partition("-")[0])
def test_stopped_before_a_step_and_overtaken_it_writes_nothing_more(
    deploys: Deploys, other: Striker, step: str
) -> None:
    deploys.begin()
    with stopped(deploys, Blow(f"{step}/run/1", "before", "SIGSTOP")) as ran:
        words = RESUME if LOCK in deploys.estate.refs else DEPLOY
        elsewhere = deploys.estate.fresh_clone()
        deploys.run(*words, where=elsewhere, striker=other, env=LATER).ended(0)
        assert differences(deploys.estate.standing(), deploys.end) == []
    found = ran[0].ended(9)
    assert "somebody else has just deployed" in found.said or "no longer ours" in found.said
    assert "hint: " in found.said
    assert differences(deploys.estate.standing(), deploys.end) == []


@sampled(
    ("step",),
    [(name,) for name in STEPS if name.startswith(("start", "switch"))],
    kind=lambda case: case[0].partition("-")[0],
)
def test_stopped_within_a_step_and_overtaken_by_one_that_went_back_it_writes_nothing_more(
    sick: Deploys, other: Striker, step: str
) -> None:
    """The lock was looked at already, so that only its number keeps the old owner from the folder."""
    sick.begin()
    with stopped(sick, Blow(f"{step}/look/1", "after", "SIGSTOP")) as ran:
        sick.run(*RESUME, where=sick.estate.fresh_clone(), striker=other, env=LATER).ended(7)
        assert differences(sick.estate.standing(), sick.end) == []
    assert "another run has taken over, and this one may change nothing any more" in ran[0].ended(9).said
    assert differences(sick.estate.standing(), sick.end) == []


SIGNALS = [
    (step, moment, how)
    for step in STEPS
    for moment in ("before", "after")
    for how in ("SIGINT", "SIGTERM", "SIGHUP")
    if (step, moment) != ("record", "after")
]


@sampled(("step", "moment", "how"), SIGNALS, kind=lambda case: case[0], more=2)
def test_a_signal_frees_the_lock_and_leaves_everything_as_before(
    deploys: Deploys, step: str, moment: Moment, how: str
) -> None:
    deploys.begin()
    ran = deploys.run(*DEPLOY, blow=Blow(f"{step}/run/1", moment, how)).ended(130)
    assert f"interrupted by {how}" in ran.said
    assert "as before" in ran.said
    now = deploys.estate.standing()
    assert LOCK not in now["refs"]
    kept = [name for name in ("served", "kept", "refs") if now[name] != deploys.start[name]]
    assert kept == [], f"{kept} changed: {ran.said}"
    has_migrated = now["schema"] != deploys.start["schema"]
    assert has_migrated == ("the database keeps 0002_more" in ran.said)
    assert [entry["outcome"] for entry in now["entries"]][-2:] in (["complete"], ["rolled back", "complete"])
    deploys.run(*DEPLOY).ended(0)
    assert deploys.estate.served == deploys.end["served"]


@pytest.mark.parametrize("how", ["SIGTERM"])
def test_a_signal_after_the_last_step_leaves_a_complete_deployment(deploys: Deploys, how: str) -> None:
    deploys.begin()
    ran = deploys.run(*DEPLOY, blow=Blow("record/run/1", "after", how)).ended(130)
    assert "everything is as before" not in ran.said
    assert differences(deploys.estate.standing(), deploys.end) == []
    assert "nothing is under way" in deploys.run(*RESUME).ended(0).said


@contextmanager
def stopped(deploys: Deploys, blow: Blow) -> Iterator[list[Ran]]:
    """Stop a deployment at the blow for the time of the block; how it ended is there after the block."""
    ran: list[Ran] = []
    thread = threading.Thread(target=lambda: ran.append(deploys.run(*DEPLOY, blow=blow)))
    thread.start()
    await_that(lambda: _is_stopped(deploys.striker) or not thread.is_alive())
    assert thread.is_alive(), f"{blow.effect} was not reached: {ran[0].said}"
    try:
        yield ran
    finally:
        os.kill(deploys.striker.children[-1], signal.SIGCONT)
        thread.join()


def _is_stopped(striker: Striker) -> bool:
    try:
        pid = striker.children[-1]
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (IndexError, OSError):
        return False


def await_that(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.01)
