"""The words for a plan's states, and events as plain lines."""

from collections.abc import Iterator

from shipit.engine import events
from shipit.engine.plan import State
from shipit.output.problem import problem_lines
from shipit.output.text import duration, one_line

MARKS = {State.DONE: "✓", State.ABSENT: "●", State.CONFLICT: "✗", State.UNKNOWN: "?"}
WORDS = {State.DONE: "done", State.ABSENT: "to do", State.CONFLICT: "conflict", State.UNKNOWN: "unknown"}


Ended = events.StepSkipped | events.StepDone | events.StepFailed | events.StepUndone


def event_lines(event: events.Event) -> Iterator[str]:
    """The lines of an event, for a log without columns; none where something begins, nor for what a step says."""
    match event:
        case events.Checked() | events.Looked():
            yield from _asked(event)
        case events.StepSkipped() | events.StepDone() | events.StepFailed() | events.StepUndone():
            yield _step(event)
        case events.PointOfNoReturnPassed():
            yield "── point of no return ──"
        case events.RollingBack(why):
            yield f"rolling back: {one_line(why)}"
        case events.RunFinished(outcome, exit_code, seconds):
            yield f"{outcome} after {duration(seconds)} (exit code {exit_code})"
        case _:
            pass


def _asked(event: events.Checked | events.Looked) -> Iterator[str]:
    if isinstance(event, events.Looked):
        mark, word = MARKS[event.look.state], WORDS[event.look.state]
        yield f"{mark} {word}  {event.name} — {event.summary}{_remark(event.look.evidence)}"
        return
    word = "✗ problem" if event.objections else "✓ checked"
    yield f"{word}  {event.name} — {event.summary}"
    for problem in event.objections:
        yield from (f"    {line}" for line in problem_lines(problem))


def _step(event: Ended) -> str:
    match event:
        case events.StepSkipped(name, summary, look):
            return f"✓ done already  {name} — {summary}{_remark(look.evidence)}"
        case events.StepDone(name, _, look, seconds):
            return f"✓ {name} done in {duration(seconds)}{_remark(look.evidence)}"
        case events.StepFailed(name, _, what, seconds):
            return f"✗ {name} failed after {duration(seconds)}: {one_line(what)}"
        case _:
            return f"↶ {event.name} undone in {duration(event.seconds)} — {event.summary}"


def _remark(evidence: str) -> str:
    return f"  {one_line(evidence)}" if evidence else ""
