"""Shapes of ordinary projects: a folder each with a few files, and expected.toml that says what comes of it."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.acme import git

SHAPES = Path(__file__).parents[1] / "scenarios" / "shapes"
EXPECTED = "expected.toml"
COMMON = """\
forge.kind = "none"
distribution.isolation = "never"
distribution.install = false
distribution.sbom = false
"""
_TOOLS = Path(__file__).parents[2] / ".venv-shapes" / "bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What comes of one release; `package` is empty for the repository, `written` are the places found."""

    package: str
    name: str
    version: str
    next: str
    tag: str
    written: tuple[str, ...]

    @property
    def before(self) -> str:
        """The tag of the release before."""
        return self.tag.replace(self.next, self.version)

    @property
    def words(self) -> tuple[str, ...]:
        """How the command line is asked for it."""
        return ("--package", self.package) if self.package else ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A folder of tests/scenarios/shapes with what its expected.toml says."""

    folder: Path
    facts: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Shape":
        return cls(folder, tomllib.loads((folder / EXPECTED).read_text("utf-8")))

    @property
    def has_wheel(self) -> bool:
        return bool(self.facts.get("wheel", True))

    @property
    def tools(self) -> list[str]:
        """The programs that its checks run."""
        return [command.rpartition(" && ")[2].split()[0] for command in self.facts.get("checks", ())]

    @property
    def releases(self) -> tuple[Expected, ...]:
        """What is released, in this order."""
        found = self.facts.get("packages") or {"": self.facts}
        return tuple(_expected(package, facts) for package, facts in found.items())

    def lay(self, root: Path) -> Path:
        """A clone of the project beside its bare remote; each package has a tag, and a feature after it."""
        clone = root / "product"
        shutil.copytree(self.folder, clone, ignore=shutil.ignore_patterns(EXPECTED))
        own = clone / "shipit.toml"
        index = 'index.path = "../index"\n' if self.has_wheel else 'index.kind = "none"\n'
        own.write_text(COMMON + index + (own.read_text() if own.exists() else ""))
        git(clone, "init", "-q", "-b", "main")
        with (clone / ".git" / "config").open("a") as config:
            config.write("[user]\n\tname = Ada Acme\n\temail = ada@acme.example\n")
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", "chore: start")
        for one in self.releases:
            git(clone, "tag", "-a", "-m", "before", one.before)
        for folder in self._folders(clone):
            (folder / "feature.txt").write_text("one\n")
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", "feat: one")
        git(root, "clone", "-q", "--bare", str(clone), "remote.git")
        git(clone, "remote", "add", "origin", "../remote.git")
        git(clone, "fetch", "-q")
        return clone

    def _folders(self, clone: Path) -> list[Path]:
        tables = tomllib.loads((clone / "shipit.toml").read_text()).get("packages", {})
        return [clone / table["path"] for table in tables.values()] or [clone]


def _expected(package: str, facts: Mapping[str, Any]) -> Expected:
    version = facts.get("next", "1.1.0")
    return Expected(
        package=package,
        name=facts.get("name", ""),
        version=facts.get("version", "1.0.0"),
        next=version,
        tag=facts.get("tag", f"v{version}"),
        written=tuple(facts.get("written", ())),
    )


def tool(name: str) -> str | None:
    """A tool that locks or installs: in an environment of its own, among the scanners, or on PATH."""
    own = [os.environ.get(f"SHIPIT_TEST_{one}", "") for one in ("SHAPES", "SCANNERS")]
    places = [*own, str(_TOOLS), os.environ.get("PATH", "")]
    return shutil.which(name, path=os.pathsep.join(filter(None, places)))


def try_check(command: str, folder: Path) -> str:
    """Run a check of expected.toml in a clone, without network; what it said, empty if it passed."""
    *place, words = command.removeprefix("cd ").split(" && ")
    argv = words.split()
    ours = {
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_OFFLINE": "1",
        "UV_CACHE_DIR": str(folder.parent / "uv"),
        "CARGO_NET_OFFLINE": "true",
        "PDM_CHECK_UPDATE": "false",
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "npm_config_cache": str(folder.parent / "npm"),
        "PATH": os.pathsep.join([str(Path(tool(argv[0]) or argv[0]).parent), os.environ.get("PATH", "")]),
    }
    done = subprocess.run(
        argv,
        cwd=folder.joinpath(*place),
        env={**os.environ, **ours},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return "" if done.returncode == 0 else f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
