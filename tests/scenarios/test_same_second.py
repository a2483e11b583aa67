"""Two clones release within the same second, and so make the same objects: one after the other, or in between."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.faults.sampling import sampled
from tests.support.acme import git, refs
from tests.support.place import DIRECTORY, NO_FORGE, Place, Stage
from tests.support.run import EPOCH, Ran
from tests.support.standing import left_over
from tests.support.tcp_proxy import Proxy

LOCK, TAG = "refs/shipit/lock/release", "refs/tags/v1.1.0"
MINOR = ("release", "--type", "minor")


class Turnstile(Proxy):
    """Nobody gets on before `happens` is over, which begins with the first who comes when `is_time`."""

    def __init__(self, port: int, is_time: Callable[[], bool], happens: Callable[[], object]) -> None:
        super().__init__(port)
        self.is_time = is_time
        self.happens: list[Callable[[], object]] = [happens]

    def _meet(self) -> None:
        if self.happens and self.is_time():
            self.happens.pop()()


@pytest.fixture
def place(theatre: Stage) -> Iterator[Place]:
    made = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    yield made
    theatre.clear(made)


@contextmanager
def interrupted(place: Place, is_time: Callable[[], bool]) -> Iterator[list[Ran]]:
    """Whoever releases from the first clone meets, at that time, a whole release from another one."""
    other, ran = place.fresh_clone(), list[Ran]()
    url = place.server.url(place.name)
    turnstile = Turnstile(urlsplit(url).port or 0, is_time, lambda: ran.append(place.shipit(*MINOR, where=other)))
    turnstile.start()
    git(place.clone, "remote", "set-url", "origin", f"http://127.0.0.1:{turnstile.port}/{place.name}")
    try:
        yield ran
    finally:
        turnstile.stop()
        git(place.clone, "remote", "set-url", "origin", url)


def nothing_is_left(place: Place) -> None:
    assert sorted(refs(place.laid.remote)) == [
        "refs/heads/develop",
        "refs/heads/main",
        "refs/shipit/release/v1.1.0",
        "refs/tags/v1.0.0",
        TAG,
    ]
    assert [left_over(clone) for clone in (place.clone, place.laid.folder / "elsewhere")] == [[], []]
    writes = place.writes()
    place.shipit("verify", "release", "v1.1.0").ended(0)
    assert "v1.1.0 is complete" in place.shipit(*MINOR).ended(0).said
    assert place.writes() == writes


@pytest.mark.parametrize("later", [0, 7])
def test_right_after_a_release_by_somebody_else_there_is_nothing_to_release(place: Place, later: int) -> None:
    with interrupted(place, lambda: True) as other:
        ran = place.shipit(*MINOR, env={"SOURCE_DATE_EPOCH": str(EPOCH + later)}).ended(0)
    assert "v1.1.0 is released and complete" in other[0].ended(0).said
    assert "nothing to release: v1.1.0 is complete" in ran.said
    nothing_is_left(place)


@pytest.mark.parametrize("later", [0, 7])
def test_who_comes_while_the_lock_is_held_loses_and_disturbs_nobody(place: Place, later: int) -> None:
    with interrupted(place, lambda: LOCK in refs(place.laid.remote)) as other:
        ran = place.shipit(*MINOR, env={"SOURCE_DATE_EPOCH": str(EPOCH + later)}).ended(0)
    assert "another run holds the release lock" in other[0].ended(9).said
    assert "v1.1.0 is released and complete" in ran.said
    nothing_is_left(place)


def connections(number: int) -> Callable[[], bool]:
    """The time of the number-th connection: 2 to 6 come between the survey and the pre-flight's looks, 7 and on
    between these and the push of the lock."""
    count = itertools.count(1)
    return lambda: next(count) >= number


@sampled(("number", "later"), itertools.product("2479", "07"), kind=lambda case: case[0])
def test_whoever_decided_before_somebody_else_s_release_was_over_loses(
    place: Place, number: str, later: str
) -> None:
    with interrupted(place, connections(int(number))) as other:
        ran = place.shipit(*MINOR, env={"SOURCE_DATE_EPOCH": str(EPOCH + int(later))})
    assert "v1.1.0 is released and complete" in other[0].ended(0).said
    assert ran.code in {0, 9}, ran.said
    nothing_is_left(place)
