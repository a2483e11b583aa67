"""Signals that end a run: turned into one exception that passes every `except Exception`."""

import signal
from typing import Any

from shipit.errors import Signalled

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen() -> None:
    """From now on each of them raises Signalled, once."""
    for number in ENDING:
        signal.signal(number, _raise)


def _raise(number: int, _frame: Any) -> None:
    """The first signal stops the run; a rollback is not interrupted by a second one."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise Signalled(signal.Signals(number).name)
