"""Undo the effects of steps, the newest first."""

import time
from collections.abc import Sequence

from shipit.engine import events
from shipit.engine.ending import as_stop
from shipit.engine.plan import Hints, Step, Undoable
from shipit.engine.preview import Emit
from shipit.errors import Interrupted, LostRace, Signalled, StoppedHalfway

_USUAL = Hints()


def roll_back(steps: Sequence[Step], emit: Emit, why: str, hints: Hints = _USUAL) -> None:
    """Undo in reverse order every effect that is there.

    Raises StoppedHalfway if one cannot be undone, LostRace if another run has taken over, Interrupted by a signal.
    """
    emit(events.RollingBack(why))
    for step in reversed(steps):
        if isinstance(step, Undoable):
            started = time.monotonic()
            _undo(step, step.name, emit, hints.stuck)
            emit(events.StepUndone(step.name, step.summary, time.monotonic() - started))


def _undo(step: Undoable, name: str, emit: Emit, hint: str) -> None:
    try:
        step.undo(lambda line: emit(events.Said(name, line)))
    except (StoppedHalfway, LostRace):
        raise
    except Signalled as signal:
        raise Interrupted(f"interrupted by {signal} while {name} was being undone", hint=hint) from None
    except Exception as caught:
        why = as_stop(caught)
        what = f"{name} could not be undone: {why.what}"
        raise StoppedHalfway(what, where=why.where, evidence=why.evidence, hint=hint) from caught
