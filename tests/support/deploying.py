"""A small product with an environment on this machine: a bare remote, clones, two served folders, a SQLite file.

The folders, the database and the smoke check lie outside of every clone, so that all clones deploy to the same.
"""

import json
import shutil
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.acme import commit, git, refs

LOCK, LEDGER = "refs/shipit/lock/staging", "refs/shipit/env/staging"
PARTS = ("site", "api")
SMOKE = '''\
"""Passes if both folders serve this version, and nobody has said that it is sick; waits while it is to wait."""

import pathlib
import sys
import time

here, version = pathlib.Path(__file__).parent, sys.argv[1]
served = [(here / part / "current" / "index.html").read_text().strip() for part in ("site", "api")]
sick = (here / "sick").read_text().split() if (here / "sick").exists() else []
print("served:", *served)
while (here / "wait").exists():
    time.sleep(0.02)
sys.exit(served != [f"site {version}", f"api {version}"] or version in sick)
'''
SETTINGS = """\
[project]
name = "small"
version = "{version}"

[tool.shipit.branches]
develop = "develop"

[tool.shipit.forge]
kind = "none"

[tool.shipit.environments.staging]
from = "develop"
smoke.run = [{python}, "-I", "-S", {smoke}, "{{version}}"]
targets.site = {{ kind = "directory", path = {site}, source = "site", keep = 2, role = "frontend" }}
targets.api = {{ kind = "directory", path = {api}, source = "api", keep = 2 }}
{database}
[tool.shipit.environments.production]
from = "tags"
targets.site = {{ kind = "directory", path = {production}, source = "site" }}

[tool.shipit.environments.bare]
from = "develop"
"""
DATABASE = "database.url = {url}\ndatabase.backup.enabled = false\n"


@dataclass(frozen=True)
class Estate:
    """Everything in one folder; `database` says whether the environment has one."""

    folder: Path
    database: bool = True

    @classmethod
    def lay(cls, folder: Path, *, database: bool = True) -> "Estate":
        made = cls(folder.resolve(), database)
        made.live.mkdir(parents=True)
        (made.live / "check.py").write_text(SMOKE)
        git(made.folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(made.remote))
        git(made.folder, "init", "--quiet", "--template=", "--initial-branch=develop", str(made.clone))
        git(made.clone, "remote", "add", "origin", str(made.remote))
        made._introduce(made.clone)
        made.commit("1.0.0")
        return made

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def live(self) -> Path:
        """The folder of the environment."""
        return self.folder / "live"

    def commit(self, version: str, where: Path | None = None, **files: str) -> str:
        """Push a commit of this version; its migrations are as many as its minor number, and one more."""
        count = int(version.split(".")[1]) + 1 if self.database else 0
        made = {f"migrations/{number:04}_more.sql": _migration(number) for number in range(1, count + 1)}
        made |= {f"{part}/index.html": f"{part} {version}\n" for part in PARTS}
        return commit(
            where or self.clone,
            f"feat: {version}",
            {"pyproject.toml": self.settings(version), **made, **files},
            push=True,
        )

    def settings(self, version: str) -> str:
        words = {part: str(self.live / part) for part in (*PARTS, "production")}
        words |= {"python": sys.executable, "smoke": str(self.live / "check.py")}
        quoted = {name: json.dumps(text) for name, text in words.items()}
        url = DATABASE.format(url=json.dumps(f"sqlite:///{self.live / 'staging.sqlite3'}"))
        return SETTINGS.format(version=version, database=url if self.database else "", **quoted)

    def fresh_clone(self, name: str = "elsewhere") -> Path:
        """Another machine."""
        target = self.folder / name
        git(self.folder, "clone", "--quiet", "--template=", "--branch=develop", str(self.remote), str(target))
        self._introduce(target)
        return target

    def sicken(self, *versions: str) -> None:
        """From now on the smoke check of these versions fails, and that of no other."""
        (self.live / "sick").write_text(" ".join(versions))

    @property
    def refs(self) -> Mapping[str, str]:
        return refs(self.remote)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The ledger, newest first."""
        if LEDGER not in self.refs:
            return []
        shas = git(self.remote, "rev-list", LEDGER).split()
        return [json.loads(git(self.remote, "show", f"{sha}:deployment.json")) for sha in shas]

    @property
    def history(self) -> list[str]:
        return [f"{entry['decision']['revision']['version']} {entry['outcome']}" for entry in self.entries]

    @property
    def served(self) -> list[str]:
        """What each folder serves."""
        pages = (self.live / part / "current" / "index.html" for part in PARTS)
        return [page.read_text().strip() if page.exists() else "" for page in pages]

    @property
    def kept(self) -> list[list[str]]:
        """The versions that each folder keeps; whatever else lies there counts too, but locks and numbers."""
        folders = [self.live / part / "versions" for part in PARTS]
        return [
            sorted(path.name for path in one.glob("*") if path.name not in {".lock", ".fence"}) for one in folders
        ]

    @property
    def schema(self) -> list[str]:
        """The tables of the database that migrations made."""
        path = self.live / "staging.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'more_%'")
            return sorted(name for (name,) in rows)

    def standing(self) -> Mapping[str, Any]:
        """How the shared world stands, as far as two deployments of the same leave the same."""
        entries = [
            {
                "revision": entry["decision"]["revision"],
                "replaces": entry["decision"]["replaces"],
                "back": entry["decision"]["is_rollback"],
                **{name: entry[name] for name in ("targets", "schema", "outcome")},
            }
            for entry in self.entries
        ]
        others = {name: sha for name, sha in self.refs.items() if name != LEDGER}
        return {
            "served": self.served,
            "kept": self.kept,
            "schema": self.schema,
            "entries": entries,
            "refs": others,
        }

    def save(self, name: str) -> Path:
        """Keep all of it as it is now, to come back to."""
        target = self.folder.parent / name
        shutil.copytree(self.folder, target, symlinks=True)
        return target

    def restore(self, saved: Path) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(saved, self.folder, symlinks=True)

    def _introduce(self, clone: Path) -> None:
        with (clone / ".git" / "config").open("a") as file:
            file.write("[user]\n\tname = Ada Acme\n\temail = ada@acme.example\n[gc]\n\tauto = 0\n")


def _migration(number: int) -> str:
    return f"CREATE TABLE more_{number} (id INTEGER PRIMARY KEY);\n"
