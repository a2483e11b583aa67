"""A push whose answer does not come is neither called undone nor left behind without its lock."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import run
from tests.support.acme import git
from tests.support.place import DIRECTORY, NO_FORGE, Place, Stage
from tests.support.shaky_proxy import ShakyProxy, Weather
from tests.support.standing import left_over

LOCK, BRANCH, TAG = "refs/shipit/lock/release", "refs/heads/release/v1.1.0", "refs/tags/v1.1.0"
SLOW = 0.8  # seconds, less than the patience
DELETIONS_WAIT = """
while read -r old new ref; do
  case "$new" in *[1-9a-f]*) continue;; esac
  touch "$signs/undoes"
  for _ in $(seq 200); do [ -e "$signs/taken" ] && exit 0; sleep 0.05; done
done
"""
MAY_LAND = "the push of refs/shipit/lock/release got no answer, and may still land"


@pytest.fixture
def place(theatre: Stage) -> Iterator[Place]:
    made = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    yield made
    theatre.clear(made)


def install(place: Place, name: str, script: str) -> None:
    """A hook of the server; `$signs` is a folder where it can leave and find files."""
    hook = place.laid.remote / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nsigns={signs(place)}\n{script}\n")
    hook.chmod(0o755)


def signs(place: Place) -> Path:
    folder = place.laid.folder / "signs"
    folder.mkdir(exist_ok=True)
    return folder


def hold_up_the_first_push(place: Place, seconds: float) -> None:
    first = 'mkdir "$signs/began" 2>/dev/null || exit 0'
    install(place, "pre-receive", f'{first}\nsleep {seconds}\ntouch "$signs/over"')


def wait_for(seen: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def outcome(place: Place) -> set[str]:
    """What a release leaves on the remote while it is under way, or when it is complete."""
    refs = place.outside()["refs"]
    return {name for name in refs if name in {LOCK, BRANCH, TAG} or "/kept/" in name}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_server_is_at_the_lock_leaves_nothing(place: Place, how: signal.Signals) -> None:
    before = place.outside()
    hold_up_the_first_push(place, SLOW)
    child = run.start(place.clone, "release", "--type", "minor", env=place.environment)
    wait_for((signs(place) / "began").exists, "the hook")
    child.send_signal(how)
    ran = run.wait(child).ended(130)

    wait_for((signs(place) / "over").exists, "the end of the hook")
    assert f"interrupted by {how.name}" in ran.said
    assert "everything is as before" in ran.said
    time.sleep(0.3)  # a push that was let go would land now
    assert place.outside() == before
    assert left_over(place.clone) == []
    place.shipit("release", "--type", "minor").ended(0)


class FirstPushCut(Weather):
    """The client of the first push hears the beginning of an answer, and then the link is cut."""

    cuts = 0

    def draw(self, request: bytes) -> tuple[str, float, bool]:
        is_push = b"/git-receive-pack HTTP" in request.partition(b"\r\n")[0] and request.startswith(b"POST ")
        self.cuts += is_push
        return ("during", 0.4, True) if is_push and self.cuts == 1 else ("", 0.0, False)


def test_a_cut_connection_while_the_server_is_at_the_lock_leaves_nothing(place: Place) -> None:
    before = place.outside()
    hold_up_the_first_push(place, SLOW)
    url, port = git(place.clone, "remote", "get-url", "origin").strip(), place.server.port
    proxy = ShakyProxy(port)
    proxy.weather = FirstPushCut()
    proxy.start()
    git(place.clone, "remote", "set-url", "origin", url.replace(f":{port}/", f":{proxy.port}/"))

    ran = place.shipit("release", "--type", "minor").ended(7)

    assert (signs(place) / "over").exists()
    assert "origin did not take the push" in ran.said
    assert "everything is as before" in ran.said
    assert place.outside() == before
    place.shipit("release", "--type", "minor").ended(0)
    proxy.stop()


def test_what_may_still_land_is_said_with_what_undoes_it(place: Place) -> None:
    before = place.outside()
    wait = 'for _ in $(seq 1200); do [ -e "$signs/go-on" ] && exit 0; sleep 0.05; done'
    install(place, "pre-receive", f'mkdir "$signs/began" 2>/dev/null || exit 0\n{wait}')
    child = run.start(place.clone, "release", "--type", "minor", env=place.environment, hurried=True)
    wait_for((signs(place) / "began").exists, "the hook")
    child.send_signal(signal.SIGTERM)
    ran = run.wait(child).ended(130)

    (signs(place) / "go-on").touch()
    assert MAY_LAND in ran.said
    assert "everything is as before" not in ran.said
    assert "hint: shipit release --undo undoes the rest" in ran.said
    wait_for(lambda: outcome(place) == {LOCK, BRANCH}, "lock and branch, never one without the other")
    held = place.shipit("release", "--type", "minor").ended(9)
    assert "its process has ended" in held.said
    place.shipit("release", "--undo").ended(0)
    assert place.outside() == before
    place.shipit("release", "--type", "minor").ended(0)


def test_whoever_takes_a_release_over_keeps_its_branch_while_the_first_run_undoes(place: Place) -> None:
    taker = place.fresh_clone()
    pyproject = place.clone / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('"-c", "pass"]', '"-c", "raise SystemExit(1)"]'))
    install(place, "pre-receive", DELETIONS_WAIT)
    child = run.start(place.clone, "release", "--type", "minor", env=place.environment)
    wait_for((signs(place) / "undoes").exists, "the first run's way back")
    lock = place.outside()["refs"][LOCK]
    hook = (
        'while read -r old new ref; do [ "$ref" = refs/shipit/lock/release ] && touch "$signs/taken"; done; exit 0'
    )
    install(place, "post-receive", hook)
    taken = place.shipit("release", "--resume", where=taker)
    first = run.wait(child)

    assert lock
    taken.ended(0)
    first.ended(4)
    assert "the gate tests failed" in first.said
    assert "another run has taken v1.1.0 over and goes on with it" in first.said
    assert "everything is as before" not in first.said
    assert outcome(place) == {TAG}
    assert left_over(taker) == []
