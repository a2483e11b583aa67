"""A repository in memory, and what shipit init proposes for it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from shipit.config import sources
from shipit.project.init.model import Ask, Clone, Proposal
from shipit.project.init.proposal import propose

TOP = Path("/nowhere/demo")
PROJECT = '[project]\nname = "demo"\nversion = "0.1.0"\n'
LIBRARY = {"pyproject.toml": PROJECT, "tests/test_demo.py": ""}
HOSTED = Clone(remotes=("origin",), url="https://github.com/acme/demo.git", branches=("main",), default="main")


@dataclass
class Memory:
    """Plays ports.Repository; `blocked` are paths at which something unreadable lies."""

    files: dict[str, str]
    clone: Clone = HOSTED
    blocked: Sequence[str] = ()
    ignored: Sequence[str] = ()
    required: Sequence[str] = ()
    written: list[str] = field(default_factory=list)

    @property
    def paths(self) -> Sequence[str]:
        return tuple(self.files)

    @property
    def forge_files(self) -> Sequence[str]:
        return [path for path in self.files if path.startswith(".github/")] + list(self.blocked)

    def text(self, path: str) -> str | None:
        return self.files.get(path)

    def is_there(self, path: str) -> bool:
        return path in self.files or path in self.blocked

    def ignores(self, path: str) -> bool:
        return path in self.ignored

    def required_checks(self, branch: str) -> Sequence[str]:
        return self.required if branch == "main" else ()

    def write(self, path: str, text: str) -> None:
        self.written.append(path)
        self.files[path] = text

    def remove(self, path: str) -> None:
        self.written.append(path)
        del self.files[path]


def documents(files: Mapping[str, str]) -> sources.Documents:
    """What is read of these files."""
    raw = {name: tomllib.loads(files[name]) for name in ("pyproject.toml", "shipit.toml") if name in files}
    found = sources.documents(raw.get("pyproject.toml"), raw.get("shipit.toml"))
    return replace(found, text=files.get)


def proposal(memory: Memory, ask: Ask = lambda _, usual: usual) -> Proposal:
    return propose(TOP, documents(memory.files), memory, ask)


def own(seen: Proposal) -> dict[str, Any]:
    """shipit's keys in the file that holds them."""
    [change] = [one for one in seen.changes if one.path in {"pyproject.toml", "shipit.toml"}]
    raw = tomllib.loads(change.after)
    found: dict[str, Any] = raw["tool"]["shipit"] if change.path == "pyproject.toml" else raw
    return found


def text(seen: Proposal) -> str:
    """The file with shipit's keys."""
    return next(one.after for one in seen.changes if one.path in {"pyproject.toml", "shipit.toml"})
