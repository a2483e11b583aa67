"""Processes that outlived a supervisor that was killed: helpers of a service, which the kernel spares.

Only the standard library is imported here: see supervisor.
"""

import contextlib
import os
import signal
from collections.abc import Collection
from pathlib import Path

VARIABLE = "SHIPIT_SUPERVISED"
"""In the environment of all that a supervisor starts: its folder."""


def end(folder: Path, groups: Collection[int]) -> None:
    """Kill what is left in these process groups.

    A number that was given to others meanwhile is known by the variable that they do not have.
    """
    mark = f"{VARIABLE}={folder}".encode()
    for process in Path("/proc").glob("[0-9]*") if groups else ():
        with contextlib.suppress(OSError, ValueError, IndexError):
            group = int((process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[2])
            if group in groups and mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
