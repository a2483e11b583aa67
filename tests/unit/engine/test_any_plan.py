"""What holds for any plan, wherever it fails."""

from collections.abc import Callable, Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from shipit.engine import events
from shipit.engine.plan import End, Look, State, Together, conflict
from shipit.errors import ALL, Denied, ExternalError, LeaseLost, Refused, Signalled, Stop, Unavailable
from tests.unit.engine.pretend import Pretend, PretendGuard, PretendUndoable, Stage

FAILURES = (
    Denied("no"),
    Unavailable("gone"),
    LeaseLost("moved"),
    Refused("no"),
    Signalled("SIGINT"),
    ZeroDivisionError("by zero"),
)
LATE: tuple[Look | Stop, ...] = (Unavailable("blind"), conflict("another came"))


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    """Any plan: steps done or not, undoable or not, alone or side by side; any may fail, and so may the guard."""
    count = draw(st.integers(1, 6))
    no_return = draw(st.integers(-1, count - 1))  # -1: none
    made = [draw(_steps(f"step-{number}", number == no_return)) for number in range(count)]
    stage = Stage(
        *_together(made, draw(st.integers(0, count - 1)), no_return),
        no_return=f"step-{no_return}" if no_return >= 0 else None,
        undo_found=draw(st.booleans()),
        guard=PretendGuard(draw(st.sampled_from([None, None, None, Unavailable("no answer")]))),
    )
    room = draw(st.integers(0, 80))
    if room < 40:
        stage.listeners.append(_full_after(room))
    return stage


@st.composite
def _steps(draw: st.DrawFn, name: str, is_no_return: bool) -> Pretend:
    kind = Pretend if is_no_return else draw(st.sampled_from([Pretend, PretendUndoable]))
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
        made.stuck = draw(st.sampled_from([Unavailable("stuck"), Refused("not now"), ZeroDivisionError("by zero")]))
    return made


def _together(made: Sequence[Pretend], first: int, no_return: int) -> tuple[Pretend | Together, ...]:
    """Now and then two neighbours run side by side."""
    pair = made[first : first + 2]
    if len(pair) < 2 or no_return in {first, first + 1} or first % 2:
        return tuple(made)
    return (*made[:first], Together(tuple(pair)), *made[first + 2 :])


def _full_after(count: int) -> Callable[[events.Event], None]:
    left = iter(range(count))

    def listen(event: events.Event) -> None:
        if next(left, None) is None:
            raise ExternalError("the disk is full")

    return listen


def _as_before(stage: Stage) -> str:
    guard = stage.plan.guard
    assert isinstance(guard, PretendGuard)
    return f"everything {'else ' if guard.fails else ''}is as before"


class TestAnyPlan:
    @settings(max_examples=400, deadline=None)
    @given(stages())
    def test_ends_complete_or_rolled_back_or_says_that_it_stopped_halfway(self, stage: Stage) -> None:
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
            assert outcome.exit_code in {1, 4, 7, 9, 130}
            assert not ran or _as_before(stage) in outcome.evidence
            assert not [step for step in stage.steps if step.name in ran and _remains(step)]

    @settings(max_examples=300, deadline=None)
    @given(stages())
    def test_undoes_nothing_when_the_point_of_no_return_is_there(self, stage: Stage) -> None:
        _outcome(stage)
        there = {step.name: step.state is State.DONE for step in stage.steps}
        no_return = stage.plan.point_of_no_return
        begun = {event.name for event in stage.seen if isinstance(event, events.StepStarted | events.StepSkipped)}
        if no_return is None or (there[no_return] and no_return in begun):
            assert not list(_of(stage.log, "undo"))

    @settings(max_examples=200, deadline=None)
    @given(stages())
    def test_undoes_in_reverse_order_and_each_step_once(self, stage: Stage) -> None:
        _outcome(stage)
        order = [step.name for step in stage.steps]
        undone = [order.index(name) for name in _of(stage.log, "undo")]
        assert undone == sorted(set(undone), reverse=True)

    @settings(max_examples=300, deadline=None)
    @given(stages())
    def test_undoes_what_was_there_before_only_if_the_plan_says_so(self, stage: Stage) -> None:
        before = {step.name for step in stage.steps if step.state is State.DONE}
        outcome = _outcome(stage)
        ran = set(_of(stage.log, "run"))
        undone = set(_of(stage.log, "undo"))
        if not stage.plan.undo_found:
            assert undone <= ran
            assert all(step.state is State.DONE for step in stage.steps if step.name in before)
        elif outcome and "everything is as before" in outcome.evidence:
            found = {event.name for event in stage.seen if isinstance(event, events.StepSkipped)}
            assert not [step for step in stage.steps if step.name in found and _remains(step)]

    @settings(max_examples=300, deadline=None)
    @given(stages())
    def test_frees_its_lock_once_unless_no_step_had_begun(self, stage: Stage) -> None:
        outcome = _outcome(stage)
        guard = stage.plan.guard
        assert isinstance(guard, PretendGuard)
        assert len(guard.freed) == (0 if _is_before_the_first_step(outcome) else 1)
        if guard.freed == [End.COMPLETE]:
            assert (outcome is None) is (guard.fails is None)
        elif guard.freed and guard.fails:
            assert outcome
            assert "the lock could not be freed: no answer" in outcome.evidence

    @settings(max_examples=200, deadline=None)
    @given(stages())
    def test_says_how_it_ended_with_its_last_event(self, stage: Stage) -> None:
        outcome = _outcome(stage)
        assert stage.end == ((outcome.title, outcome.exit_code) if outcome else ("complete", 0))
        assert outcome is None or type(outcome) in ALL


def _is_before_the_first_step(outcome: Stop | None) -> bool:
    return outcome is not None and ("pre-flight: " in outcome.what or "before anything" in outcome.what)


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
