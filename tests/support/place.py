"""A product with everything around it: a remote over smart HTTP, a stand-in GitHub, a directory as index.

The product is the small sample with a gate and a build that cost next to nothing, and a user with work in hand.
"""

import copy
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from examples.history import SMALL, SMALL_BEGINNING, SMALL_WORK
from examples.lay_out import _lay

from tests.support import standing
from tests.support.acme import Laid, Template, commit, git, refs
from tests.support.github import GitHubServer
from tests.support.github_state import Pull, Release, Repository
from tests.support.gitserver import GitServer
from tests.support.run import Ran, environment, shipit

REPOSITORY = "acme/small"
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"

BUILD = b'''\
"""Builds wheel and sdist of one module; the same files give the same bytes."""

import base64
import gzip
import hashlib
import io
import pathlib
import re
import tarfile
import zipfile

pyproject = pathlib.Path("pyproject.toml").read_text()
version = re.search('^version = "(.+)"', pyproject, re.MULTILINE)[1]
fields = {"Metadata-Version": "2.1", "Name": "small", "Version": version, "Summary": "One word"}
fields["Description-Content-Type"] = "text/markdown"
metadata = "".join(f"{name}: {value}\\n" for name, value in fields.items()).encode() + b"\\n# small\\n"
dist = pathlib.Path("dist")
dist.mkdir(exist_ok=True)
info = f"small-{version}.dist-info"
kind = b"Wheel-Version: 1.0\\nGenerator: quick\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
inside = {"small.py": pathlib.Path("small.py").read_bytes(), f"{info}/METADATA": metadata, f"{info}/WHEEL": kind}
digests = {name: base64.urlsafe_b64encode(hashlib.sha256(data).digest()) for name, data in inside.items()}
rows = [f"{name},sha256={digests[name].rstrip(b'=').decode()},{len(data)}\\n" for name, data in inside.items()]
inside[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\\n"]).encode()
with zipfile.ZipFile(dist / f"small-{version}-py3-none-any.whl", "w") as wheel:
    for name, data in inside.items():
        wheel.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
plain = io.BytesIO()
with tarfile.open(fileobj=plain, mode="w") as archive:
    for name, data in {"PKG-INFO": metadata, "small.py": inside["small.py"]}.items():
        entry = tarfile.TarInfo(f"small-{version}/{name}")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
(dist / f"small-{version}.tar.gz").write_bytes(gzip.compress(plain.getvalue(), mtime=0))
'''
GITHUB = f"""
[tool.shipit.forge]
kind = "github"
repository = "{REPOSITORY}"
token = "env:RELEASE_TOKEN"
"""
NO_FORGE = '\n[tool.shipit.forge]\nkind = "none"\n'
DIRECTORY = '\n[tool.shipit.index]\npath = "../index"\n'
USUAL = DIRECTORY + GITHUB


def lay_out_with(folder: Path, tables: str, *, work_in_hand: bool) -> Laid:
    """The small product with a quick build, these tables at the end of its configuration, and a user's work."""
    quick = 'run = ["python", "-I", "-S", "build_quickly.py"]\nisolation = "never"\n'
    pyproject = SMALL["pyproject.toml"].decode().replace('isolation = "never"\n', quick)
    pyproject = pyproject.replace('\n[tool.shipit.index]\npath = "../index"\n', tables)
    files = {**SMALL, "pyproject.toml": pyproject.encode(), "build_quickly.py": BUILD}
    laid = _lay(folder, "small", files, SMALL_BEGINNING, SMALL_WORK)
    if work_in_hand:
        leave_work_in_hand(laid.clone)
    return laid


def leave_work_in_hand(clone: Path) -> None:
    """Stashed, staged, unstaged and untracked work that no release may touch or take along."""
    (clone / "README.md").write_text("# small\n\nStashed.\n")
    git(clone, "stash", "push", "--quiet")
    (clone / "README.md").write_text("# small\n\nStaged.\n")
    (clone / "staged.txt").write_text("staged, never committed\n")
    git(clone, "add", "README.md", "staged.txt")
    (clone / "README.md").write_text("# small\n\nStaged, and changed again.\n")
    (clone / "small.py").write_text((clone / "small.py").read_text() + "UNSTAGED = True\n")
    (clone / "untracked.txt").write_text("untracked\n")


@dataclass(frozen=True)
class Place:
    """One copy of the product with its surroundings; `name` is the remote's path on the git server."""

    laid: Laid
    server: GitServer
    github: GitHubServer
    name: str
    env: dict[str, str] = field(default_factory=dict)

    @property
    def clone(self) -> Path:
        return self.laid.clone

    @property
    def forge(self) -> Repository:
        return self.github.state.repositories[REPOSITORY]

    @property
    def environment(self) -> dict[str, str]:
        ours = {"GITHUB_API_URL": self.github.api, "RELEASE_TOKEN": TOKEN, "XDG_STATE_HOME": str(self.state)}
        return environment(**{**ours, **self.env})

    @property
    def state(self) -> Path:
        """The state folder of the user, where private clones lie."""
        return self.laid.folder / "state"

    def shipit(
        self, *words: str, where: Path | None = None, env: Mapping[str, str] | None = None, hurried: bool = False
    ) -> Ran:
        return shipit(where or self.clone, *words, env={**self.environment, **(env or {})}, hurried=hurried)

    def fresh_clone(self, name: str = "elsewhere", *options: str, branch: str = "develop") -> Path:
        """Another machine: a new clone over HTTP, beside the first so that both see the same index."""
        target = self.laid.folder / name
        url = self.server.url(self.name)
        git(self.laid.folder, "clone", "--quiet", f"--branch={branch}", *options, url, str(target))
        config = target / ".git" / "config"
        config.write_text(config.read_text() + "[user]\n\tname = Ada Acme\n\temail = ada@acme.example\n")
        return target

    def push_something(self, message: str, files: Mapping[str, str] | None = None, branch: str = "develop") -> str:
        """Somebody else pushes a commit; returns its id."""
        other = self.laid.folder / "somebody"
        if not other.exists():
            self.fresh_clone("somebody")
        git(other, "fetch", "--quiet", "origin")
        git(other, "checkout", "--quiet", "-B", branch, f"origin/{branch}")
        return commit(other, message, files, push=True)

    def outside(self) -> standing.Standing:
        """How the shared world stands: every ref of the remote, every file of the index, the forge."""
        return {
            "refs": refs(self.laid.remote),
            "index": standing.files(self.laid.index),
            "forge": standing.of_forge(self.forge),
        }

    def here(self) -> standing.Standing:
        return standing.of_clone(self.clone)

    def writes(self) -> list[str]:
        """Every write that the servers saw so far."""
        pushed = [f"{one.method} {one.path}" for one in self.server.pushes]
        return [*pushed, *(f"{one.method} {one.path}" for one in self.github.writes())]


@dataclass(frozen=True)
class Saved:
    """A place as it once stood, to come back to."""

    folder: Path
    releases: list[Release]
    pulls: list[Pull]
    latest: int | None


@dataclass
class Stage:
    """The two servers of a test session, and the places on them."""

    root: Path
    server: GitServer
    github: GitHubServer
    templates: dict[str, Template] = field(default_factory=dict)
    count: int = 0

    def place(self, tables: str = USUAL, *, work_in_hand: bool = True) -> Place:
        """A fresh copy of the product; the forge is emptied, so that one place is in use at a time."""
        kind = f"{tables}{work_in_hand}"
        if kind not in self.templates:
            folder = self.root / f"template-{len(self.templates)}"
            self.templates[kind] = Template(lay_out_with(folder, tables, work_in_hand=work_in_hand))
        self.count += 1
        laid = self.templates[kind].copy(self.root / f"place-{self.count}")
        name = str(laid.remote.relative_to(self.root.resolve()))
        git(laid.clone, "remote", "set-url", "origin", self.server.url(name))
        self.github.add_repository(REPOSITORY, git=laid.remote)
        return Place(laid, self.server, self.github, name)

    def save(self, place: Place) -> Saved:
        self.count += 1
        folder = self.root / f"saved-{self.count}"
        shutil.copytree(place.laid.folder, folder, symlinks=True)
        forge = place.forge
        return Saved(folder, copy.deepcopy(forge.releases), copy.deepcopy(forge.pulls), forge.latest)

    def restore(self, place: Place, saved: Saved) -> None:
        """Put the place back, at the same path and address."""
        shutil.rmtree(place.laid.folder)
        shutil.copytree(saved.folder, place.laid.folder, symlinks=True)
        forge = self.github.add_repository(REPOSITORY, git=place.laid.remote)
        forge.releases = copy.deepcopy(saved.releases)
        forge.pulls = copy.deepcopy(saved.pulls)
        forge.latest = saved.latest

    def clear(self, place: Place, *saved: Saved) -> None:
        for folder in (place.laid.folder, *(one.folder for one in saved)):
            shutil.rmtree(folder)


@contextmanager
def stage(root: Path) -> Iterator[Stage]:
    """Start both servers; the block ends with the stand-in's judgement on every request that it got."""
    root = root.resolve()
    with GitServer(root) as server, GitHubServer() as github:
        github.add_token("write", text=TOKEN)
        yield Stage(root, server, github)
