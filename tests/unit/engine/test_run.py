"""The engine with steps that only pretend: in which order they are asked, run and undone, and how the run ends."""

import pytest

from shipit.engine import events
from shipit.engine.ending import as_stop
from shipit.engine.plan import Hints, Look, State, Undoable, absent, conflict, done
from shipit.engine.rollback import roll_back
from shipit.engine.run import carry_out
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
from tests.unit.engine.pretend import Asked, Stage, branch, full, gate, lock, push, upload, whole

COMMANDS = Hints(again="mend it", resume="go on", stuck="ask somebody")


class TestAGoodRun:
    def test_runs_what_is_absent_in_order_and_skips_what_is_done(self) -> None:
        stage = whole(branch=branch(state=State.DONE))
        stage.run()
        assert stage.log == ["run lock", "run gate", "run push", "run upload"]

    def test_emits_every_event_in_order(self) -> None:
        stage = Stage(lock(), branch(state=State.DONE), push(), checks=[Asked("tips")])
        stage.run()
        assert stage.kinds == [
            "RunStarted",
            "Checked tips",
            "Looked lock",
            "Looked branch",
            "Looked push",
            "StepStarted lock",
            "Said lock",
            "StepDone lock",
            "StepSkipped branch",
            "StepStarted push",
            "Said push",
            "StepDone push",
            "PointOfNoReturnPassed push",
            "RunFinished",
        ]
        assert stage.seen[0] == events.RunStarted(
            "Release acme 1.1.0", (("lock", "Do lock"), ("branch", "Do branch"), ("push", "Do push")), "push"
        )
        assert stage.seen[5:7] == [
            events.StepStarted("lock", "Do lock", 1, 3),
            events.Said("lock", "working on lock"),
        ]
        assert stage.seen[8] == events.StepSkipped("branch", "Do branch", done("branch is done"), 2, 3)
        assert stage.end == ("complete", 0)

    def test_passes_the_point_of_no_return_also_when_it_was_done_before(self) -> None:
        stage = whole(push=push(state=State.DONE))
        stage.run()
        assert "PointOfNoReturnPassed push" in stage.kinds

    def test_says_what_was_seen_after_a_step_and_how_long_it_took(self) -> None:
        stage = Stage(push())
        stage.run()
        [event] = [event for event in stage.seen if isinstance(event, events.StepDone)]
        assert event.look == done("push is done")
        assert event.seconds >= 0
        assert (event.number, event.total) == (1, 1)

    def test_goes_on_when_an_answer_was_lost_and_the_effect_is_there(self) -> None:
        stage = whole(branch=branch(lost=Unavailable("connection reset")))
        stage.run()
        assert stage.log == ["run lock", "run branch", "run gate", "run push", "run upload"]
        assert "StepFailed branch" not in stage.kinds

    def test_of_a_plan_without_steps_is_complete(self) -> None:
        stage = Stage(no_return=None)
        stage.run()
        assert stage.kinds == ["RunStarted", "RunFinished"]


class TestBeforeThePointOfNoReturn:
    def test_a_failure_undoes_in_reverse_order_and_says_7(self) -> None:
        stage = whole(gate=gate(fails=Denied("no", where="here", evidence=["because"], hint="do that")))
        stop = stage.fails(RolledBack)
        assert stage.log == ["run lock", "run branch", "run gate", "undo branch", "undo lock"]
        assert stop.exit_code == 7
        assert (stop.what, stop.where, stop.hint) == ("gate: no", "here", "do that")
        assert stop.evidence == ("because", "everything is as before")
        assert stage.end == ("rolled back", 7)

    def test_a_failure_without_a_hint_of_its_own_gets_the_plan_s(self) -> None:
        stage = whole(gate=gate(invisible=True, looks=[absent(), absent(), conflict("other")]))
        stage.change(hints=COMMANDS)
        stage.steps[2].fails = Refused("no")
        assert stage.fails(Refused).hint == "mend it"

    def test_a_rollback_emits_its_events_in_order(self) -> None:
        stage = whole(gate=gate(fails=Denied("no")))
        stage.fails(RolledBack)
        assert stage.kinds[-9:] == [
            "StepStarted gate",
            "Said gate",
            "StepFailed gate",
            "RollingBack",
            "Said branch",
            "StepUndone branch",
            "Said lock",
            "StepUndone lock",
            "RunFinished",
        ]
        assert events.RollingBack("gate: no") in stage.seen

    def test_a_step_whose_effect_cannot_be_seen_after_it_ran_has_failed(self) -> None:
        stage = whole(gate=gate(invisible=True))
        stop = stage.fails(RolledBack)
        assert stop.what == "gate: it finished, but its effect is not there"
        assert stop.evidence == ("gate is absent", "everything is as before")

    def test_an_invisible_effect_without_evidence_says_just_that(self) -> None:
        stage = Stage(lock(invisible=True, looks=[absent(), absent(), absent()]), push())
        assert stage.fails(RolledBack).evidence == ("everything is as before",)

    def test_a_lost_answer_without_an_effect_is_the_reason_itself(self) -> None:
        stage = whole(gate=gate(fails=Unavailable("connection reset")))
        assert stage.fails(RolledBack).what == "gate: connection reset"

    def test_a_look_that_fails_too_does_not_hide_what_failed_first(self) -> None:
        looks: list[Look | BaseException] = [absent(), absent(), Unavailable("the connection is closed")]
        stage = whole(gate=gate(fails=Denied("no"), looks=looks))
        assert stage.fails(RolledBack).what == "gate: no"

    def test_a_step_that_nobody_can_look_at_after_it_ran_has_failed(self) -> None:
        looks: list[Look | BaseException] = [absent(), absent(), Unavailable("no answer")]
        stage = whole(gate=gate(looks=looks))
        assert stage.fails(RolledBack).what == "gate: no answer"

    def test_what_another_run_has_taken_over_is_left_to_it(self) -> None:
        stuck = branch(stuck=LostRace("another run went on", evidence=["pid 4711"], hint="wait for it"))
        stage = whole(branch=stuck, gate=gate(fails=Denied("no")))
        stop = stage.fails(LostRace)
        assert (stop.what, stop.evidence) == ("gate: no", ("another run went on", "pid 4711"))
        assert stop.hint == "wait for it"
        assert stage.end == ("another run", 9)

    def test_a_signal_stays_one_also_where_another_run_has_taken_over(self) -> None:
        stuck = branch(stuck=LostRace("another run went on"))
        stage = whole(branch=stuck, gate=gate(fails=Signalled("SIGTERM")))
        assert stage.fails(Interrupted).evidence == ("another run went on",)

    def test_a_refused_gate_says_4_and_everything_is_as_before(self) -> None:
        stage = whole(gate=gate(fails=Refused("the gate tests failed", evidence=["1 failed"])))
        stop = stage.fails(Refused)
        assert stop.exit_code == 4
        assert stop.evidence == ("1 failed", "everything is as before")
        assert stage.log[-2:] == ["undo branch", "undo lock"]

    def test_a_lost_race_says_9(self) -> None:
        stage = whole(branch=branch(fails=LeaseLost("somebody else moved it")))
        stop = stage.fails(LostRace)
        assert stop.exit_code == 9
        assert stage.log == ["run lock", "run branch", "undo branch", "undo lock"]

    def test_a_conflict_that_appears_during_the_run_is_a_lost_race(self) -> None:
        stage = whole(branch=branch(looks=[absent(), conflict("branch is at 123, not ours")]))
        stop = stage.fails(LostRace)
        assert stop.what == "branch: a conflict appeared during the run"
        assert stop.evidence == ("branch is at 123, not ours", "everything is as before")
        assert stage.log == ["run lock", "undo lock"]

    def test_a_signal_says_130_when_everything_is_undone(self) -> None:
        stage = whole(gate=gate(fails=Signalled("SIGINT")))
        stop = stage.fails(Interrupted)
        assert stop.exit_code == 130
        assert stop.what == "gate: interrupted by SIGINT"
        assert stage.log[-2:] == ["undo branch", "undo lock"]
        assert stage.end == ("interrupted", 130)

    def test_a_failure_before_the_first_effect_touches_nothing_and_says_so(self) -> None:
        stage = Stage(lock(looks=[absent(), Unavailable("no answer")]), push())
        stop = stage.fails(Refused)
        assert stop.what == "lock: no answer"
        assert stop.evidence == ("nothing was touched",)
        assert "RollingBack" not in stage.kinds

    def test_an_effect_that_cannot_be_undone_says_5_and_names_the_next_command(self) -> None:
        stuck = branch(stuck=Unavailable("no answer", where="origin", evidence=["timed out"]))
        stage = whole(branch=stuck, gate=gate(fails=Denied("no"))).change(hints=COMMANDS)
        stop = stage.fails(StoppedHalfway)
        assert stop.exit_code == 5
        assert stop.what == "gate: no"
        assert stop.evidence == ("branch could not be undone: no answer", "timed out")
        assert stop.hint == "ask somebody"
        assert stage.log[-1] == "undo branch"
        assert stage.end == ("stopped half-way", 5)

    @pytest.mark.parametrize(
        ("stuck", "words"),
        [
            (ZeroDivisionError("by zero"), "a bug in shipit: ZeroDivisionError: by zero"),
            (Refused("not now"), "not now"),
            (LeaseLost("moved"), "moved"),
        ],
    )
    def test_whatever_keeps_an_effect_from_being_undone_says_5(self, stuck: Exception, words: str) -> None:
        stage = whole(branch=branch(stuck=stuck), gate=gate(fails=Denied("no")))
        stop = stage.fails(StoppedHalfway)
        assert stop.evidence[0] == f"branch could not be undone: {words}"
        assert stage.end == ("stopped half-way", 5)

    def test_a_signal_during_a_rollback_says_130_and_what_is_left_to_undo(self) -> None:
        stage = whole(branch=branch(stuck=Signalled("SIGTERM")), gate=gate(fails=Denied("no")))
        stop = stage.change(hints=COMMANDS).fails(Interrupted)
        assert stop.what == "gate: no"
        assert stop.evidence == ("interrupted by SIGTERM while branch was being undone",)
        assert stop.hint == "ask somebody"
        assert stage.end == ("interrupted", 130)

    def test_a_signal_between_two_undone_steps_says_130_as_well(self) -> None:
        def interrupt(event: events.Event) -> None:
            if isinstance(event, events.StepUndone):
                raise Signalled("SIGTERM")

        stage = whole(gate=gate(fails=Denied("no"))).change(hints=COMMANDS)
        stage.listeners.append(interrupt)
        stop = stage.fails(Interrupted)
        assert (stop.what, stop.hint) == ("interrupted by SIGTERM on the way out", "ask somebody")
        assert stage.end == ("interrupted", 130)

    def test_a_bug_in_a_step_is_called_a_bug_and_rolled_back(self) -> None:
        stage = whole(gate=gate(fails=ZeroDivisionError("nothing to divide by")))
        stop = stage.fails(Stop)
        assert stop.exit_code == 1
        assert stop.what == "gate: a bug in shipit: ZeroDivisionError: nothing to divide by"
        assert any(row.startswith("pretend.py:") and row.endswith(" in run") for row in stop.evidence)
        assert stop.hint == "please report it"
        assert stage.log[-2:] == ["undo branch", "undo lock"]
        assert stage.end == ("bug", 1)

    def test_a_bug_in_an_output_does_not_keep_a_run_from_rolling_back(self) -> None:
        def broken(event: events.Event) -> None:
            if isinstance(event, events.StepFailed | events.RollingBack | events.StepUndone | events.RunFinished):
                raise ZeroDivisionError

        stage = whole(gate=gate(fails=Denied("no")))
        stage.listeners.append(broken)
        stage.fails(RolledBack)
        assert stage.log[-2:] == ["undo branch", "undo lock"]


class TestPastThePointOfNoReturn:
    def test_a_failure_says_5_and_hints_at_resume(self) -> None:
        stage = whole(upload=upload(fails=Denied("403", where="pypi", evidence=["bad token"], hint="renew it")))
        stop = stage.fails(StoppedHalfway)
        assert stop.exit_code == 5
        assert (stop.what, stop.where, stop.evidence) == ("upload: 403", "pypi", ("bad token",))
        assert stop.hint == "renew it; run the same command with --resume"
        assert not any(line.startswith("undo") for line in stage.log)
        assert stage.end == ("stopped half-way", 5)

    def test_a_plan_of_another_kind_brings_its_own_next_commands(self) -> None:
        stage = whole(upload=upload(fails=Refused("no"))).change(hints=COMMANDS)
        assert stage.fails(StoppedHalfway).hint == "go on"

    def test_a_signal_stays_a_signal(self) -> None:
        stop = whole(upload=upload(fails=Signalled("SIGTERM"))).fails(Interrupted)
        assert stop.what == "interrupted at upload, past the point of no return"
        assert stop.hint == "run the same command with --resume"

    def test_a_plan_without_a_point_of_no_return_never_goes_back(self) -> None:
        stage = Stage(lock(), upload(fails=Denied("403")), no_return=None)
        stage.fails(StoppedHalfway)
        assert stage.log == ["run lock", "run upload"]

    def test_the_step_itself_declined_is_rolled_back(self) -> None:
        stage = whole(push=push(fails=Denied("main declined")))
        assert stage.fails(RolledBack).what == "push: main declined"
        assert stage.log[-2:] == ["undo branch", "undo lock"]

    def test_the_lost_answer_of_the_step_itself_goes_on_when_it_landed(self) -> None:
        stage = whole(push=push(lost=Unavailable("connection reset")))
        stage.run()
        assert stage.log[-2:] == ["run push", "run upload"]

    def test_a_push_that_lands_during_its_rollback_is_not_called_rolled_back(self) -> None:
        late: list[Look | BaseException] = [absent(), absent(), absent(), done("landed after all")]
        stop = whole(push=push(fails=Signalled("SIGTERM"), looks=late)).fails(Interrupted)
        assert stop.what == "interrupted at push, past the point of no return"
        assert stop.hint == "run the same command with --resume"

    def test_a_signal_in_the_step_itself_is_past_it_when_it_landed(self) -> None:
        stage = whole(push=push(lost=Signalled("SIGINT")))
        stop = stage.fails(Interrupted)
        assert "past the point of no return" in stop.what
        assert not any(line.startswith("undo") for line in stage.log)

    @pytest.mark.parametrize(
        ("blind", "words"),
        [
            (Unavailable("still down", evidence=["503"]), "still down"),
            (ZeroDivisionError("by zero"), "a bug in shipit: ZeroDivisionError: by zero"),
        ],
    )
    def test_where_nobody_can_tell_whether_it_landed_nothing_is_undone(self, blind: Exception, words: str) -> None:
        looks: list[Look | BaseException] = [absent(), absent(), Unavailable("down"), blind]
        stage = whole(push=push(lost=Unavailable("connection reset"), looks=looks))
        stop = stage.fails(StoppedHalfway)
        assert stop.what == f"push: cannot tell whether it happened: {words}"
        assert stop.evidence
        assert stop.hint == "run the same command with --resume once the other side answers"
        assert not any(line.startswith("undo") for line in stage.log)
        assert stage.end == ("stopped half-way", 5)

    def test_a_push_that_never_began_is_rolled_back_though_nobody_can_look(self) -> None:
        looks: list[Look | BaseException] = [absent(), *[Unavailable("down", evidence=["503"])] * 3]
        stop = whole(push=push(looks=looks)).fails(RolledBack)
        assert stop.what == "push: down"
        assert stop.evidence == ("503", "everything is as before")

    def test_a_push_that_was_found_done_is_past_it_when_that_could_not_be_written(self) -> None:
        stage = whole(push=push(state=State.DONE))
        stage.listeners.append(full(events.StepSkipped))
        stage.fails(StoppedHalfway)
        assert not any(line.startswith("undo") for line in stage.log)

    def test_a_step_that_says_itself_that_it_stopped_halfway_is_believed(self) -> None:
        stage = whole(branch=branch(fails=StoppedHalfway("stopped at the last good version")))
        assert stage.fails(StoppedHalfway).what == "branch: stopped at the last good version"
        assert stage.log == ["run lock", "run branch"]


class TestAJournalOnAFullDisk:
    def test_stops_before_anything_is_touched_when_it_is_full_from_the_start(self) -> None:
        stage = whole()
        stage.listeners.append(full(events.RunStarted))
        stop = stage.fails(Refused)
        assert stop.what == "pre-flight: the journal cannot be written: No space left on device"
        assert stop.evidence == ("nothing was touched",)
        assert stage.log == []

    def test_rolls_back_what_was_done_although_it_cannot_write_of_it(self) -> None:
        stage = whole()
        stage.listeners.append(full(events.StepDone))
        assert stage.fails(RolledBack).what.startswith("lock: the journal cannot be written")
        assert stage.log == ["run lock", "undo lock"]

    def test_is_past_the_point_of_no_return_when_that_could_not_be_written(self) -> None:
        stage = whole()
        stage.listeners.append(full(events.PointOfNoReturnPassed))
        stage.fails(StoppedHalfway)
        assert stage.log[-1] == "run push"
        assert "StepFailed push" not in stage.kinds

    def test_looks_at_the_point_of_no_return_when_it_could_not_be_written_as_done(self) -> None:
        stage = whole()
        stage.listeners.append(
            lambda event: full(events.StepDone)(event) if getattr(event, "name", "") == "push" else None
        )
        stage.fails(StoppedHalfway)
        assert stage.log[-1] == "run push"


class TestRollBack:
    def test_leaves_alone_what_cannot_be_undone(self) -> None:
        stage = Stage(lock(state=State.DONE), push(state=State.DONE), branch(state=State.DONE))
        roll_back(stage.steps, stage.emit, "asked to")
        assert stage.log == ["undo branch", "undo lock"]
        assert stage.kinds == ["RollingBack", "Said branch", "StepUndone branch", "Said lock", "StepUndone lock"]

    def test_knows_an_undoable_step_by_its_method(self) -> None:
        assert isinstance(lock(), Undoable)
        assert not isinstance(gate(), Undoable)

    def test_of_its_own_names_the_next_command_of_the_plan(self) -> None:
        stuck = lock(state=State.DONE, stuck=Unavailable("no answer"))
        with pytest.raises(StoppedHalfway, match="lock could not be undone: no answer") as caught:
            roll_back([stuck], lambda _: None, "asked to", COMMANDS)
        assert caught.value.hint == "ask somebody"


def test_a_stop_is_no_bug() -> None:
    stop = Denied("no")
    assert as_stop(stop) is stop


def test_the_first_error_is_the_cause_of_the_one_that_is_raised() -> None:
    first = Denied("no")
    with pytest.raises(RolledBack) as caught:
        carry_out(whole(gate=gate(fails=first)).plan, lambda _: None)
    assert caught.value.__cause__ is first
