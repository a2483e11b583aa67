"""Signals that end a run: turned into one exception that passes every `except Exception`."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shipit.errors import Signalled

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AGAIN = 0.05
"""Seconds until a signal that was lost comes again."""

_held: list[int] = []
"""Signals that came while the thread that gets them held them back."""
_is_holding = False


def listen() -> None:
    """From now on each of them raises Signalled, once."""
    for number in ENDING:
        signal.signal(number, _raise)


def ignore() -> None:
    """The run is over, and its exit code is known: a signal changes nothing any more."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def held_back() -> Iterator[None]:
    """Let a signal wait for the end of this block: what is made in it is never half made.

    Raises Signalled at the end of the block.
    """
    global _is_holding  # noqa: PLW0603 - of the process, as signals are
    if _is_holding or threading.current_thread() is not threading.main_thread():
        yield
        return
    _is_holding = True
    try:
        yield
    finally:
        _is_holding = False
        if _held:
            _stop(_held.pop())


def _raise(number: int, _frame: Any) -> None:
    if _is_holding:
        _held[:] = [number]
    else:
        _stop(number)


def _stop(number: int) -> None:
    """The first signal stops the run; a rollback is not interrupted by a second one."""
    ignore()
    sys.unraisablehook = _Dropped(number)
    raise Signalled(signal.Signals(number).name)


class _Dropped:
    """Hears of exceptions that nobody can catch, since something was being thrown away.

    What the signal left half-made may complain then: of no use to anybody. Where it was the signal itself, it comes
    again.
    """

    def __init__(self, number: int) -> None:
        self._number = number

    def __call__(self, dropped: Any) -> None:
        if dropped.exc_type is Signalled:
            signal.signal(self._number, _raise)
            main = threading.main_thread().ident or 0
            again = threading.Timer(_AGAIN, signal.pthread_kill, (main, self._number))
            again.daemon = True
            again.start()
