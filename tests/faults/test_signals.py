"""SIGINT, SIGTERM and SIGHUP at every push: exit 130, and all is as before or can be resumed and says so."""

import pytest

from tests.faults.killer import Blow, Moment
from tests.faults.matrix import RESUMED, TAG, Matrix, differences, wait_for_end
from tests.support.standing import left_over

PUSHES = ("lock/push/1", "branch/push/1", "push/push/1", "close/push/1")
OTHERS = ("start/journal/1", "gate-tests/command/1", "check/twine/1", "tag-here/set-tag/1", "assets/POST/2")


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("effect", [*PUSHES, *OTHERS])
def test_interrupted_a_release_is_taken_back_or_can_be_resumed_and_says_which(
    recorded: Matrix, effect: str, moment: Moment, how: str
) -> None:
    if moment == "during" and not effect.split("/")[1] in {"push", "command", "twine"}:
        pytest.skip("only a child takes its time")
    if how != "SIGINT" and effect not in PUSHES:
        pytest.skip("every signal takes the same way, shown at the pushes")
    assert effect in recorded.effects

    ran = recorded.strike(Blow(effect, moment, how)).ended(130)

    wait_for_end(recorded.killer.children)
    assert f"interrupted by {how}" in ran.said or "past the point of no return" in ran.said
    assert "hint: " in ran.said
    outside = recorded.place.outside()
    if f"refs/tags/{TAG}" not in outside["refs"]:
        told = ("everything is as before", "nothing was touched", "shipit status says where things stand")
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
