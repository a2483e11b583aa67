"""Independent steps side by side."""

import threading
import time
from functools import partial
from threading import Barrier, Event

import pytest

from shipit.engine import events
from shipit.engine.plan import Say, State, Step, Together, absent, conflict
from shipit.engine.preview import Emit
from shipit.engine.side_by_side import run_side_by_side
from shipit.errors import Denied, ExternalError, Interrupted, LostRace, RolledBack, Signalled, Stop, StoppedHalfway
from tests.unit.engine.pretend import Pretend, PretendGuard, PretendUndoable, Stage, full, push

PATIENCE = 20.0


def both(left: Pretend, right: Pretend, *more: Pretend, guard: PretendGuard | None = None) -> Stage:
    return Stage(Together((left, right)), *more, push(), guard=guard)


def test_the_steps_overlap() -> None:
    barrier = Barrier(2, timeout=PATIENCE)
    meeting = [Pretend(name, meanwhile=lambda _: _meet(barrier)) for name in ("backend", "frontend")]
    stage = both(*meeting)
    stage.run()
    assert sorted(stage.log[:2]) == ["run backend", "run frontend"]
    assert stage.end == ("complete", 0)


def _meet(barrier: Barrier) -> None:
    barrier.wait()


def test_each_line_keeps_the_name_of_its_step() -> None:
    barrier = Barrier(2, timeout=PATIENCE)
    talking = [Pretend(name, meanwhile=partial(_take_turns, name, barrier)) for name in ("backend", "frontend")]
    stage = both(*talking)
    stage.run()
    said = [event for event in stage.seen if isinstance(event, events.Said) and "working" not in event.line]
    assert len(said) == 100
    assert all(event.line.startswith(f"{event.name} ") for event in said)
    for name in ("backend", "frontend"):
        assert [event.line for event in said if event.name == name] == [f"{name} {number}" for number in range(50)]


def _take_turns(name: str, barrier: Barrier, say: Say) -> None:
    for number in range(50):
        barrier.wait()
        say(f"{name} {number}")


def test_no_two_events_are_emitted_at_the_same_time() -> None:
    busy = threading.Lock()

    def listen(event: events.Event) -> None:
        assert busy.acquire(blocking=False), "two events at once"
        time.sleep(0.001)
        busy.release()

    talking = [Pretend(name, meanwhile=_ten_lines) for name in ("backend", "frontend")]
    stage = both(*talking)
    stage.listeners.append(listen)
    stage.run()
    assert stage.end == ("complete", 0)


def _ten_lines(say: Say) -> None:
    for number in range(10):
        say(str(number))


def test_the_numbers_count_every_step() -> None:
    stage = Stage(Pretend("build"), Together((Pretend("backend"), Pretend("frontend"))), push())
    stage.run()
    numbers = {
        event.name: (event.number, event.total) for event in stage.seen if isinstance(event, events.StepDone)
    }
    assert numbers == {"build": (1, 4), "backend": (2, 4), "frontend": (3, 4), "push": (4, 4)}
    [started] = [event for event in stage.seen if isinstance(event, events.RunStarted)]
    assert [name for name, _ in started.steps] == ["build", "backend", "frontend", "push"]


def test_what_is_done_is_skipped_and_only_the_rest_runs() -> None:
    stage = both(Pretend("backend", State.DONE), Pretend("frontend"))
    stage.run()
    assert stage.log == ["run frontend", "run push"]
    assert "StepSkipped backend" in stage.kinds


def test_where_all_of_them_are_done_nothing_runs() -> None:
    stage = both(Pretend("backend", State.DONE), Pretend("frontend", State.DONE))
    stage.run()
    assert stage.log == ["run push"]


def test_a_conflict_with_one_of_them_starts_none() -> None:
    late = PretendUndoable("frontend", looks=[absent(), conflict("another came")])
    stage = both(PretendUndoable("backend"), late)
    assert stage.fails(LostRace).what == "frontend: a conflict appeared during the run"
    assert stage.log == []


def test_one_that_fails_lets_the_others_end_and_everything_made_is_undone() -> None:
    failed = Event()
    slow = PretendUndoable("frontend", meanwhile=lambda _: _wait_for(failed))
    stage = both(PretendUndoable("backend", fails=Denied("no")), slow, guard=(guard := PretendGuard()))
    stage.listeners.append(lambda event: failed.set() if isinstance(event, events.StepFailed) else None)
    stop = stage.fails(RolledBack)
    assert stop.what == "backend: no"
    assert stop.evidence == ("everything is as before",)
    assert stage.log[2:] == ["undo frontend", "undo backend"]
    assert stage.kinds.index("StepFailed backend") < stage.kinds.index("StepDone frontend")
    assert stage.kinds.count("StepFailed backend") == 1
    assert "run push" not in stage.log
    assert guard.freed == ["rolled back"]


def _wait_for(event: Event) -> None:
    assert event.wait(PATIENCE)


def test_where_several_fail_the_first_is_the_reason_and_the_others_stand_in_the_evidence() -> None:
    failed = Event()
    late = Pretend("frontend", meanwhile=lambda _: _wait_for(failed), fails=ZeroDivisionError("by zero"))
    stage = both(Pretend("backend", fails=Denied("no", evidence=["because"])), late)
    stage.listeners.append(lambda event: failed.set() if isinstance(event, events.StepFailed) else None)
    stop = stage.fails(RolledBack)
    assert stop.what == "backend: no"
    assert stop.evidence == (
        "because",
        "frontend failed as well: a bug in shipit: ZeroDivisionError: by zero",
        "everything is as before",
    )
    assert [kind for kind in stage.kinds if "Failed" in kind] == ["StepFailed backend", "StepFailed frontend"]


def test_a_bug_in_one_of_them_is_called_a_bug() -> None:
    stage = both(Pretend("backend"), Pretend("frontend", fails=ZeroDivisionError("by zero")))
    assert stage.fails(Stop).what == "frontend: a bug in shipit: ZeroDivisionError: by zero"
    assert stage.end == ("bug", 1)


def test_past_the_point_of_no_return_a_failure_undoes_nothing() -> None:
    pair = Together((PretendUndoable("backend"), PretendUndoable("frontend", fails=Denied("no"))))
    stage = Stage(push(), pair)
    stop = stage.fails(StoppedHalfway)
    assert stop.what == "frontend: no"
    assert not any(line.startswith("undo") for line in stage.log)


def test_an_interruption_stops_a_step_that_talks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal arrives while the main thread waits for both."""
    interrupt_when_waited_for(monkeypatch, talking := Event())
    stage = both(
        PretendUndoable("backend", meanwhile=lambda say: _talk_until_stopped(say, talking)),
        PretendUndoable("frontend", State.DONE),
        guard=(guard := PretendGuard()),
    )
    stop = stage.fails(Interrupted)
    assert stop.what == "backend: interrupted by SIGTERM"
    assert stop.evidence[-1] == "everything is as before"
    assert [event.what for event in stage.seen if isinstance(event, events.StepFailed)] == [
        "stopped, because the run was interrupted"
    ]
    assert stage.log == ["run backend", "undo backend"]
    assert guard.freed == ["rolled back"]


def test_an_interruption_lets_a_step_end_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_when_waited_for(monkeypatch, running := Event())

    def quiet(_: Say) -> None:
        running.set()
        time.sleep(0.05)

    stage = both(PretendUndoable("backend", meanwhile=quiet), PretendUndoable("frontend", State.DONE))
    stage.fails(Interrupted)
    assert "StepDone backend" in stage.kinds
    assert not [kind for kind in stage.kinds if kind.startswith("StepFailed")]
    assert stage.log == ["run backend", "undo backend"]


def test_an_interruption_keeps_a_step_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_when_waited_for(monkeypatch, begun := Event())
    stopped: list[str] = []

    def start_again_and_again(step: Step, emit: Emit) -> None:
        end = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < end:
                emit(events.StepStarted(step.name, step.summary, 1, 1))
                begun.set()
        except ExternalError as error:
            stopped.append(error.what)

    with pytest.raises(Signalled):
        run_side_by_side([Pretend("backend")], start_again_and_again, lambda _: None)
    assert stopped == ["stopped, because the run was interrupted"]


def interrupt_when_waited_for(monkeypatch: pytest.MonkeyPatch, when: Event) -> None:
    def wait(_: object) -> None:
        assert when.wait(PATIENCE)
        raise Signalled("SIGTERM")

    monkeypatch.setattr("shipit.engine.side_by_side.wait", wait)


def _talk_until_stopped(say: Say, talking: Event) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        say("still at it")
        talking.set()


def test_a_signal_that_a_step_raises_itself_ends_the_run_too() -> None:
    stage = both(Pretend("backend", fails=Signalled("SIGINT")), PretendUndoable("frontend"))
    assert stage.fails(Interrupted).what == "backend: interrupted by SIGINT"
    assert "undo frontend" in stage.log


def test_a_full_disk_fails_the_step_that_could_not_be_written() -> None:
    stage = both(PretendUndoable("backend"), PretendUndoable("frontend"))
    stage.listeners.append(
        lambda event: full(events.StepDone)(event) if getattr(event, "name", "") == "frontend" else None
    )
    assert stage.fails(RolledBack).what.startswith("frontend: the journal cannot be written")
    assert stage.log[2:] == ["undo frontend", "undo backend"]


def test_all_of_them_have_ended_when_it_returns() -> None:
    ended: list[str] = []

    def make(step: Step, _: Emit) -> None:
        time.sleep(0.02)
        ended.append(step.name)

    steps = [Pretend(str(number)) for number in range(8)]
    assert run_side_by_side(steps, make, lambda _: None) == []
    assert sorted(ended) == [str(number) for number in range(8)]
