"""Runs the real command line, and kills it before or after one of its effects on engine or registry.

    python -m tests.faults.build_runner NUMBER before|after WORD…

Effects are numbered from 1, in order: what is built, what is pushed, and each tag that is put. NUMBER 0 kills
nothing, and says how many there were.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from shipit.adapters.docker import engine
from shipit.adapters.oci.registry import Registry
from shipit.cli.main import main

_lock = threading.Lock()
_count = 0


def watched(effect: Callable[..., Any], number: int, moment: str) -> Callable[..., Any]:
    """The same, ended at the number-th of all effects."""

    def run(*arguments: Any, **named: Any) -> Any:
        global _count  # noqa: PLW0603 - threads build side by side
        with _lock:
            _count += 1
            is_it = _count == number
        if is_it and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        given = effect(*arguments, **named)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return given

    return run


if __name__ == "__main__":
    number, moment = int(sys.argv[1]), sys.argv[2]
    for place, name in ((engine, "carry_out"), (Registry, "tag")):
        setattr(place, name, watched(getattr(place, name), number, moment))
    sys.argv[1:] = sys.argv[3:]
    try:
        main()
    finally:
        if not number:
            print(f"effects: {_count}", file=sys.stderr)
