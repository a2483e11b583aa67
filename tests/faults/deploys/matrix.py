"""What the fault tests of deployments share: an environment to come back to, and one that nobody interrupted."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import msgspec

from shipit.deploy import recipe
from shipit.deploy.model import Decision
from shipit.deploy.recipe import DeployContext
from shipit.model import Revision
from tests.fakes_deploy import FakeTarget, Host
from tests.faults.killer import TOP, Blow, Killer, Moment, unmeasured
from tests.faults.sampling import some
from tests.support import run
from tests.support.deploying import LOCK, PARTS, Estate
from tests.support.run import Ran

DEPLOY = ("deploy", "--env", "staging", "--yes")
RESUME = ("deploy", "--env", "staging", "--resume")
LATER = {"SHIPIT_LATER": "7200"}
"""A clock on which every lock of the others has expired."""
IN_CI = {"GITHUB_RUN_ID": "42", "GITHUB_REPOSITORY": "acme/small"}
"""A runner: that its process has ended is never known."""


HASTY = """
import runpy, time
sleep = time.sleep
time.sleep = lambda seconds: sleep(seconds / 5)
from shipit.adapters.clock import Clock
Clock.now = lambda _: 5 * time.monotonic()
runpy.run_module("tests.faults.deploys.runner", run_name="__main__")
"""
"""A second of its pauses, and of the time that it gives to smoke checks, lasts a fifth of one."""


class Striker(Killer):
    """A warmed-up command line that can be struck at any effect of a deployment.

    A `hasty` one is for servers that answer at once, where nothing has to start first.
    """

    def __init__(self, folder: Path, *, hasty: bool = False) -> None:
        super().__init__(folder)
        self.hasty = hasty

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        program = ("-c", HASTY) if self.hasty else ("-m", "tests.faults.deploys.runner")
        self._child = subprocess.Popen(
            [sys.executable, *program],
            cwd=TOP,
            env=unmeasured(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        return self


def steps() -> list[str]:
    """The names of the steps of a deployment with two folders, a database and a smoke check, as the recipe says."""
    anything = cast(Any, object())
    targets = tuple(FakeTarget(Host(), part, "directory") for part in PARTS)
    decision = Decision(run="", environment="staging", revision=Revision("", ""), replaces={}, began=0)
    needed = {one.name: anything for one in msgspec.structs.fields(DeployContext) if one.required}
    known = {**needed, "decision": decision, "targets": targets, "standing": None}
    return [step.name for step in recipe.deploy(DeployContext(**known)).all_steps]


@dataclass
class Deploys:
    """An environment where 1.0.0 is live and 1.1.0 waits; put back to that before each case."""

    estate: Estate
    striker: Striker
    pristine: Path
    start: Mapping[str, Any]
    code: int = 0
    """How the deployment ends that nobody interrupts."""
    effects: list[str] = field(default_factory=list)
    end: Mapping[str, Any] = field(default_factory=dict)
    recorded: Ran | None = None

    @classmethod
    def make(cls, folder: Path, striker: Striker, *, sick: bool = False) -> "Deploys":
        estate = Estate.lay(folder / "laid")
        first = striker.run(estate.clone, *DEPLOY, env=run.environment())
        first.ended(0)
        estate.commit("1.1.0")
        if sick:
            estate.sicken("1.1.0")
        pristine = estate.save("pristine")
        made = cls(estate, striker, pristine, estate.standing(), 7 if sick else 0)
        made.recorded = made.run(*DEPLOY).ended(made.code)
        made.effects, made.end = striker.effects, estate.standing()
        return made

    def begin(self) -> None:
        self.estate.restore(self.pristine)

    def run(
        self,
        *words: str,
        where: Path | None = None,
        blow: Blow | None = None,
        striker: Striker | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        by = striker or self.striker
        return by.run(where or self.estate.clone, *words, env=run.environment(**(env or {})), blow=blow)

    def effects_of(self, step: str) -> list[str]:
        return [effect for effect in self.effects if effect.startswith(f"{step}/")]

    def killed(self, step: str, moment: Moment) -> list[str]:
        """What was wrong after one effect of this step was the last, or after each in a drill."""
        assert self.effects_of(step), f"{step} has no effect: {self.effects}"
        found: list[str] = []
        for effect in some(self.effects_of(step), step, moment):
            self.begin()
            ran = self.run(*DEPLOY, blow=Blow(effect, moment))
            assert ran.code == -9, f"{effect} was not reached {moment}: {ran.said}"
            found += [f"{moment} {effect}: {line}" for line in self.resumed()]
        return found

    def resumed(self, env: Mapping[str, str] | None = None) -> list[str]:
        """Go on in another clone, and compare with the end of the deployment that nobody interrupted."""
        shutil.rmtree(self.estate.clone)
        elsewhere = self.estate.fresh_clone()
        is_open = LOCK in self.estate.refs
        is_over = not is_open and len(self.estate.entries) == len(self.end["entries"])
        words = RESUME if is_open or is_over else DEPLOY  # killed before it had the lock, nothing has begun
        ran = self.run(*words, where=elsewhere, env=env)
        wanted = 0 if is_over else self.code
        found = [] if ran.code == wanted else [f"{words[-1]} ended with {ran.code}: {ran.said}"]
        found += differences(self.estate.standing(), self.end)
        again = self.run(*RESUME, where=elsewhere)
        found += [] if again.code == 0 else [f"a further --resume ended with {again.code}: {again.said}"]
        return found + differences(self.estate.standing(), self.end)


def differences(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Where two standings differ, in words."""
    return [f"{name} is {now[name]!r}, not {value!r}" for name, value in wanted.items() if now[name] != value]
