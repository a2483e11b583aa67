"""Projects of people who have never seen shipit: a folder each, and stranger.toml with what stands around it."""

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.acme import git

STRANGERS = Path(__file__).parents[1] / "scenarios" / "strangers"
FACTS, DIFF = "stranger.toml", "init.diff"


@dataclass(frozen=True, slots=True)
class Stranger:
    """A folder of tests/scenarios/strangers; `diff` is what `shipit init --yes` does outside of .github."""

    folder: Path
    facts: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Stranger":
        return cls(folder, tomllib.loads((folder / FACTS).read_text("utf-8")))

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def diff(self) -> str:
        file = self.folder / DIFF
        return file.read_text("utf-8") if file.exists() else ""

    @property
    def words(self) -> list[str]:
        """How `shipit release` is asked for it."""
        return list(self.facts.get("words", ()))

    def lay(self, root: Path) -> Path:
        """A clone beside its bare remote: the tags stand on its first commit, and a feature comes after them."""
        clone = root / self.name
        shutil.copytree(self.folder, clone, ignore=shutil.ignore_patterns(FACTS, DIFF, "__pycache__", ".*_cache"))
        git(clone, "init", "-q", "-b", self.facts.get("branch", "main"))
        for key, value in (("user.name", "Ada Acme"), ("user.email", "ada@acme.example")):
            git(clone, "config", key, value)
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", "chore: start")
        for tag in self.facts.get("tags", ()):
            git(clone, "tag", "-a", "-m", tag, tag)
        for folder in {path.parent for path in clone.rglob("pyproject.toml")} | {clone}:
            (folder / "feature.txt").write_text("one\n")
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", "feat: one")
        for branch in self.facts.get("branches", ()):
            git(clone, "branch", branch)
        git(root, "clone", "-q", "--bare", str(clone), "remote.git")
        git(clone, "remote", "add", "origin", (root / "remote.git").as_uri())
        git(clone, "fetch", "-q")
        return clone


def everyone() -> list[Stranger]:
    return [Stranger.read(folder) for folder in sorted(STRANGERS.iterdir()) if folder.is_dir()]


def changed(clone: Path) -> str:
    """What git shows of all changes outside of .github, new files included, without the ids of blobs."""
    git(clone, "add", "--intent-to-add", "-A")
    rows = git(clone, "diff", "--", ".", ":(exclude).github").splitlines(keepends=True)
    return "".join(row for row in rows if not row.startswith("index ")) + "\n"
