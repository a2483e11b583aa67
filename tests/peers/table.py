"""The configurations of peers as repositories: what the recorder and the test both build."""

import os
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.repository import Repository

HERE = Path(__file__).parent
ANSWERS = HERE / "answers.json"
_REMOTE = "https://github.com/acme/demo.git"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One of configurations.toml; the keys are explained there."""

    name: str
    tool: str
    files: dict[str, str]
    commits: list[str]
    tag: str = ""
    branch: str = "main"
    pre: str = ""
    settled: str = ""
    said: str = ""

    def build(self, top: Path) -> Repository:
        """A repository with the files, the tag and the commits, on the branch."""
        made = Repository(top)
        made.git("remote", "add", "origin", _REMOTE)
        for name, text in self.files.items():
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.removeprefix("\n"))
        made.git("add", ".")
        made.commit("chore: start", tag=self.tag)
        made.git("checkout", "--quiet", "-B", self.branch)
        for subject in self.commits:
            made.commit(subject)
        return made


def configurations() -> list[Configuration]:
    """All of the table, in its order."""
    found: list[dict[str, Any]] = tomllib.loads((HERE / "configurations.toml").read_text("utf-8"))["configuration"]
    return [Configuration(**one) for one in found]


def written(made: Repository, version: str) -> dict[str, list[str]]:
    """The files that were changed since the last commit, each with its new lines in which the version stands."""
    paths = made.git("diff", "--name-only", "HEAD").splitlines()
    return {
        path: _new_lines(made.git("diff", "--unified=0", "HEAD", "--", path), version) for path in sorted(paths)
    }


def _new_lines(diff: str, version: str) -> list[str]:
    new = [line[1:].strip() for line in diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
    return [line for line in new if version and version in line]


@dataclass
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str


def run(argv: list[str], made: Repository, **more: str) -> Ran:
    """Run a command in a repository, without what CI tells in the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GH_", "CI"))}
    done = subprocess.run(argv, cwd=made.top, capture_output=True, text=True, check=False, env={**kept, **more})
    return Ran(done.returncode, done.stdout, done.stderr)
