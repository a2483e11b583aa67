"""Run independent steps side by side, each in a thread of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event, Lock
from typing import TypeVar

from shipit.engine import events
from shipit.engine.preview import Emit
from shipit.errors import ExternalError

Step = TypeVar("Step")
"""A step of a plan, or a scan: only `make` knows."""


def run_side_by_side(
    steps: Sequence[Step], make: Callable[[Step, Emit], None], emit: Emit, is_stopping: Event | None = None
) -> list[tuple[Step, BaseException]]:
    """Call `make` for each step in a thread; returns the steps that failed, first things first, with their errors.

    All of them end before this returns. A signal, which only this thread gets, stops the steps that still say
    something, and sets `is_stopping` for those that do not.
    """
    in_turn = _InTurn(emit, is_stopping or Event())
    failed: list[tuple[Step, BaseException]] = []

    def work(step: Step) -> None:
        try:
            make(step, in_turn)
        except BaseException as error:  # noqa: BLE001 - the run decides what it means
            failed.append((step, error))

    with ThreadPoolExecutor(max_workers=len(steps)) as pool:
        try:
            wait([pool.submit(work, step) for step in steps])
        except BaseException:
            in_turn.is_stopping.set()
            raise
    return failed


class _InTurn:
    """One event at a time; once the run is interrupted, a step that starts or says something is stopped there."""

    def __init__(self, emit: Emit, is_stopping: Event) -> None:
        self.is_stopping = is_stopping
        self._emit = emit
        self._one_at_a_time = Lock()

    def __call__(self, event: events.Event) -> None:
        if self.is_stopping.is_set() and isinstance(event, events.StepStarted | events.Said):
            raise ExternalError("stopped, because the run was interrupted")
        with self._one_at_a_time:
            self._emit(event)
