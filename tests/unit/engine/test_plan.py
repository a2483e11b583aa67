"""A plan is a value, and a look is an answer with its evidence."""

import pytest

from shipit.engine.plan import Hints, Look, Plan, Problem, State, Together, absent, conflict, done
from tests.unit.engine.pretend import Pretend


def test_a_look_is_one_of_three_answers_and_a_preview_knows_one_that_is_none() -> None:
    assert [absent(), done(), conflict("why")] == [
        Look(State.ABSENT, ""),
        Look(State.DONE, ""),
        Look(State.CONFLICT, "why"),
    ]
    assert [str(state) for state in State] == ["absent", "done", "conflict", "unknown"]
    assert [state.objects for state in State] == [False, False, True, True]


def test_evidence_may_stand_with_each() -> None:
    assert (absent("a").evidence, done("b").evidence) == ("a", "b")


def test_a_plan_without_more_has_no_checks_no_lock_and_only_goes_forward() -> None:
    assert Plan(title="Release", steps=()) == Plan(
        title="Release",
        steps=(),
        checks=(),
        point_of_no_return=None,
        hints=Hints(),
        guard=None,
        undo_found=False,
    )


def test_a_problem_needs_no_more_than_what_and_stops_the_run() -> None:
    assert Problem("no") == Problem("no", evidence="", hint="", is_warning=False)


def test_all_steps_are_those_that_run_side_by_side_too() -> None:
    build, backend, frontend = Pretend("build"), Pretend("backend"), Pretend("frontend")
    plan = Plan(title="Deploy", steps=(build, Together((backend, frontend))))
    assert plan.all_steps == (build, backend, frontend)


@pytest.mark.parametrize("name", ["frontend", "nothing"])
def test_a_point_of_no_return_that_would_never_be_passed_is_an_error(name: str) -> None:
    steps = (Pretend("build"), Together((Pretend("backend"), Pretend("frontend"))))
    with pytest.raises(ValueError, match=f"{name} is no step of this plan that runs by itself"):
        Plan(title="Deploy", steps=steps, point_of_no_return=name)
