"""SIGKILL in the middle of a child: what the child still does is neither lost nor done twice.

Only a sample runs: tests/faults/sampling.py says how to run one case again, and how to run them all.
"""

from tests.faults.killer import Blow
from tests.faults.matrix import RESUMED, TAG, Matrix, differences, door_of, wait_for_end
from tests.faults.sampling import sampled

CHILDREN = (
    "lock/push/1",
    "gate-tests/clone/1",
    "gate-tests/clone/2",
    "gate-tests/command/1",
    "build/command/1",
    "check/twine/1",
    "push/push/1",
    "tag-here/fetch/1",
    "close/push/1",
)
CASES = [(effect, child) for effect in CHILDREN for child in ("ended", "runs")]


def test_every_child_that_changes_something_is_listed(recorded: Matrix) -> None:
    doors = {"push", "clone", "fetch", "command", "twine"}
    started = {effect for effect in recorded.effects if effect.split("/")[1] in doors}
    assert started == {*CHILDREN}


@sampled(("effect", "child"), CASES, kind=lambda case: door_of(case[0]))
def test_killed_in_the_middle_and_resumed_when_the_child_has_ended_or_while_it_still_runs(
    recorded: Matrix, effect: str, child: str
) -> None:
    blow = Blow(effect, "during")
    ran = recorded.strike(blow)
    assert ran.code == -9, ran.said
    if child == "ended":
        wait_for_end(recorded.killer.children)
        assert recorded.go_on(blow) == []
    else:
        resume_beside_orphans(recorded)


def resume_beside_orphans(recorded: Matrix) -> None:
    """A run that meets what another one's child still does may stop, but says how to go on, and then does."""
    orphans = recorded.killer.children

    tries = [recorded.run(*RESUMED)]
    wait_for_end(orphans)
    while tries[-1].code and len(tries) < 3:
        assert tries[-1].code in {5, 9}, tries[-1].said
        assert "hint: " in tries[-1].said, tries[-1].said
        tries.append(recorded.run(*RESUMED))

    tries[-1].ended(0)
    assert differences(recorded.place.outside(), recorded.end) == []
    assert recorded.place.outside()["refs"][f"refs/tags/{TAG}"]
    assert recorded.place.here()["files"] == recorded.start_here["files"]
    assert recorded.place.here()["index"] == recorded.start_here["index"]
