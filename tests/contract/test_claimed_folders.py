"""A folder that a run has for itself: with others that live, with those that are dead, and with a sweeper."""

import fcntl
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shipit.adapters import claimed
from shipit.adapters.claimed import ClaimedFolder, sweep
from shipit.errors import Unavailable

HOLD = """
import sys
from pathlib import Path
from shipit.adapters.claimed import ClaimedFolder
claimed = ClaimedFolder(Path(sys.argv[1]))
folder = claimed.claim()
(folder / "theirs").touch()
print(folder.name, flush=True)
sys.stdin.read()
"""


@contextmanager
def another(base: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that lives and has the folder."""
    argv = [sys.executable, "-c", HOLD, str(base)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        child.args = child.stdout.readline().strip()
        assert child.args
        try:
            yield child
        finally:
            child.kill()


def names(base: Path) -> list[str]:
    return sorted(path.name for path in base.parent.iterdir())


def test_the_first_gets_the_plain_name(tmp_path: Path) -> None:
    folder = ClaimedFolder(tmp_path / "deep" / "v1")
    assert folder.find() is None
    assert folder.claim() == folder.claim() == folder.find() == tmp_path / "deep" / "v1"
    folder.clear()
    assert names(folder.base) == []
    assert folder.find() is None


def test_another_that_lives_is_left_alone_also_when_it_only_paused(tmp_path: Path) -> None:
    ours = ClaimedFolder(tmp_path / "v1")
    with another(ours.base) as first, another(ours.base) as second:
        assert (first.args, second.args) == ("v1", "v1~2")
        first.send_signal(signal.SIGSTOP)
        assert ours.find() is None
        assert ours.claim() == tmp_path / "v1~3"
        sweep(ours.base)
        ours.clear()
        assert names(ours.base) == ["v1", "v1~2"]
        assert all((tmp_path / name / "theirs").exists() for name in ("v1", "v1~2"))


def test_what_a_dead_one_left_is_gone_on_with(tmp_path: Path) -> None:
    ours = ClaimedFolder(tmp_path / "v1")
    with another(ours.base), another(ours.base) as second:
        second.kill()
        second.wait()
        found = ours.find()
        assert found == ours.claim() == tmp_path / "v1~2"
        assert (ours.claim() / "theirs").exists()


def test_what_dead_ones_left_goes_with_ours(tmp_path: Path) -> None:
    ours = ClaimedFolder(tmp_path / "v1")
    ours.claim()
    with another(ours.base), another(ours.base):
        pass
    assert names(ours.base) == ["v1", "v1~2", "v1~3"]
    ours.clear()
    assert names(ours.base) == []


def test_it_can_be_had_again_after_it_was_removed_by_somebody(tmp_path: Path) -> None:
    ours = ClaimedFolder(tmp_path / "v1")
    ours.claim().rmdir()
    assert ours.claim().is_dir()
    ours.release()
    ours.release()
    assert ClaimedFolder(tmp_path / "v1").claim() == tmp_path / "v1"


def test_a_child_of_ours_does_not_keep_it(tmp_path: Path) -> None:
    ours = ClaimedFolder(tmp_path / "v1")
    ours.claim()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        ours.release()
        assert ClaimedFolder(tmp_path / "v1").claim() == tmp_path / "v1"
        child.kill()


def test_a_folder_that_was_replaced_while_it_was_asked_for_is_not_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "v1"
    base.mkdir()
    flock = fcntl.flock

    def removed_meanwhile(descriptor: int, how: int) -> None:
        flock(descriptor, how)
        base.rmdir()
        base.mkdir()
        monkeypatch.setattr(fcntl, "flock", flock)

    monkeypatch.setattr(fcntl, "flock", removed_meanwhile)
    assert claimed.taken(base) is None
    assert claimed.taken(base)


def test_many_at_once_never_share_one_though_somebody_sweeps(tmp_path: Path) -> None:
    base, over = tmp_path / "v1", threading.Event()

    def go_on_sweeping() -> None:
        while not over.is_set():
            sweep(base)

    sweeper = threading.Thread(target=go_on_sweeping)
    sweeper.start()
    with ExitStack() as stack:
        try:
            children = [stack.enter_context(another(base)) for _ in range(6)]
        finally:
            over.set()
            sweeper.join()
        said = [str(child.args) for child in children]
        assert len({*said}) == len(children)
        assert all((tmp_path / name / "theirs").exists() for name in said)


def test_a_hundred_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claimed, "taken", lambda _: None)
    with pytest.raises(Unavailable, match="too many others"):
        ClaimedFolder(tmp_path / "v1").claim()
    assert len(names(tmp_path / "v1")) == 100
