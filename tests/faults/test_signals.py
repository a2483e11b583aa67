"""SIGINT, SIGTERM and SIGHUP at every push: exit 130, and all is as before or can be resumed and says so.

Only a sample runs: tests/faults/sampling.py says how to run one case again, and how to run them all.
"""

from collections.abc import Iterator

from tests.faults.killer import Blow, Moment
from tests.faults.matrix import RESUMED, TAG, Matrix, differences, door_of, wait_for_end
from tests.faults.sampling import sampled
from tests.support.standing import left_over

PUSHES = ("lock/push/1", "push/push/1", "close/push/1")
CHILDREN = ("gate-tests/command/1", "check/twine/1")
OTHERS = ("start/journal/1", "tag-here/set-tag/1", "assets/POST/2")


def cases() -> Iterator[tuple[str, Moment, str]]:
    """Every signal takes the same way, which is shown at the pushes; only a child takes its time."""
    for effect in PUSHES:
        for how in ("SIGINT", "SIGTERM", "SIGHUP"):
            yield from ((effect, "before", how), (effect, "during", how), (effect, "after", how))
    for effect in CHILDREN:
        yield from ((effect, "before", "SIGINT"), (effect, "during", "SIGINT"), (effect, "after", "SIGINT"))
    for effect in OTHERS:
        yield from ((effect, "before", "SIGINT"), (effect, "after", "SIGINT"))


@sampled(("effect", "moment", "how"), cases(), kind=lambda case: door_of(case[0]))
def test_interrupted_a_release_is_undone_or_can_be_resumed_and_says_which(
    recorded: Matrix, effect: str, moment: Moment, how: str
) -> None:
    assert effect in recorded.effects

    ran = recorded.strike(Blow(effect, moment, how)).ended(130)

    wait_for_end(recorded.killer.children)
    assert f"interrupted by {how}" in ran.said or "past the point of no return" in ran.said
    assert "hint: " in ran.said
    outside = recorded.place.outside()
    if f"refs/tags/{TAG}" not in outside["refs"]:
        told = ["everything is as before", "nothing was touched", "shipit status says where things stand"]
        told += ["may still land"] if effect == "lock/push/1" else []  # of a push without an answer nobody knows
        assert any(text in ran.said for text in told), ran.said
        assert differences(outside, recorded.start) == []
        assert differences(recorded.place.here(), recorded.start_here) == []
        assert left_over(recorded.place.clone) == []
    else:
        assert "--resume" in ran.said
        assert "nothing was touched" not in ran.said
        assert "as before" not in ran.said
    recorded.run(*RESUMED).ended(0)
    assert differences(recorded.place.outside(), recorded.end) == []
    assert differences(recorded.place.here(), recorded.end_here) == []
