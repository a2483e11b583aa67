"""A product whose service runs elsewhere, from an image: a remote, a registry, and a platform that takes orders.

1.0.0 is live in production, and 1.1.0 on staging, whose image production is to take over. Registry and platform are
in this process, so that they outlive whoever is killed.
"""

import copy
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shipit.images.model import REVISION
from tests.faults.deploys.matrix import Striker
from tests.faults.killer import Blow
from tests.support import run
from tests.support.acme import commit, git, refs
from tests.support.description import Asked
from tests.support.http_listener import Drop, Listener
from tests.support.registry_images import Pusher, image
from tests.support.registry_rules import Reply
from tests.support.registry_stand_in import Repository, StandIn
from tests.support.run import Ran

LOCK, LEDGER = "refs/shipit/lock/production", "refs/shipit/env/production"
DEPLOY = ("deploy", "--env", "production", "--yes")
RESUME = ("deploy", "--env", "production", "--resume")
KEY = "sentinel-hook-key-4b1d"
REPOSITORY = "acme/web"
SETTINGS = """\
[project]
name = "small"
version = "{version}"

[tool.shipit]
branches.develop = "develop"
forge.kind = "none"
registry = {{ host = "{registry}", namespace = "acme" }}
images.web = {{ file = "Dockerfile" }}
"""
ENVIRONMENT = """
[tool.shipit.environments.{name}]
from = "{source}"
{more}
smoke.checks = [{{ get = "{root}/{name}/healthz", json = {{ commit = "{{commit}}" }} }}]
smoke.answers = 1
smoke.timeout = 1
targets.web = {way}
"""
WAYS = {
    "webhook": '{{ kind = "webhook", url = "env:HOOK_{upper}", image = "web" }}',
    "command": (
        '{{ kind = "command", deploy = ["{python}", "order.py", "HOOK_{upper}", "{{version}}", "{{commit}}",'
        ' "{{image}}"], image = "web" }}'
    ),
}
ORDER = """\
import json, os, sys, urllib.request

_, hook, version, commit, image = sys.argv
order = json.dumps({"version": version, "commit": commit, "image": image})
urllib.request.urlopen(urllib.request.Request(os.environ[hook], order.encode(), method="POST"))
"""
"""What a project writes where its platform has a program instead of a hook."""


@dataclass
class Platform:
    """Orders for each environment, in turn; `live` is what answers there; versions that are `sick` answer 500."""

    live: dict[str, Mapping[str, str]] = field(default_factory=dict)
    orders: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    sick: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Reply | Drop:
        _, name, what = asked.path.split("/")
        if what == "deploy":
            assert (asked.method, asked.query) == ("POST", f"key={KEY}")
            order = json.loads(asked.body)
            self.orders.setdefault(name, []).append(order)
            self.live[name] = order
            return Reply(202, b"", {})
        found = self.live.get(name, {})
        body = json.dumps({key: found.get(key) for key in ("version", "commit")}).encode()
        status = 500 if not found or found["version"] in self.sick else 200
        return Reply(status, body, {"Content-Type": "application/json"})


@dataclass
class Saved:
    folder: Path
    repositories: Mapping[str, Repository]
    live: Mapping[str, Mapping[str, str]]


@dataclass
class Cloud:
    """All of it; `folder` holds the remote and its clones."""

    folder: Path
    registry: StandIn
    platform: Platform
    root: str
    striker: Striker
    way: str

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    def lay(self) -> None:
        self.folder.mkdir(parents=True)
        git(self.folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=develop", str(self.remote))
        git(self.folder, "init", "--quiet", "--template=", "--initial-branch=develop", str(self.clone))
        git(self.clone, "remote", "add", "origin", str(self.remote))
        self._introduce(self.clone)
        for version in ("1.0.0", "1.1.0"):
            self.release(version)
            self.run("deploy", "--env", "staging", "--yes").ended(0)
            if version == "1.0.0":
                self.run(*DEPLOY).ended(0)

    def release(self, version: str) -> None:
        """Commit and tag it, and push its image as `shipit build --push` on develop does."""
        settings = SETTINGS.format(version=version, registry=self.registry.host)
        for name, source, more in (
            ("staging", "develop", ""),
            ("production", "tags", 'promote-from = "staging"'),
        ):
            way = WAYS[self.way].format(upper=name.upper(), python=sys.executable)
            settings += ENVIRONMENT.format(name=name, source=source, more=more, root=self.root, way=way)
        files = {"pyproject.toml": settings, "order.py": ORDER}
        sha = commit(self.clone, f"feat: {version}", files, push=True)
        git(self.clone, "tag", f"v{version}")
        git(self.clone, "push", "--quiet", "origin", f"v{version}")
        made = image(version, labels={REVISION: sha})
        Pusher(self.registry.root).push(REPOSITORY, made, f"develop-{sha[:9]}")

    def fresh_clone(self) -> Path:
        """Another machine; the first one is gone."""
        shutil.rmtree(self.clone)
        target = self.folder / "elsewhere"
        git(self.folder, "clone", "--quiet", "--template=", "--branch=develop", str(self.remote), str(target))
        self._introduce(target)
        return target

    def run(self, *words: str, where: Path | None = None, blow: Blow | None = None) -> Ran:
        hooks = {
            f"HOOK_{name.upper()}": f"{self.root}/{name}/deploy?key={KEY}" for name in ("staging", "production")
        }
        return self.striker.run(where or self.clone, *words, env=run.environment(**hooks), blow=blow)

    def save(self, name: str) -> Saved:
        target = self.folder.parent / name
        shutil.copytree(self.folder, target, symlinks=True)
        return Saved(target, copy.deepcopy(self.registry.repositories), dict(self.platform.live))

    def restore(self, saved: Saved) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(saved.folder, self.folder, symlinks=True)
        self.registry.repositories = copy.deepcopy(dict(saved.repositories))
        self.platform.live = dict(saved.live)
        self.platform.orders.clear()
        self.platform.sick.clear()

    @property
    def orders(self) -> list[str]:
        """The versions that were ordered for production, in turn."""
        return [one["version"] for one in self.platform.orders.get("production", [])]

    @property
    def tags(self) -> Mapping[str, str]:
        return dict(self.registry.repositories[REPOSITORY].tags)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The ledger, newest first."""
        shas = git(self.remote, "rev-list", LEDGER).split()
        return [json.loads(git(self.remote, "show", f"{sha}:deployment.json")) for sha in shas]

    def standing(self) -> Mapping[str, Any]:
        """How the shared world stands, as far as two deployments of the same leave the same."""
        live = self.platform.live["production"]
        entries = [
            {
                "revision": one["decision"]["revision"],
                **{name: one[name] for name in ("targets", "images", "outcome")},
            }
            for one in self.entries
        ]
        others = {name: sha for name, sha in refs(self.remote).items() if name != LEDGER}
        return {
            "tags": self.tags,
            "live": {name: live[name] for name in ("version", "commit", "image")},
            "entries": entries,
            "refs": others,
        }

    def _introduce(self, clone: Path) -> None:
        with (clone / ".git" / "config").open("a") as file:
            file.write("[user]\n\tname = Ada Acme\n\temail = ada@acme.example\n[gc]\n\tauto = 0\n")


@contextmanager
def cloud(folder: Path, way: str) -> Iterator[Cloud]:
    """`way` is the kind of its targets: webhook or command."""
    platform = Platform()
    listener = Listener(platform.answer)
    listener.start()
    try:
        with StandIn() as registry, Striker(folder / "striker", hasty=True) as striker:
            made = Cloud(folder / "laid", registry, platform, listener.root, striker, way)
            made.lay()
            yield made
    finally:
        listener.stop()
