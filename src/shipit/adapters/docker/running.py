"""Run one command of a builder: it is said first, its lines are passed on, and a failure says what it means."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from shipit.adapters import process
from shipit.adapters.docker import troubles
from shipit.engine.plan import Say

LONGEST_BUILD = 7200.0
LONGEST_PUSH = 3600.0
"""seconds"""


class Task(Struct, frozen=True, kw_only=True):
    """A command with what it runs in; `host` is the registry, `failed` says what did not happen if it fails."""

    argv: tuple[str, ...]
    host: str
    failed: str
    folder: Path
    environment: Mapping[str, str | None]
    longest: float


def carry_out(task: Task, say: Say) -> str:
    """Return what it said. Raises ExternalError with the last of it."""
    say(shlex.join(task.argv))
    finished = process.follow(task.argv, say, cwd=task.folder, env=task.environment, timeout=task.longest)
    if finished.code:
        raise troubles.failure(finished, task.failed, task.host)
    return finished.text
