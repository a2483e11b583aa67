"""Killed just before and just after every effect, a release can be finished anywhere, or taken back.

The effects are those that a recorded release had, and every step of its plan is among them. After the blow the
release is resumed in the same clone and, separately, in a fresh one; before the push it is also undone. Two blows
that leave the very same state behind are gone on from once.
"""

import pytest

from tests.faults.killer import Blow, Moment
from tests.faults.matrix import BEFORE_THE_PLAN, Matrix, steps

DONE_BY_ANOTHER = {"back-merge"}
"""Made by the one push when develop can be merged; tests/faults/test_back_merge.py has it as a step of its own."""


def test_every_step_of_the_plan_is_among_the_effects(recorded: Matrix) -> None:
    assert recorded.recorded
    (started,) = recorded.recorded.ended(0).events("run-started")
    planned = [step["name"] for step in started["steps"]]
    ran = [effect.split("/")[0] for effect in recorded.effects if effect.endswith("/run/1")]
    skipped = [event["name"] for event in recorded.recorded.events("step-skipped")]

    assert planned == steps()
    assert [name for name in planned if name not in DONE_BY_ANOTHER] == ran
    assert set(skipped) == DONE_BY_ANOTHER
    assert {effect.split("/")[0] for effect in recorded.effects} == {BEFORE_THE_PLAN, *planned}
    assert {"push/push/1", "draft/POST/1", "publish/PATCH/1", "tag-here/set-tag/1"} <= {*recorded.effects}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", [BEFORE_THE_PLAN, *steps()])
def test_killed_at_any_effect_of_a_step_the_release_can_be_finished_or_undone(
    recorded: Matrix, step: str, moment: Moment
) -> None:
    effects = recorded.effects_of(step)
    assert effects
    found: list[str] = []
    for effect in effects:
        blow = Blow(effect, moment)
        ran = recorded.strike(blow)
        assert ran.code == -9, f"{effect} was not reached {moment}: {ran.said}"
        found += recorded.go_on(blow)
    assert not found, "\n".join(found)
