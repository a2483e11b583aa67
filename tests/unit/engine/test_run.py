"""The engine with steps that only pretend: in which order they are asked, run and taken back, and what is said."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shipit.engine import events
from shipit.engine.plan import Look, Plan, Problem, Say, State, Undoable, absent, conflict, done
from shipit.errors import (
    Denied,
    ExternalError,
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


@dataclass
class Pretend:
    """A step with an effect that is a flag. `fails` is raised before the effect, `lost` when it is there.

    `looks` are answers, or trouble, that are given before the truth is told.
    """

    name: str
    state: State = State.ABSENT
    fails: BaseException | None = None
    lost: BaseException | None = None
    invisible: bool = False
    looks: list[Look | Stop] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        return f"Do {self.name}"

    def look(self) -> Look:
        if self.looks:
            answer = self.looks.pop(0)
            if isinstance(answer, Stop):
                raise answer
            return answer
        return Look(self.state, f"{self.name} is {self.state}")

    def run(self, say: Say) -> None:
        self.log.append(f"run {self.name}")
        say(f"working on {self.name}")
        if self.fails:
            raise self.fails
        if not self.invisible:
            self.state = State.DONE
        if self.lost:
            raise self.lost


@dataclass
class PretendUndoable(Pretend):
    stuck: BaseException | None = None

    def undo(self, say: Say) -> None:
        self.log.append(f"undo {self.name}")
        say(f"taking back {self.name}")
        if self.stuck:
            raise self.stuck
        self.state = State.ABSENT


@dataclass
class Asked:
    """A check that answers with these problems, or raises."""

    name: str
    answer: Sequence[Problem] | Stop = ()

    @property
    def summary(self) -> str:
        return f"Is {self.name} well?"

    def problems(self) -> Sequence[Problem]:
        if isinstance(self.answer, Stop):
            raise self.answer
        return self.answer


class Stage:
    """Steps with one log, listened to."""

    def __init__(self, *steps: Pretend, turn: str | None = "push", checks: Sequence[Asked] = ()) -> None:
        self.log: list[str] = []
        for step in steps:
            step.log = self.log
        self.steps = steps
        self.plan = Plan("Release acme 1.1.0", steps, tuple(checks), turn)
        self.told: list[events.Event] = []
        self.listeners: list[Callable[[events.Event], None]] = [self.told.append]

    def tell(self, event: events.Event) -> None:
        for listener in self.listeners:
            listener(event)

    def run(self) -> None:
        carry_out(self.plan, self.tell)

    def fails(self, kind: type[Stop]) -> Stop:
        with pytest.raises(kind) as caught:
            self.run()
        assert type(caught.value) is kind
        return caught.value

    @property
    def kinds(self) -> list[str]:
        return [f"{type(event).__name__} {getattr(event, 'name', '')}".strip() for event in self.told]


def lock(**more: object) -> PretendUndoable:
    return PretendUndoable("lock", **more)  # type: ignore[arg-type]


def branch(**more: object) -> PretendUndoable:
    return PretendUndoable("branch", **more)  # type: ignore[arg-type]


def gate(**more: object) -> Pretend:
    return Pretend("gate", **more)  # type: ignore[arg-type]


def push(**more: object) -> Pretend:
    return Pretend("push", **more)  # type: ignore[arg-type]


def upload(**more: object) -> Pretend:
    return Pretend("upload", **more)  # type: ignore[arg-type]


def whole(**more: Pretend) -> Stage:
    made: dict[str, Pretend] = {
        "lock": lock(),
        "branch": branch(),
        "gate": gate(),
        "push": push(),
        "upload": upload(),
    }
    return Stage(*(made | more).values())


class TestPreview:
    def test_names_every_problem_together(self) -> None:
        stage = Stage(
            lock(),
            push(state=State.CONFLICT),
            checks=[
                Asked("tips", (Problem("main is behind", "here 1, remote 2", "git pull"),)),
                Asked("rights", Denied("no token", evidence=["401"], hint="set GITHUB_TOKEN")),
                Asked("index"),
            ],
        )
        seen = preview(stage.plan)
        assert [problem.what for problem in seen.problems] == [
            "main is behind",
            "no token",
            "push: something else is there",
        ]
        assert seen.problems[1] == Problem("no token", "401", "set GITHUB_TOKEN")

    def test_takes_trouble_with_one_look_as_a_problem_among_others(self) -> None:
        stage = Stage(lock(looks=[Unavailable("no answer", evidence=["timed out"])]), push(state=State.CONFLICT))
        seen = preview(stage.plan)
        assert [problem.evidence for problem in seen.problems] == ["no answer; timed out", "push is conflict"]

    def test_says_what_is_missing(self) -> None:
        stage = Stage(lock(state=State.DONE), branch(), push(state=State.CONFLICT))
        seen = preview(stage.plan)
        assert [one.name for one in seen.missing] == ["branch", "push"]

    def test_runs_nothing(self) -> None:
        stage = whole()
        preview(stage.plan, stage.tell)
        assert stage.log == []
        assert stage.kinds == [f"Looked {step.name}" for step in stage.steps]

    def test_finds_nothing_to_object_to_in_a_good_plan(self) -> None:
        stage = whole()
        seen = preview(stage.plan)
        refuse(seen)
        assert seen.problems == ()


class TestRefusal:
    def test_nothing_runs_when_a_conflict_is_there(self) -> None:
        stage = whole(upload=upload(state=State.CONFLICT))
        stop = stage.fails(Refused)
        assert stage.log == []
        assert stop.exit_code == 4
        assert stop.what == "Release acme 1.1.0: 1 problem found before anything was touched"
        assert stop.evidence == ("upload: something else is there", "  upload is conflict")
        assert stop.hint

    def test_a_signal_while_it_only_looks_says_130_and_that_nothing_was_touched(self) -> None:
        def interrupt(event: events.Event) -> None:
            if isinstance(event, events.Looked):
                raise Signalled("SIGINT")

        stage = whole()
        stage.listeners.append(interrupt)
        stop = stage.fails(Interrupted)
        assert (stop.exit_code, stop.evidence) == (130, ("nothing was touched",))
        assert stage.log == []

    def test_nothing_runs_when_a_check_has_problems_and_each_hint_is_told_once(self) -> None:
        two = [Asked(name, (Problem(f"{name} says no", "a\nb", "do this"),)) for name in ("one", "two")]
        stop = Stage(lock(), checks=two).fails(Refused)
        assert "2 problems found" in stop.what
        assert stop.evidence == ("one says no", "  a", "  b", "two says no", "  a", "  b")
        assert stop.hint == "do this"


class TestAGoodRun:
    def test_runs_what_is_absent_in_order_and_skips_what_is_done(self) -> None:
        stage = whole(branch=branch(state=State.DONE))
        stage.run()
        assert stage.log == ["run lock", "run gate", "run push", "run upload"]

    def test_tells_every_event_in_order(self) -> None:
        stage = Stage(lock(), branch(state=State.DONE), push(), checks=[Asked("tips")])
        stage.run()
        assert stage.kinds == [
            "Checked tips",
            "Looked lock",
            "Looked branch",
            "Looked push",
            "RunStarted",
            "StepStarted lock",
            "Said lock",
            "StepDone lock",
            "StepSkipped branch",
            "StepStarted push",
            "Said push",
            "StepDone push",
            "TurningPointPassed push",
            "RunFinished",
        ]
        assert stage.told[4] == events.RunStarted(
            "Release acme 1.1.0", (("lock", "Do lock"), ("branch", "Do branch"), ("push", "Do push")), "push"
        )
        assert stage.told[5:7] == [
            events.StepStarted("lock", "Do lock", 1, 3),
            events.Said("lock", "working on lock"),
        ]
        assert stage.told[8] == events.StepSkipped("branch", "Do branch", done("branch is done"), 2, 3)
        finished = stage.told[-1]
        assert isinstance(finished, events.RunFinished)
        assert (finished.outcome, finished.exit_code) == ("complete", 0)

    def test_passes_the_turning_point_also_when_it_was_done_before(self) -> None:
        stage = whole(push=push(state=State.DONE))
        stage.run()
        assert "TurningPointPassed push" in stage.kinds

    def test_tells_what_was_seen_after_a_step_and_how_long_it_took(self) -> None:
        stage = Stage(lock())
        stage.run()
        [event] = [event for event in stage.told if isinstance(event, events.StepDone)]
        assert event.look == done("lock is done")
        assert event.seconds >= 0
        assert (event.number, event.total) == (1, 1)

    def test_goes_on_when_an_answer_was_lost_and_the_effect_is_there(self) -> None:
        stage = whole(branch=branch(lost=Unavailable("connection reset")))
        stage.run()
        assert stage.log == ["run lock", "run branch", "run gate", "run push", "run upload"]
        assert "StepFailed branch" not in stage.kinds


class TestBeforeThePointOfNoReturn:
    def test_a_failure_takes_back_in_reverse_and_says_7(self) -> None:
        stage = whole(gate=gate(fails=Denied("no", where="here", evidence=["because"], hint="do that")))
        stop = stage.fails(RolledBack)
        assert stage.log == ["run lock", "run branch", "run gate", "undo branch", "undo lock"]
        assert stop.exit_code == 7
        assert (stop.what, stop.where, stop.hint) == ("gate: no", "here", "do that")
        assert stop.evidence == ("because", "everything is as before")

    def test_the_story_of_taking_back_is_told_in_order(self) -> None:
        stage = whole(gate=gate(fails=Denied("no")))
        stage.fails(RolledBack)
        assert stage.kinds[-8:] == [
            "StepStarted gate",
            "Said gate",
            "StepFailed gate",
            "TakingBack",
            "Said branch",
            "StepUndone branch",
            "Said lock",
            "StepUndone lock",
        ]
        assert events.RollingBack("gate: no") in stage.told

    def test_a_step_whose_effect_cannot_be_seen_after_it_ran_has_failed(self) -> None:
        stage = whole(gate=gate(invisible=True))
        stop = stage.fails(RolledBack)
        assert stop.what == "gate: it ran, but its effect cannot be seen"
        assert stop.evidence == ("gate is absent", "everything is as before")

    def test_an_invisible_effect_without_evidence_says_just_that(self) -> None:
        stage = Stage(lock(invisible=True, looks=[absent(), absent(), absent()]))
        assert stage.fails(RolledBack).evidence == ("everything is as before",)

    def test_a_lost_answer_without_an_effect_is_the_trouble_itself(self) -> None:
        stage = whole(gate=gate(fails=Unavailable("connection reset")))
        assert stage.fails(RolledBack).what == "gate: connection reset"

    def test_a_look_that_fails_too_does_not_hide_what_failed_first(self) -> None:
        looks: list[Look | Stop] = [absent(), absent(), Unavailable("the connection is closed")]
        stage = whole(gate=gate(fails=Denied("no"), looks=looks))
        assert stage.fails(RolledBack).what == "gate: no"

    def test_a_step_that_nobody_can_look_at_after_it_ran_has_failed(self) -> None:
        looks: list[Look | Stop] = [absent(), absent(), Unavailable("no answer")]
        stage = whole(gate=gate(looks=looks))
        assert stage.fails(RolledBack).what == "gate: no answer"

    def test_what_another_run_has_taken_over_is_left_to_it(self) -> None:
        stuck = branch(stuck=LostRace("another run went on", evidence=["pid 4711"], hint="wait for it"))
        stage = whole(branch=stuck, gate=gate(fails=Denied("no")))
        stop = stage.fails(LostRace)
        assert (stop.what, stop.evidence) == ("gate: no", ("another run went on", "pid 4711"))
        assert stop.hint == "wait for it"

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
        assert stop.what == "branch: something else appeared during the run"
        assert stop.evidence == ("branch is at 123, not ours", "everything is as before")
        assert "run branch" not in stage.log

    def test_a_signal_says_130_when_everything_is_taken_back(self) -> None:
        stage = whole(gate=gate(fails=Signalled("SIGINT")))
        stop = stage.fails(Interrupted)
        assert stop.exit_code == 130
        assert stop.what == "gate: interrupted by SIGINT"
        assert stage.log[-2:] == ["undo branch", "undo lock"]

    def test_a_failure_before_the_first_effect_touches_nothing_and_says_so(self) -> None:
        stage = Stage(lock(looks=[absent(), Unavailable("no answer")]), push())
        stop = stage.fails(Refused)
        assert stop.what == "lock: no answer"
        assert stop.evidence == ("nothing was touched",)
        assert "TakingBack" not in stage.kinds

    def test_a_step_that_was_done_before_is_taken_back_with_the_rest(self) -> None:
        stage = whole(lock=lock(state=State.DONE), gate=gate(fails=Denied("no")))
        stage.fails(RolledBack)
        assert stage.log[-2:] == ["undo branch", "undo lock"]

    def test_taking_back_that_fails_says_5_and_names_the_next_command(self) -> None:
        stuck = branch(stuck=Unavailable("no answer", where="origin", evidence=["timed out"]))
        stage = whole(branch=stuck, gate=gate(fails=Denied("no")))
        stop = stage.fails(StoppedHalfway)
        assert stop.exit_code == 5
        assert stop.what == "gate: no"
        assert stop.evidence == ("branch could not be taken back: no answer", "timed out")
        assert stop.hint == "shipit release --undo takes back the rest; shipit release --resume goes on"
        assert stage.log[-1] == "undo branch"

    def test_a_plan_of_another_kind_brings_its_own_next_commands(self) -> None:
        stuck = branch(stuck=Unavailable("no answer"))
        stage = whole(branch=stuck, gate=gate(fails=Denied("no")))
        stage.plan = replace(stage.plan, resume="begin again", stuck="ask somebody")
        assert stage.fails(StoppedHalfway).hint == "ask somebody"
        stage = whole(upload=upload(fails=Denied("no")))
        stage.plan = replace(stage.plan, resume="begin again")
        assert (stage.fails(StoppedHalfway).hint or "").endswith("; begin again")

    def test_a_bug_in_a_step_leaves_no_lock_behind_and_is_called_a_bug(self) -> None:
        stage = whole(gate=gate(fails=ZeroDivisionError("nothing to divide by")))
        stop = stage.fails(Stop)
        assert stop.exit_code == 1
        assert stop.what == "gate: a bug in shipit: ZeroDivisionError: nothing to divide by"
        assert any(row.startswith("test_run.py:") and row.endswith(" in run") for row in stop.evidence)
        assert stop.hint == "please report it"
        assert stage.log[-2:] == ["undo branch", "undo lock"]


class TestPastThePointOfNoReturn:
    def test_a_failure_says_5_and_hints_at_resume(self) -> None:
        stage = whole(upload=upload(fails=Denied("403", where="pypi", evidence=["bad token"], hint="renew it")))
        stop = stage.fails(StoppedHalfway)
        assert stop.exit_code == 5
        assert (stop.what, stop.where, stop.evidence) == ("upload: 403", "pypi", ("bad token",))
        assert stop.hint == "renew it; run the same command with --resume"
        assert not any(line.startswith("undo") for line in stage.log)

    def test_a_failure_without_a_hint_of_its_own_hints_at_resume_all_the_same(self) -> None:
        hint = whole(upload=upload(fails=Denied("403"))).fails(StoppedHalfway).hint or ""
        assert hint.endswith("run the same command with --resume")

    def test_a_signal_stays_a_signal(self) -> None:
        stop = whole(upload=upload(fails=Signalled("SIGTERM"))).fails(Interrupted)
        assert stop.what == "interrupted at upload, past the point of no return"
        assert stop.hint == "run the same command with --resume"

    def test_a_plan_without_a_turning_point_never_goes_back(self) -> None:
        stage = Stage(lock(), upload(fails=Denied("403")), turn=None)
        stage.fails(StoppedHalfway)
        assert stage.log == ["run lock", "run upload"]

    def test_the_turning_point_declined_is_taken_back(self) -> None:
        stage = whole(push=push(fails=Denied("main declined")))
        assert stage.fails(RolledBack).what == "push: main declined"
        assert stage.log[-2:] == ["undo branch", "undo lock"]

    def test_the_lost_answer_of_the_turning_point_goes_on_when_it_landed(self) -> None:
        stage = whole(push=push(lost=Unavailable("connection reset")))
        stage.run()
        assert stage.log[-2:] == ["run push", "run upload"]

    def test_a_push_that_lands_while_it_is_taken_back_is_not_told_as_taken_back(self) -> None:
        late = [absent(), absent(), absent(), done("landed after all")]
        stop = whole(push=push(fails=Signalled("SIGTERM"), looks=late)).fails(Interrupted)
        assert stop.what == "interrupted at push, past the point of no return"
        assert stop.hint == "run the same command with --resume"

    def test_a_signal_in_the_turning_point_that_landed_is_past_it(self) -> None:
        stage = whole(push=push(lost=Signalled("SIGINT")))
        stop = stage.fails(Interrupted)
        assert "past the point of no return" in stop.what
        assert not any(line.startswith("undo") for line in stage.log)

    def test_the_lost_answer_of_a_turning_point_that_nobody_can_look_at_says_5_and_takes_nothing_back(self) -> None:
        blind = push(
            lost=Unavailable("connection reset"),
            looks=[absent(), absent(), Unavailable("down"), Unavailable("still down", evidence=["503"])],
        )
        stage = whole(push=blind)
        stop = stage.fails(StoppedHalfway)
        assert stop.what == "push: nobody can say whether it happened: still down"
        assert stop.evidence == ("503",)
        assert stop.hint == "run the same command with --resume once the other side answers"
        assert not any(line.startswith("undo") for line in stage.log)


def full(*kinds: type[events.Event]) -> Callable[[events.Event], None]:
    """A journal on a disk that is full from the first of these events on."""
    hit: list[events.Event] = []

    def listen(event: events.Event) -> None:
        if isinstance(event, kinds) or hit:
            hit.append(event)
            raise ExternalError("the journal cannot be written: No space left on device")

    return listen


class TestAJournalOnAFullDisk:
    def test_stops_before_anything_is_touched_when_it_is_full_from_the_start(self) -> None:
        stage = whole()
        stage.listeners.append(full(events.RunStarted))
        stop = stage.fails(Refused)
        assert stop.what == "start: the journal cannot be written: No space left on device"
        assert stop.evidence == ("nothing was touched",)
        assert stage.log == []

    def test_takes_back_what_was_done_although_it_cannot_tell_of_it(self) -> None:
        stage = whole()
        stage.listeners.append(full(events.StepDone))
        assert stage.fails(RolledBack).what.startswith("lock: the journal cannot be written")
        assert stage.log == ["run lock", "undo lock"]

    def test_is_past_the_turning_point_when_the_turning_point_could_not_be_told(self) -> None:
        stage = whole()
        stage.listeners.append(full(events.PointOfNoReturnPassed))
        stage.fails(StoppedHalfway)
        assert stage.log[-1] == "run push"

    def test_looks_at_the_turning_point_when_it_could_not_be_told_as_done(self) -> None:
        stage = whole()
        stage.listeners.append(
            lambda event: full(events.StepDone)(event) if getattr(event, "name", "") == "push" else None
        )
        stage.fails(StoppedHalfway)
        assert stage.log[-1] == "run push"


class TestRollBack:
    def test_leaves_alone_what_cannot_be_undone(self) -> None:
        stage = Stage(lock(state=State.DONE), gate(state=State.DONE), branch(state=State.DONE))
        roll_back(stage.steps, stage.tell, "asked to")
        assert stage.log == ["undo branch", "undo lock"]
        assert stage.kinds == ["TakingBack", "Said branch", "StepUndone branch", "Said lock", "StepUndone lock"]

    def test_knows_an_undoable_step_by_its_method(self) -> None:
        assert isinstance(lock(), Undoable)
        assert not isinstance(gate(), Undoable)


FAILURES = (Denied("no"), Unavailable("gone"), LeaseLost("moved"), Refused("no"), Signalled("SIGINT"))


LATE: tuple[Look | Stop, ...] = (Unavailable("blind"), conflict("another came"))


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    """Any plan: some steps done, undoable or not; any fails before or after its effect, or cannot be seen."""
    count = draw(st.integers(1, 6))
    turn = draw(st.integers(-1, count - 1))  # -1: none
    made = [draw(_steps(f"step-{number}", number == turn)) for number in range(count)]
    stage = Stage(*made, turn=f"step-{turn}" if turn >= 0 else None)
    room = draw(st.integers(0, 80))
    if room < 40:
        stage.listeners.append(_full_after(room))
    return stage


@st.composite
def _steps(draw: st.DrawFn, name: str, is_turning_point: bool) -> Pretend:
    kind = Pretend if is_turning_point else draw(st.sampled_from([Pretend, PretendUndoable]))
    made = kind(name, draw(st.sampled_from([State.ABSENT, State.ABSENT, State.ABSENT, State.DONE])))
    match draw(st.integers(0, 7)):
        case 0:
            made.fails = draw(st.sampled_from(FAILURES))
        case 1:
            made.lost = draw(st.sampled_from(FAILURES))
        case 2:
            made.invisible = True
        case 3:
            late = draw(st.sampled_from(LATE))
            made.looks = [*[Look(made.state)] * draw(st.integers(1, 2)), late]
    if isinstance(made, PretendUndoable) and draw(st.integers(0, 5)) == 0:
        made.stuck = Unavailable("stuck")
    return made


def _full_after(count: int) -> Callable[[events.Event], None]:
    left = iter(range(count))

    def listen(event: events.Event) -> None:
        if next(left, None) is None:
            raise ExternalError("the disk is full")

    return listen


class TestAnyPlan:
    @settings(max_examples=500, deadline=None)
    @given(stages())
    def test_ends_complete_or_taken_back_or_says_that_it_stopped_halfway(self, stage: Stage) -> None:
        before = {step.name: step.state for step in stage.steps}
        outcome = _outcome(stage)
        ran = list(_of(stage.log, "run"))
        assert not [name for name in ran if before[name] is State.DONE], "ran a step that was done"
        assert len(set(ran)) == len(ran), "ran a step twice"
        if outcome is None:
            assert all(step.state is State.DONE for step in stage.steps)
        elif outcome.exit_code == 5 or "no return" in outcome.what:
            assert outcome.hint
        else:
            assert outcome.exit_code in {4, 7, 9, 130}
            assert not ran or outcome.evidence[-1] == "everything is as before"
            assert not [step for step in stage.steps if step.name in ran and _remains(step)]

    @settings(max_examples=500, deadline=None)
    @given(stages())
    def test_undoes_nothing_when_the_turning_point_is_there(self, stage: Stage) -> None:
        _outcome(stage)
        there = {step.name: step.state is State.DONE for step in stage.steps}
        turn = stage.plan.point_of_no_return
        begun = {event.name for event in stage.told if isinstance(event, events.StepStarted | events.StepSkipped)}
        if turn is None or (there[turn] and turn in begun):
            assert not list(_of(stage.log, "undo"))

    @settings(max_examples=300, deadline=None)
    @given(stages())
    def test_takes_back_in_reverse_order(self, stage: Stage) -> None:
        _outcome(stage)
        order = [step.name for step in stage.steps]
        undone = [order.index(name) for name in _of(stage.log, "undo")]
        assert undone == sorted(undone, reverse=True)


def _remains(step: Pretend) -> bool:
    return isinstance(step, PretendUndoable) and step.state is State.DONE


def _of(log: Sequence[str], verb: str) -> Iterator[str]:
    return (line.removeprefix(f"{verb} ") for line in log if line.startswith(f"{verb} "))


def _outcome(stage: Stage) -> Stop | None:
    try:
        stage.run()
    except Stop as stop:
        return stop
    return None
