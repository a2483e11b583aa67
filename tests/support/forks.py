"""Copies of this process: they have imported what a child would have to import first."""

import os
import warnings
from collections.abc import Callable


def forked(act: Callable[[], int]) -> int:
    """The exit code of a process that begins as this one is now; negative for a signal."""
    [code] = at_once(1, act)
    return code


def at_once(count: int, act: Callable[[], int]) -> list[int]:
    """So many processes at the same time, to their ends."""
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in [_fork(act) for _ in range(count)]]


def _fork(act: Callable[[], int]) -> int:
    with warnings.catch_warnings():
        # the threads of a worker of pytest do nothing meanwhile
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    code = 99
    try:
        code = act()
    finally:
        os._exit(code)
