"""What a run made is kept apart from what it found: only the first is undone, unless the plan says otherwise."""

import pytest

from shipit.engine.plan import Look, State, absent, conflict
from shipit.errors import Denied, LostRace, RolledBack, Unavailable
from tests.unit.engine.pretend import Pretend, PretendUndoable, Stage


def migrations(*, undo_found: bool) -> Stage:
    """The first was applied last week, the second is new, the third fails."""
    return Stage(
        PretendUndoable("migration-1", State.DONE),
        PretendUndoable("migration-2"),
        PretendUndoable("migration-3", fails=Denied("syntax error")),
        Pretend("record"),
        no_return="record",
        undo_found=undo_found,
    )


def test_what_was_done_before_the_run_is_not_undone() -> None:
    stage = migrations(undo_found=False)
    stop = stage.fails(RolledBack)
    assert stage.log == ["run migration-2", "run migration-3", "undo migration-3", "undo migration-2"]
    assert [step.state for step in stage.steps[:2]] == [State.DONE, State.ABSENT]
    assert stop.evidence == ("done before this run, and left as it was: migration-1", "everything is as before")


def test_a_plan_that_says_so_undoes_also_what_it_found() -> None:
    stage = migrations(undo_found=True)
    stop = stage.fails(RolledBack)
    assert stage.log[-3:] == ["undo migration-3", "undo migration-2", "undo migration-1"]
    assert stop.evidence == ("everything is as before",)


def test_what_could_not_be_undone_anyway_is_not_listed_as_left() -> None:
    stage = Stage(
        Pretend("gate", State.DONE),
        PretendUndoable("branch", fails=Denied("no")),
        Pretend("push"),
    )
    assert stage.fails(RolledBack).evidence == ("everything is as before",)


@pytest.mark.parametrize("undo_found", [False, True])
def test_a_step_that_nobody_could_look_at_is_only_undone_where_the_plan_says_so(undo_found: bool) -> None:
    looks: list[Look | BaseException] = [absent(), Unavailable("no answer")]
    stage = Stage(
        PretendUndoable("branch"),
        PretendUndoable("pull-request", looks=looks),
        Pretend("push"),
        undo_found=undo_found,
    )
    stage.fails(RolledBack)
    assert stage.log == ["run branch", *(["undo pull-request"] if undo_found else []), "undo branch"]


def test_somebody_else_s_effect_is_not_undone() -> None:
    looks: list[Look | BaseException] = [absent(), conflict("another came")]
    stage = Stage(PretendUndoable("lock"), PretendUndoable("branch", looks=looks), Pretend("push"))
    stage.fails(LostRace)
    assert stage.log == ["run lock", "undo lock"]


class Lasting(Pretend):
    """Its effect stays, and it says so."""

    def lasts(self) -> str:
        return f"{self.name} stays" if self.state is State.DONE else ""


def test_what_lasts_is_named_and_the_rest_is_as_before() -> None:
    stage = Stage(Lasting("expand"), PretendUndoable("switch", fails=Denied("no")), Pretend("x"), no_return="x")
    assert stage.fails(RolledBack).evidence == ("expand stays", "everything else is as before")


def test_a_lasting_step_that_left_nothing_is_not_named() -> None:
    stage = Stage(Lasting("expand", fails=Denied("no")), Pretend("x"), no_return="x")
    assert stage.fails(RolledBack).evidence == ("everything is as before",)
