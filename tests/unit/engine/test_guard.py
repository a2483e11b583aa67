"""The plan's lock is freed once, on every way out."""

import pytest

from shipit.engine import events
from shipit.engine.plan import End, Look, Problem, absent, conflict
from shipit.errors import (
    Denied,
    Interrupted,
    LeaseLost,
    LostRace,
    Refused,
    RolledBack,
    Signalled,
    Stop,
    StoppedHalfway,
    Unavailable,
)
from tests.unit.engine.pretend import (
    Asked,
    Pretend,
    PretendGuard,
    Stage,
    branch,
    full,
    gate,
    push,
    upload,
    whole,
)


def guarded(fails: BaseException | None = None, /, **more: Pretend) -> tuple[Stage, PretendGuard]:
    guard = PretendGuard(fails)
    return whole(**more).change(guard=guard), guard


def test_it_is_freed_after_the_last_step() -> None:
    stage, guard = guarded()
    stage.steps[-1].meanwhile = lambda _: guard.freed.append(End.REFUSED)
    stage.run()
    assert guard.freed == [End.REFUSED, End.COMPLETE]


@pytest.mark.parametrize(
    ("more", "kind", "end"),
    [
        ({"gate": gate(fails=Refused("1 test failed"))}, Refused, End.ROLLED_BACK),
        ({"gate": gate(fails=Denied("no"))}, RolledBack, End.ROLLED_BACK),
        ({"gate": gate(fails=Signalled("SIGINT"))}, Interrupted, End.ROLLED_BACK),
        ({"gate": gate(fails=ZeroDivisionError("by zero"))}, Stop, End.ROLLED_BACK),
        ({"branch": branch(looks=[absent(), conflict("other")])}, LostRace, End.ROLLED_BACK),
        ({"lock": branch(looks=[absent(), Unavailable("down")])}, Refused, End.REFUSED),
        ({"upload": upload(fails=Denied("403"))}, StoppedHalfway, End.STOPPED_HALFWAY),
        ({"upload": upload(fails=Signalled("SIGTERM"))}, Interrupted, End.STOPPED_HALFWAY),
        ({"upload": upload(fails=ZeroDivisionError("by zero"))}, StoppedHalfway, End.STOPPED_HALFWAY),
        (
            {"branch": branch(stuck=Unavailable("down")), "gate": gate(fails=Denied("no"))},
            StoppedHalfway,
            End.STOPPED_HALFWAY,
        ),
        (
            {"branch": branch(stuck=ZeroDivisionError("by zero")), "gate": gate(fails=Denied("no"))},
            StoppedHalfway,
            End.STOPPED_HALFWAY,
        ),
        (
            {"branch": branch(stuck=Signalled("SIGTERM")), "gate": gate(fails=Denied("no"))},
            Interrupted,
            End.STOPPED_HALFWAY,
        ),
        (
            {"branch": branch(stuck=LostRace("another run went on")), "gate": gate(fails=Denied("no"))},
            LostRace,
            End.STOPPED_HALFWAY,
        ),
    ],
    ids=[
        "refused by a gate",
        "rolled back",
        "interrupted before the point of no return",
        "a bug in a step",
        "a conflict during the run",
        "the first step failed before it ran",
        "stopped half-way",
        "interrupted past the point of no return",
        "a bug past the point of no return",
        "an effect that cannot be undone",
        "a bug while undoing",
        "interrupted while undoing",
        "taken over by another run",
    ],
)
def test_it_is_freed_once_on_each_other_way_out(more: dict[str, Pretend], kind: type[Stop], end: End) -> None:
    stage, guard = guarded(**more)
    stop = stage.fails(kind)
    assert guard.freed == [end]
    assert stage.end == (stop.title, stop.exit_code)


def test_it_is_freed_once_where_nobody_can_tell_whether_the_point_of_no_return_was_passed() -> None:
    looks: list[Look | BaseException] = [absent(), absent(), Unavailable("down"), Unavailable("down")]
    stage, guard = guarded(push=push(lost=Unavailable("reset"), looks=looks))
    stage.fails(StoppedHalfway)
    assert guard.freed == [End.STOPPED_HALFWAY]


def test_it_is_freed_after_the_rollback() -> None:
    stage, guard = guarded(gate=gate(fails=Denied("no")))
    stage.listeners.append(lambda event: _not_freed(guard) if isinstance(event, events.StepUndone) else None)
    stage.fails(RolledBack)
    assert guard.freed == [End.ROLLED_BACK]


def _not_freed(guard: PretendGuard) -> None:
    assert guard.freed == []


def test_it_is_not_asked_when_the_preflight_refused() -> None:
    guard = PretendGuard()
    Stage(push(), checks=[Asked("tips", (Problem("main is behind"),))], guard=guard).fails(Refused)
    assert guard.freed == []


def test_it_is_not_asked_when_no_step_had_begun() -> None:
    stage, guard = guarded()
    stage.listeners.append(full(events.RunStarted))
    stage.fails(Refused)
    assert guard.freed == []


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        (Unavailable("no answer", evidence=["timed out"]), ("no answer", "timed out")),
        (Signalled("SIGTERM"), ("interrupted by SIGTERM",)),
    ],
)
def test_a_complete_run_whose_lock_stays_has_stopped_halfway(fails: BaseException, words: tuple[str, ...]) -> None:
    stage, guard = guarded(fails)
    stop = stage.fails(StoppedHalfway)
    assert stop.what == "complete, but the lock is not free"
    assert stop.evidence == (f"the lock could not be freed: {words[0]}", *words[1:])
    assert stop.hint == "run the same command with --resume"
    assert guard.freed == [End.COMPLETE]
    assert stage.end == ("stopped half-way", 5)


def test_a_bug_while_freeing_is_said_as_well() -> None:
    stage, _ = guarded(ZeroDivisionError("by zero"))
    assert stage.fails(StoppedHalfway).evidence[0].endswith("a bug in shipit: ZeroDivisionError: by zero")


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        (Denied("no"), StoppedHalfway),
        (Refused("no"), StoppedHalfway),
        (Signalled("SIGTERM"), Interrupted),
        (ZeroDivisionError("no"), Stop),
    ],
)
def test_after_a_failure_a_lock_that_stays_is_said_with_what_is_to_be_done(
    why: BaseException, kind: type[Stop]
) -> None:
    stage, _ = guarded(Unavailable("no answer"), gate=gate(fails=why))
    stop = stage.fails(kind)
    assert type(stop) is kind
    assert stop.evidence[-2:] == ("the lock could not be freed: no answer", "everything else is as before")
    assert stop.hint == "run the same command again"


def test_what_helps_to_free_a_lock_comes_before_the_usual_next_command() -> None:
    stage, _ = guarded(Denied("no deletions", hint="allow them"), gate=gate(fails=Denied("no")))
    assert stage.fails(StoppedHalfway).hint == "allow them; then run the same command again"


@pytest.mark.parametrize("why", [LostRace("another run was faster"), LeaseLost("somebody moved main first")])
def test_after_a_lost_race_nobody_is_sent_to_undo_what_the_winner_has_made(why: Stop) -> None:
    stage, _ = guarded(Signalled("SIGTERM"), gate=gate(fails=why))
    stop = stage.fails(LostRace)
    assert "the lock could not be freed: interrupted by SIGTERM" in stop.evidence
    assert "undo" not in (stop.hint or "")


def test_after_a_failure_a_run_that_has_taken_over_is_said_and_the_failure_stays_what_it_was() -> None:
    stage, _ = guarded(LostRace("another run goes on"), gate=gate(fails=Denied("no")))
    stop = stage.fails(RolledBack)
    assert stop.evidence == ("another run goes on", "everything else is as before")
