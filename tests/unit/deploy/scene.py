"""An environment whose remote, targets, database and public address are in memory, and machines that deploy."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shipit.config import open_project
from shipit.deploy import command
from shipit.deploy.job import DeployJob, Options, context
from shipit.deploy.lock import HeldLock
from shipit.deploy.model import Entry, Intent
from shipit.deploy.outside import Outside
from shipit.deploy.recipe import DeployContext
from shipit.deploy.refs import ledger_ref, lock_ref
from shipit.engine import events
from shipit.engine.plan import Plan
from shipit.model import Actor, Revision
from shipit.output import Renderer
from shipit.output.reporter import Reporter
from tests.fakes import ADA, FakeCheckout, FakeObjects, FakeRemote, FakeServer
from tests.fakes_deploy import FakeSchema, FakeSmoke, FakeTarget, Host
from tests.unit.memory import Recorder, lay_out_git_folder

NOW = 1_750_000_000
LOCK, LEDGER = lock_ref("staging"), ledger_ref("staging")
DEAD = 999_999_999
"""No process has this number."""

FRONTEND = '{ kind = "directory", path = "site", source = "frontend" }'
BACKEND = '{ kind = "process", path = "service", run = "serve {port}", address = "localhost:8080" }'
SETTINGS = f"""\
[project]
name = "acme"
version = "{{version}}"

[tool.shipit.environments.staging]
from = "develop"
lock-expiry = 10
targets.backend = {BACKEND}
targets.frontend = {FRONTEND}
"""


class Killed(BaseException):
    """SIGKILL: nothing is cleaned up."""


class Scene:
    """What all machines share. The targets share one host each, and the public address is the backend's."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        self.folder = folder
        self.settings = settings
        self.server = FakeServer()
        self.frontend, self.backend = Host(), Host()
        self.smoke: FakeSmoke | None = FakeSmoke(self.backend)
        self.schema: FakeSchema | None = None
        self.now = NOW
        self.count = 0

    @property
    def refs(self) -> dict[str, str]:
        return dict(self.server.refs)

    def commit(self, version: str, branch: str = "develop", **files: str) -> Revision:
        """Somebody pushes a commit that says this version."""
        objects, ref = self.server.objects, f"refs/heads/{branch}"
        tip = self.server.refs.get(ref)
        self.count += 1
        texts = {"pyproject.toml": self.settings.replace("{version}", version), "count": str(self.count), **files}
        tree = objects.change_tree(tip, {name: text.encode() for name, text in texts.items()})
        sha = objects.commit(tree, [tip] if tip else [], f"feat: {self.count}\n", ADA, NOW + self.count)
        self.server.refs[ref] = sha
        return Revision(version, sha)

    def tag(self, name: str, target: str, *, light: bool = False) -> None:
        made = target if light else self.server.objects.tag(name, target, name, ADA, 0)
        self.server.refs[f"refs/tags/{name}"] = made

    def machine(self, process: int = 0) -> "Machine":
        self.count += 1
        return Machine(self, self.folder / f"machine-{self.count}", process or os.getpid())

    @property
    def live(self) -> tuple[str | None, str | None]:
        return self.frontend.live, self.backend.live

    @property
    def world(self) -> tuple[object, ...]:
        """All that a run may change but the ledger."""
        kept = [dict(host.kept) for host in (self.frontend, self.backend)]
        refs = {name: sha for name, sha in self.server.refs.items() if name != LEDGER}
        return refs, kept, self.live


class Machine:
    """One clone, and a process on it."""

    def __init__(self, scene: Scene, folder: Path, process: int) -> None:
        self.scene = scene
        lay_out_git_folder(folder)
        (folder / "pyproject.toml").write_text(scene.settings.replace("{version}", "1.0.0"))
        self.objects = FakeObjects()
        self.remote = FakeRemote(scene.server, self.objects)
        self.recorder = Recorder()
        self.actor = Actor("ada", socket.gethostname(), process)
        self.outside = Outside(open_project(folder), "staging", {"USER": "ada", "SOURCE_DATE_EPOCH": str(NOW)})
        vars(self.outside.release).update(
            remote=self.remote,
            objects=self.objects,
            checkout=FakeCheckout(folder / ".git"),
            actor=lambda: self.actor,
        )
        vars(self.outside).update(
            targets=self._targets, schema=self._schema, smoke=scene.smoke, now=lambda: self.scene.now
        )
        vars(self.outside)["require_inputs"] = lambda revision: None

    @property
    def reporter(self) -> Reporter:
        return Reporter(Renderer(self.recorder))

    def job(self, **options: Any) -> DeployJob:
        return DeployJob(self.outside, Options(**options), self.reporter)

    def deploy(self, **options: Any) -> Mapping[str, str]:
        return command.deploy(self.job(**options))

    def roll_back(self, to: str = "", **options: Any) -> Mapping[str, str]:
        return command.roll_back(self.job(**options), to)

    @property
    def entries(self) -> list[Entry]:
        return list(self.job().ledger.entries())

    @property
    def history(self) -> list[str]:
        """Versions and outcomes, newest first."""
        return [f"{one.decision.revision.version} {one.outcome}" for one in self.entries]

    @property
    def held(self) -> HeldLock | None:
        return self.job().held()

    @contextmanager
    def made(self, revision: Revision, **options: Any) -> Iterator[DeployContext]:
        """The context of a deployment of this revision, whose objects are brought here."""
        self.remote.fetch("refs/heads/develop")
        with context(self.job(), revision, "", **options) as made:
            yield made

    @property
    def ran(self) -> list[str]:
        """The steps that had something to do."""
        return self.recorder.names(events.StepDone)

    def _targets(self, intent: Intent) -> tuple[FakeTarget, ...]:
        return (
            FakeTarget(self.scene.frontend, "frontend", "directory", fence=intent.fence),
            FakeTarget(self.scene.backend, "backend", "process", fence=intent.fence),
        )

    @contextmanager
    def _schema(self, revision: Revision) -> Iterator[FakeSchema | None]:
        schema = self.scene.schema
        if schema:
            schema.opened += 1
        yield schema
        if schema:
            schema.closed += 1


def names(plan: Plan) -> list[str]:
    return [step.name for step in plan.all_steps]
