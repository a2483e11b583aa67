"""What is named where a deployment stopped after publishing began, also where not everything answers."""

from types import SimpleNamespace
from typing import Any

import pytest

from shipit.deploy.halfway import what_is_there
from shipit.deploy.steps.publishing import BeginPublishing
from shipit.engine.plan import Look, State
from shipit.errors import LeaseLost, LostRace, Unavailable
from tests.fakes_deploy import FakeTarget, Host
from tests.unit.engine.pretend import Pretend


class Lost(Pretend):
    """A step whose forge does not answer."""

    def look(self) -> Look:
        raise Unavailable("the forge is gone")


class Lock:
    """What these two ask of a lock; `fails` meets every question."""

    def __init__(self, *, is_public: bool = True, fails: Exception | None = None) -> None:
        self._is_public, self._fails = is_public, fails

    @property
    def is_public(self) -> bool:
        if self._fails:
            raise self._fails
        return self._is_public

    def make_public(self) -> None:
        raise LeaseLost("the remote has another commit there")

    def require_ours(self) -> None:
        if self._fails:
            raise self._fails


def context(lock: Lock) -> Any:
    gone = Host(live="1.0.0-1", fails={"live": Unavailable("the disk is gone")})
    return SimpleNamespace(
        lock=lock,
        targets=(FakeTarget(Host(live="1.1.0-2"), "site"), FakeTarget(Host(), "docs"), FakeTarget(gone, "api")),
        published=(Pretend("draft", State.DONE), Pretend("upload"), Lost("publish")),
    )


def test_all_that_is_live_and_published_is_named_and_what_is_not_known_too() -> None:
    assert list(what_is_there(context(Lock()))) == [
        "site: 1.1.0-2 is live",
        "docs: nothing is live",
        "api: it is not known what is live: the disk is gone",
        "published: draft; not yet: upload; not known: publish",
    ]


@pytest.mark.parametrize("lock", [Lock(is_public=False), Lock(fails=Unavailable("the remote is gone"))])
def test_where_publishing_has_not_begun_or_nobody_can_say_nothing_is_named(lock: Lock) -> None:
    assert list(what_is_there(context(lock))) == []


@pytest.mark.parametrize(
    ("lock", "error"),
    [(Lock(), LeaseLost), (Lock(fails=LostRace("another run has taken over")), LostRace)],
)
def test_a_lock_that_cannot_say_it_is_an_error_and_who_took_over_is_named(
    lock: Lock, error: type[Exception]
) -> None:
    made: Any = lock
    with pytest.raises(error) as caught:
        BeginPublishing(lock=made, steps=()).run(lambda _: None)
    assert type(caught.value) is error
