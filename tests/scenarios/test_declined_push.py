"""Case 1: the server declines a branch or the tag; nothing moves, anywhere, and the message says which ref."""

from tests.support import gitserver
from tests.support.place import Place
from tests.support.standing import left_over


def test_a_declined_ref_is_named_and_everything_is_as_before(place: Place) -> None:
    outside, here = place.outside(), place.here()

    for declined in ("refs/heads/main", "refs/tags/v1.1.0", "refs/heads/develop"):
        gitserver.decline(place.laid.remote, declined)
        ran = place.shipit("release", "--type", "minor").ended(7)
        assert f"origin declined {declined}" in ran.said
        assert "GH006: Protected branch update failed" in ran.said
        assert "hint: " in ran.said
        assert "--pr" in ran.said
        assert place.outside() == outside
        assert place.here() == here
        assert left_over(place.clone) == []

    gitserver.remove_hooks(place.laid.remote)
    ran = place.shipit("release", "--type", "minor").ended(0)
    assert "v1.1.0 is released and complete" in ran.said
    assert place.outside()["refs"]["refs/tags/v1.1.0"]


def test_a_server_that_takes_nothing_at_all_declines_the_lock(place: Place) -> None:
    outside, here = place.outside(), place.here()
    gitserver.decline_everything(place.laid.remote)

    ran = place.shipit("release", "--type", "minor")

    assert ran.code in {4, 7}
    assert "this repository is read-only" in ran.said
    assert "refs/shipit/lock/release" in ran.said
    assert (place.outside(), place.here()) == (outside, here)


def test_a_server_without_atomic_pushes_still_never_leaves_a_tag_alone(place: Place) -> None:
    gitserver.decline(place.laid.remote, "refs/heads/main")
    place.server.advertise_atomic = False
    try:
        ran = place.shipit("release", "--type", "minor")
    finally:
        place.server.advertise_atomic = True
    assert ran.code == 7, ran.said
    assert "refs/tags/v1.1.0" not in place.outside()["refs"]
    assert place.outside()["forge"]["releases"] == []
