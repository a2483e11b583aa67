"""A small product whose frontend is on Vercel: a bare remote, a clone, and the stand-in."""

import copy
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.deploys.matrix import Striker
from tests.faults.killer import Blow
from tests.support import run
from tests.support.acme import commit, git, refs
from tests.support.run import Ran
from tests.support.vercel import PUBLIC, VercelServer
from tests.support.vercel_state import State

LOCK, LEDGER = "refs/shipit/lock/production", "refs/shipit/env/production"
DEPLOY = ("deploy", "--env", "production", "--yes")
RESUME = ("deploy", "--env", "production", "--resume")
ROLLBACK = ("deploy", "rollback", "--env", "production", "--yes")
SETTINGS = """\
[project]
name = "small"
version = "{version}"

[tool.shipit]
branches.develop = "develop"
forge.kind = "none"

[tool.shipit.environments.production]
from = "develop"
smoke.checks = [{{ get = "{root}version.json", json = {{ version = "{{version}}" }} }}]
smoke.answers = 1
smoke.timeout = 2

[tool.shipit.environments.production.targets.web]
kind = "vercel"
project = "acme-production"
team = "acme"
token = "env:VERCEL_TOKEN"
source = "site"
keep = 2
"""


@dataclass
class Product:
    """`folder` holds the remote and its clones."""

    folder: Path
    server: VercelServer
    striker: Striker

    @property
    def state(self) -> State:
        return self.server.state

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
        self.commit("1.0.0")

    def commit(self, version: str, **files: str) -> str:
        settings = SETTINGS.format(version=version, root=f"{self.server.api}{PUBLIC}")
        site = {"site/version.json": json.dumps({"version": version}), "site/assets/style.css": "body {}\n"}
        return commit(self.clone, f"feat: {version}", {"pyproject.toml": settings, **site, **files}, push=True)

    def run(self, *words: str, where: Path | None = None, blow: Blow | None = None) -> Ran:
        return self.striker.run(where or self.clone, *words, env=self.environment, blow=blow)

    @property
    def environment(self) -> Mapping[str, str]:
        return run.environment(VERCEL_TOKEN=self.state.token, VERCEL_API_URL=self.server.api)

    def fresh_clone(self) -> Path:
        """Another machine; the first one is gone."""
        target = self.folder / "elsewhere"
        shutil.rmtree(self.clone)
        shutil.rmtree(target, ignore_errors=True)
        git(self.folder, "clone", "--quiet", "--template=", "--branch=develop", str(self.remote), str(target))
        self._introduce(target)
        return target

    def save(self, name: str) -> tuple[Path, State]:
        target = self.folder.parent / name
        shutil.copytree(self.folder, target, symlinks=True)
        return target, copy.deepcopy(self.state)

    def restore(self, saved: tuple[Path, State]) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(saved[0], self.folder, symlinks=True)
        self.server.forget(copy.deepcopy(saved[1]))

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The ledger, newest first."""
        if LEDGER not in refs(self.remote):
            return []
        shas = git(self.remote, "rev-list", LEDGER).split()
        return [json.loads(git(self.remote, "show", f"{sha}:deployment.json")) for sha in shas]

    @property
    def history(self) -> list[str]:
        return [f"{entry['decision']['revision']['version']} {entry['outcome']}" for entry in self.entries]

    @property
    def versions(self) -> list[str]:
        """Those of the deployments that are there and have not failed, in the order in which they were made."""
        return [one.meta["shipitVersion"] for one in self.state.alive]

    @property
    def served(self) -> str:
        found = self.state.serve("version.json")
        return json.loads(found)["version"] if found else ""

    def standing(self) -> Mapping[str, Any]:
        """How the shared world stands, as far as two deployments of the same leave the same."""
        entries = [
            {"revision": one["decision"]["revision"], **{name: one[name] for name in ("targets", "outcome")}}
            for one in self.entries
        ]
        return {
            "served": self.served,
            "versions": self.versions,
            "states": [(one.state, one.substate, sorted(one.files.items())) for one in self.state.alive],
            "entries": entries,
            "refs": {name: sha for name, sha in refs(self.remote).items() if name != LEDGER},
        }

    def _introduce(self, clone: Path) -> None:
        with (clone / ".git" / "config").open("a") as file:
            file.write("[user]\n\tname = Ada Acme\n\temail = ada@acme.example\n[gc]\n\tauto = 0\n")


@contextmanager
def product(folder: Path) -> Iterator[Product]:
    with VercelServer() as server, Striker(folder / "striker", hasty=True) as striker:
        made = Product(folder / "laid", server, striker)
        made.lay()
        yield made
