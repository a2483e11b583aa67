"""Killed just before and just after its effects, a release can be finished anywhere, or undone.

The effects are those that a recorded release had, and every step of its plan is among them. After the blow the
release is resumed in the same clone, or in a fresh one; before the push it may also be undone. Where two blows
leave the very same state behind, nobody goes twice the same way from it. Only a sample runs: sampling.py in this
folder says how to run one case again, and how to run them all.
"""

from tests.faults.killer import Moment
from tests.faults.matrix import BEFORE_THE_PLAN, Matrix, doors, steps
from tests.faults.sampling import sampled

DONE_BY_ANOTHER = {"back-merge"}
"""Made by the one push when develop can be merged; tests/faults/test_back_merge.py has it as a step of its own."""
PLACES = doors((BEFORE_THE_PLAN, *steps()), **dict.fromkeys(DONE_BY_ANOTHER, "journal"))
CASES = [(step, door, moment) for step, door in PLACES for moment in ("before", "after")]


def test_every_step_of_the_plan_is_among_the_effects(recorded: Matrix) -> None:
    assert recorded.recorded
    (started,) = recorded.recorded.ended(0).events("run-started")
    planned = [step["name"] for step in started["steps"]]
    ran = [effect.split("/")[0] for effect in recorded.effects if effect.endswith("/run/1")]
    skipped = [event["name"] for event in recorded.recorded.events("step-skipped")]

    assert planned == steps()
    assert [name for name in planned if name not in DONE_BY_ANOTHER] == ran
    assert set(skipped) == DONE_BY_ANOTHER


def test_every_effect_is_one_of_the_cases(recorded: Matrix) -> None:
    assert recorded.doors == {*PLACES}


@sampled(("step", "door", "moment"), CASES, kind=lambda case: case[1], more=2)
def test_killed_at_an_effect_the_release_can_be_finished_or_undone(
    recorded: Matrix, step: str, door: str, moment: Moment
) -> None:
    found = recorded.killed(step, door, moment)
    assert not found, "\n".join(found)
