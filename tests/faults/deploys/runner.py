"""Runs the real command line with every effect of a deployment watched, and strikes at the one that a test names.

    python -m tests.faults.deploys.runner

Jobs and answers are those of tests/faults/runner.py, and so are the names of effects: `step/door/number`. The step
is `undo-NAME` while one is undone, and `free` while the guard lets go. SHIPIT_LATER are seconds by which the clock
of the deployment is ahead of the others'.
"""

import os
import pathlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from shipit.adapters import process
from shipit.adapters.local.client import Supervisor
from shipit.deploy import command
from shipit.deploy.guard import Guard
from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.outside import Outside
from shipit.engine import events
from shipit.engine.plan import Undoable
from tests.faults import runner


class Effects(runner.Doors):
    """A door for each push, each look at the lock, each file that gets or loses its name, each step.

    And for each request that writes, each command to a supervisor, and the start of one.
    """

    def strike(self, effect: str, moment: str) -> None:
        is_now = self.blow and (self.blow["effect"], self.blow["when"]) == (effect, moment)
        if is_now and self.log:
            self.log.write(f"# {effect} {os.getpid()}\n")
            self.log.flush()
        super().strike(effect, moment)

    def watch(self) -> None:
        self._watch(process, "run", lambda argv, **_: _started(argv))
        self._watch(process, "follow", lambda *_, **__: "command")
        self._watch(pathlib.Path, "replace", lambda _, target: f"place-{_kind(Path(target))}")
        self._watch(pathlib.Path, "unlink", lambda path, **_: _lost(path))
        self._watch(shutil, "rmtree", lambda path, **_: _lost(Path(path)))
        self._watch(EnvironmentLock, "require_ours", lambda *_: "look")
        self._watch(Supervisor, "carry_out", lambda _, do, **__: f"supervisor-{do}")
        self._watch(httpx.Client, "send", lambda _, request, **__: runner._unless_read(request))
        self._within(Guard, "free", lambda _: "free", "run")
        later = int(os.environ.get("SHIPIT_LATER", "0"))
        now = Outside.now
        vars_of: Any = Outside
        vars_of.now = lambda outside: now(outside) + later
        self._watch_plan()

    def _watch_plan(self) -> None:
        names = vars(command)
        real = names["carry_out"]

        def carry_out(plan: Any, emit: Callable[[Any], None]) -> None:
            def follow(event: Any) -> None:
                if isinstance(event, events.StepStarted):
                    self.step = event.name
                emit(event)

            for kind in {type(step) for step in plan.all_steps}:
                self._watch(kind, "run", lambda *_: "run")
                if issubclass(kind, Undoable):
                    self._within(kind, "undo", lambda step: f"undo-{step.name}", "undo")
            real(plan, follow)
            self.step = "afterwards"

        names["carry_out"] = carry_out

    def _within(self, owner: Any, name: str, step_of: Callable[[Any], str], door: str) -> None:
        """All effects of this call belong to a step of its own."""
        real = getattr(owner, name)

        def watched(one: Any, *args: Any) -> Any:
            outer, self.step = self.step, step_of(one)
            try:
                return self.through(door, lambda: real(one, *args))
            finally:
                self.step = outer

        setattr(owner, name, watched)


def _started(argv: Sequence[str]) -> str | None:
    if argv[0] == "git" and "push" in argv:
        return "push"
    return "supervisor" if "shipit.adapters.local.supervisor" in argv else None


def _lost(path: Path) -> str | None:
    is_served = path.is_symlink() or path.exists()
    return f"remove-{_kind(path)}" if is_served and {"site", "api"} & set(path.parts) else None


def _kind(path: Path) -> str:
    """Without what differs from run to run."""
    if path.name.endswith(".partial"):
        return "partial"
    return path.suffix.removeprefix(".") if path.suffix == ".json" else path.name.partition("-")[0].strip(".")


if __name__ == "__main__":
    runner.Doors = Effects  # type: ignore[misc]
    runner.serve()
