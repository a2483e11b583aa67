"""A plan is a value, and a look is an answer with its evidence."""

from shipit.engine.plan import Look, Plan, Problem, State, absent, conflict, done


def test_a_look_is_one_of_three_answers() -> None:
    assert [absent(), done(), conflict("why")] == [
        Look(State.ABSENT, ""),
        Look(State.DONE, ""),
        Look(State.CONFLICT, "why"),
    ]
    assert [str(state) for state in State] == ["absent", "done", "conflict"]


def test_evidence_may_stand_with_each() -> None:
    assert (absent("a").evidence, done("b").evidence) == ("a", "b")


def test_a_plan_without_more_has_no_checks_and_only_goes_forward() -> None:
    assert Plan("Release", ()) == Plan("Release", (), checks=(), point_of_no_return=None)


def test_a_problem_needs_no_more_than_what() -> None:
    assert Problem("no") == Problem("no", evidence="", hint="")
