"""Runs the real command line with its doors watched, and ends it at the effect that a test names.

    python -m tests.faults.runner

A job is a line of JSON on stdin; the answer, a line with the exit status, comes on what was stdout. Every job
runs in a fork of this process, which has imported everything: a release costs what it does, not what its imports
do. An effect is called `step/door/number`: the number-th time that this step goes through that door.
"""

import functools
import importlib
import json
import os
import pathlib
import pkgutil
import shutil
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import httpx

import shipit
from shipit.adapters import process
from shipit.adapters.git import checkout
from shipit.cli.main import main as command_line
from shipit.engine import journal
from shipit.release import run as release_run

LONGEST = 60  # seconds
SOON = 0.004
CHANGING = {"push": "push", "init": "clone", "checkout": "clone", "fetch": "fetch"}
"""Git commands that change something which can be seen; writing an object is not seen until a ref names it."""


class Doors:
    """Counts every effect, writes it down, and strikes when its time has come.

    `blow` names the effect, the moment (before, during, after) and the signal.
    """

    def __init__(self, log: TextIO | None, blow: Mapping[str, str] | None) -> None:
        self.log = log
        self.blow = blow
        self.step = "start"
        self.counts: Counter[str] = Counter()
        self.inside = ""

    def through(self, door: str, act: Callable[[], Any]) -> Any:
        kind = f"{self.step}/{door}"
        self.counts[kind] += 1
        effect = f"{kind}/{self.counts[kind]}"
        if self.log:
            self.log.write(f"{effect}\n")
            self.log.flush()
        self.strike(effect, "before")
        outer, self.inside = self.inside, effect
        try:
            answer = act()
        finally:
            self.inside = outer
        self.strike(effect, "after")
        return answer

    def strike(self, effect: str, moment: str) -> None:
        if not self.blow or (self.blow["effect"], self.blow["when"]) != (effect, moment):
            return
        strike = functools.partial(os.kill, os.getpid(), signal.Signals[self.blow["how"]])
        if moment == "during" and self.blow["how"] != "SIGKILL":
            threading.Timer(SOON, strike).start()  # while the child is waited for, and not while it is started
        else:
            strike()

    def watch(self) -> None:
        """Put a watch on every door of shipit that leads out."""
        self._watch_children()
        self._watch_files()
        self._watch_plan()
        self._watch(httpx.Client, "send", lambda _, request, **__: _unless_read(request))
        self._watch(checkout.Checkout, "set_tag", lambda *_: "set-tag")

    def _watch(self, owner: Any, name: str, door: Callable[..., str | None]) -> None:
        real = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            found = door(*args, **kwargs)
            return self.through(found, lambda: real(*args, **kwargs)) if found else real(*args, **kwargs)

        setattr(owner, name, watched)

    def _watch_children(self) -> None:
        self._watch(process, "run", lambda argv, **_: _changing(argv))
        self._watch(process, "follow", lambda argv, *_, **__: "twine" if "twine" in argv else "command")
        real = process._start

        def start(*args: Any, **kwargs: Any) -> Any:
            child = real(*args, **kwargs)
            if self.log and self.inside:
                self.log.write(f"# {self.inside} {child.pid}\n")
                self.log.flush()
            self.strike(self.inside, "during")
            return child

        process._start = start

    def _watch_files(self) -> None:
        self._watch(pathlib.Path, "replace", lambda source, target: f"place-{Path(target).name}")
        self._watch(shutil, "rmtree", lambda path, **_: _kept(Path(path)))
        self._watch(journal.Journal, "write", self._journal_door)

    def _journal_door(self, _journal: object, kind: str, facts: Mapping[str, Any]) -> str:
        if kind in {"StepStarted", "StepSkipped"}:
            self.step = facts["name"]
        return "journal"

    def _watch_plan(self) -> None:
        """Every step of the plan, whatever its class: the plan says which there are."""
        names = vars(release_run)
        real = names["carry_out"]

        def carry_out(plan: Any, emit: Any) -> None:
            for kind in {type(step) for step in plan.all_steps}:
                self._watch(kind, "run", lambda *_: "run")
            real(plan, emit)

        names["carry_out"] = carry_out


def _changing(argv: Sequence[str]) -> str | None:
    if argv[0] != "git" or "--dry-run" in argv:
        return None
    return next((name for verb, name in CHANGING.items() if verb in argv), None)


def _kept(folder: Path) -> str | None:
    """Removing a folder of shipit's own is an effect, removing a temporary one is not."""
    return f"remove-{folder.name}" if folder.exists() and "shipit" in folder.parts else None


def _unless_read(request: httpx.Request) -> str | None:
    return None if request.method in {"GET", "HEAD"} else request.method


def warm_up() -> None:
    """Import every module of shipit, and so everything that it uses."""
    for module in pkgutil.walk_packages(shipit.__path__, "shipit."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)


def play(job: Mapping[str, Any]) -> int:
    """Be the command line, in a fork."""
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    for number, path in enumerate((os.devnull, job["out"], job["err"])):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
    sys.argv = ["shipit", *job["argv"]]
    signal.alarm(LONGEST)
    with Path(job["log"] or os.devnull).open("a", encoding="utf-8") as log:
        Doors(log, job["blow"]).watch()
        try:
            command_line()
        except SystemExit as end:
            return int(end.code or 0)
        except BaseException:  # noqa: BLE001 - whatever ends it is told
            traceback.print_exc()
            return 99
    return 0


def serve() -> None:
    answers = os.fdopen(os.dup(1), "w")
    warm_up()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = play(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        answers.write(json.dumps(status) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
