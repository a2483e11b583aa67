"""The outside in memory: git's objects, a shared remote, a clone, the files of a release, a workbench.

tests/contract holds each of them to what the real adapter does. FakeForge and FakeIndex come along.
"""

import hashlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError, LeaseLost, Refused, StoppedHalfway, Unavailable
from shipit.gates.report import GateReport, Verdict
from shipit.model import ATTESTATION, Artifact, Commit, Identity, Merge, RefUpdate, Tag
from tests.fakes_forge import FakeForge
from tests.fakes_index import FakeIndex

__all__ = [
    "FakeArtifacts",
    "FakeCheckout",
    "FakeForge",
    "FakeIndex",
    "FakeObjects",
    "FakeRemote",
    "FakeServer",
    "FakeWorkbench",
]

_CO_AUTHOR = re.compile(r"^co-authored-by:\s*(.*?)\s*<(.+?)>", re.IGNORECASE | re.MULTILINE)
ADA = Identity("Ada Acme", "ada@acme.example")


@dataclass(frozen=True, slots=True)
class _Tree:
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Commit:
    tree: str
    parents: tuple[str, ...]
    message: str
    author: Identity
    time: int


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    target: str
    message: str
    author: Identity
    time: int


_Object = _Tree | _Commit | _Tag


@dataclass
class FakeObjects:
    """Plays ports.Objects: the same content has the same id, and a tree is a dict of files."""

    store: dict[str, _Object] = field(default_factory=dict)
    mailmap: dict[Identity, Identity] = field(default_factory=dict)

    def has(self, sha: str) -> bool:
        return sha in self.store

    def tree(self, commit: str) -> str:
        return self._commit(commit).tree

    def files(self, commit: str, prefix: str = "") -> Sequence[str]:
        folder = prefix.rstrip("/")
        return [name for name in sorted(self._files(commit)) if _is_in(name, folder)]

    def read(self, commit: str, path: str) -> bytes | None:
        return self._files(commit).get(path)

    def patches(self, before: str, after: str) -> Mapping[str, bytes]:
        old, new = self._files(before), self._files(after)
        changed = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
        return {path: b"".join((old.get(path, b""), b" -> ", new.get(path, b""))) for path in changed}

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return ancestor in self.ancestors(descendant)

    def ancestors(self, commit: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [commit]
        while waiting:
            sha = waiting.pop()
            if sha not in found:
                found.add(sha)
                waiting.extend(self._commit(sha).parents)
        return frozenset(found)

    def history(self, start: str | None, *ends: str) -> Sequence[Commit]:
        old = self.ancestors(start) if start else frozenset()
        fresh = frozenset().union(*map(self.ancestors, ends)) - old
        shown = [sha for sha in self.store if sha in fresh]  # a parent is always made before its child
        return [self.at(sha) for sha in reversed(shown)]

    def touched(self, folder: str, start: str | None, end: str) -> frozenset[str]:
        found = (commit for commit in self.history(start, end) if len(commit.parents) < 2)
        return frozenset(commit.sha for commit in found if self._touches(commit, folder))

    def authors(self, commit: str) -> frozenset[str]:
        found = self.history(None, commit)
        named = (word for one in found for pair in _CO_AUTHOR.findall(one.message) for word in pair)
        people = (word for one in found for word in (one.author.name, one.author.email))
        return frozenset(word.lower() for word in (*people, *named))

    def known_as(self, people: Sequence[Identity]) -> Sequence[Identity]:
        return [self.mailmap.get(one, one) for one in people]

    def change_tree(self, base: str | None, changes: Mapping[str, bytes]) -> str:
        return self._put(_Tree(tuple(sorted({**(self._files(base) if base else {}), **changes}.items()))))

    def commit(self, tree: str, parents: Sequence[str], message: str, author: Identity, time: int) -> str:
        return self._put(_Commit(tree, tuple(parents), message, author, time))

    def tag(self, name: str, target: str, message: str, author: Identity, time: int) -> str:
        return self._put(_Tag(name, target, message, author, time))

    def merge(self, ours: str, theirs: str, preferred: Mapping[str, bytes]) -> Merge:
        here, there, before = (self._files(one) for one in (ours, theirs, self._base(ours, theirs)))
        merged: dict[str, bytes] = {}
        conflicts = []
        for path in sorted({*here, *there, *before}):
            sides = {here.get(path), there.get(path)} - {before.get(path)}
            if len(sides) > 1 and path not in preferred:
                conflicts.append(path)
            data = sides.pop() if sides else before.get(path)
            if data is not None:
                merged[path] = data
        if conflicts:
            return Merge(None, tuple(conflicts))
        return Merge(self.change_tree(None, {**merged, **preferred}))

    def peel(self, sha: str) -> str:
        """What a tag finally names."""
        found = self._get(sha)
        return self.peel(found.target) if isinstance(found, _Tag) else sha

    def closure(self, *tips: str) -> Iterator[str]:
        """Everything that is reachable from these objects, parents first."""
        wanted: set[str] = set()
        waiting = list(tips)
        while waiting:
            sha = waiting.pop()
            if sha in wanted:
                continue
            wanted.add(sha)
            found = self._get(sha)
            if isinstance(found, _Commit):
                waiting += [found.tree, *found.parents]
            elif isinstance(found, _Tag):
                waiting.append(found.target)
        return (sha for sha in self.store if sha in wanted)

    def _base(self, ours: str, theirs: str) -> str | None:
        common = self.ancestors(ours) & self.ancestors(theirs)
        above = {sha for one in common for sha in self.ancestors(one) - {one}}
        return max(common - above, default=None)

    def at(self, sha: str) -> Commit:
        """The commit that an id names, or the tag behind it."""
        found = self._commit(sha)
        return Commit(sha, found.message, found.parents, found.author, found.time)

    def _touches(self, commit: Commit, folder: str) -> bool:
        sides = [self._files(sha) for sha in (commit.sha, *commit.parents)]
        inside = [{name: data for name, data in side.items() if _is_in(name, folder)} for side in sides]
        return inside[0] != (inside[1] if commit.parents else {})

    def _files(self, sha: str | None) -> dict[str, bytes]:
        if sha is None:
            return {}
        found = self._get(self.peel(sha))
        if isinstance(found, _Commit):
            found = self._get(found.tree)
        assert isinstance(found, _Tree)
        return dict(found.files)

    def _commit(self, sha: str) -> _Commit:
        found = self._get(self.peel(sha))
        assert isinstance(found, _Commit)
        return found

    def _get(self, sha: str) -> _Object:
        if sha not in self.store:
            raise ExternalError(f"there is no object {sha} here")
        return self.store[sha]

    def _put(self, made: _Object) -> str:
        sha = hashlib.sha1(repr(made).encode()).hexdigest()
        self.store.setdefault(sha, made)
        return sha


@dataclass
class FakeServer:
    """The other side of one or several FakeRemotes, and what goes wrong there.

    `trouble` meets every contact, `declined` refs fall to a hook, `read_only` takes no push at all; after the
    push number `lose_answer_to` (from 1) the client hears nothing, though the work is done; `before_push` is
    called once, when the next push arrives and before it is looked at. While `slow` is more than 0, no push is
    answered, and each is done so many looks later.
    """

    refs: dict[str, str] = field(default_factory=dict)
    objects: FakeObjects = field(default_factory=FakeObjects)
    trouble: ExternalError | None = None
    declined: set[str] = field(default_factory=set)
    read_only: bool = False
    lose_answer_to: int = 0
    slow: int = 0
    before_push: Callable[[], object] | None = None
    pushes: list[tuple[RefUpdate, ...]] = field(default_factory=list)
    waiting: list[tuple[int, tuple[RefUpdate, ...]]] = field(default_factory=list)
    """pushes that are not done yet, with the looks until then"""
    on_take: Callable[[], object] | None = None
    """called after each push that was done"""

    def look(self) -> None:
        """Do what was waiting for this look, if the leases still hold."""
        due = [updates for looks, updates in self.waiting if looks == 1]
        self.waiting = [(looks - 1, updates) for looks, updates in self.waiting if looks > 1]
        for updates in due:
            if all(self.refs.get(one.ref) == one.expected for one in updates):
                self.take(updates)

    def take(self, updates: Sequence[RefUpdate]) -> None:
        for update in updates:
            if update.new is None:
                self.refs.pop(update.ref, None)
            else:
                self.refs[update.ref] = update.new
        self.pushes.append(tuple(updates))
        if self.on_take:
            self.on_take()
        if len(self.pushes) == self.lose_answer_to:
            raise Unavailable("the answer to the push was lost")


@dataclass
class FakeRemote:
    """Plays ports.Remote: leases, all refs or none, and objects that must be brought here before they are there."""

    server: FakeServer
    objects: FakeObjects
    name: str = "origin"
    unanswered: list[RefUpdate] = field(default_factory=list)

    def refs(self) -> Mapping[str, str]:
        self._reach()
        self.server.look()
        found = dict(sorted(self.server.refs.items()))
        for ref, sha in self.server.refs.items():
            peeled = self.server.objects.peel(sha) if self.server.objects.has(sha) else sha
            if peeled != sha:
                found[f"{ref}^{{}}"] = peeled
        return found

    def fetch(self, *refs: str) -> None:
        self._reach()
        unknown = [ref for ref in refs if ref not in self.server.refs]
        if unknown:
            raise ExternalError(f"{self.name} has no ref {', '.join(unknown)}")
        _copy(self.server.objects, self.objects, [self.server.refs[ref] for ref in refs])

    def push_argv(self, *updates: RefUpdate) -> Sequence[str]:
        return ("git", "push", self.name, *(f"{one.new or ''}:{one.ref}" for one in updates))

    def push(self, *updates: RefUpdate) -> None:
        try:
            self._push(updates)
        except Unavailable:
            self.unanswered += updates
            raise

    def _push(self, updates: Sequence[RefUpdate]) -> None:
        self._reach()
        happening, self.server.before_push = self.server.before_push, None
        if happening:
            happening()
        refused = self._refused(updates)
        if refused:
            raise refused
        declined = [update.ref for update in updates if update.ref in self.server.declined]
        if declined:
            raise Denied(f"{self.name} declined {', '.join(declined)}", hint="release through a pull request: --pr")
        if updates:
            _copy(self.objects, self.server.objects, [update.new for update in updates if update.new])
            if self.server.slow:
                self.server.waiting.append((self.server.slow, tuple(updates)))
                raise Unavailable("the server is slow")
            self.server.take(updates)

    def push_problems(self, *updates: RefUpdate) -> Sequence[Problem]:
        trouble = self.server.trouble or self._refused(updates)
        if trouble is None or isinstance(trouble, LeaseLost):
            return ()
        return (Problem(trouble.what, hint=trouble.hint or ""),)

    def _refused(self, updates: Sequence[RefUpdate]) -> ExternalError | None:
        if self.server.read_only:
            return Denied(f"{self.name} takes no push from this account")
        there = self.server.refs
        stale = [
            one.ref for one in updates if there.get(one.ref) != one.expected and there.get(one.ref, "") != one.new
        ]
        return LeaseLost(f"somebody else moved {', '.join(stale)} on {self.name} first") if stale else None

    def _reach(self) -> None:
        if self.server.trouble:
            raise self.server.trouble


@dataclass
class FakeCheckout:
    """Plays ports.Checkout, and the rest of what commands ask of the user's clone."""

    git_folder: Path
    refs: dict[str, str] = field(default_factory=dict)
    tips: dict[str, str] = field(default_factory=dict)
    branch: str | None = "develop"
    is_shallow: bool = False
    url: str | None = "https://github.com/acme/acme.git"
    why_not: str = ""
    """why the branch that is checked out cannot be brought forward"""
    brought_forward: list[tuple[str, str]] = field(default_factory=list)
    in_hand: list[str] = field(default_factory=list)
    """paths with changes that are not committed"""

    def changed(self) -> list[str]:
        return self.in_hand

    def time(self, commit: str) -> int:
        return int(commit[:4], 16)

    def ref(self, name: str) -> str | None:
        return self.refs.get(name)

    def tag_argv(self, tag: str, sha: str) -> Sequence[str]:
        return ("git", "update-ref", f"refs/tags/{tag}", sha)

    def set_tag(self, tag: str, sha: str) -> None:
        if f"refs/tags/{tag}" in self.refs:
            raise Denied(f"{tag} is in this clone already")
        self.refs[f"refs/tags/{tag}"] = sha

    def tip(self, ref: str) -> str | None:
        return self.tips.get(ref)

    def tags(self) -> list[Tag]:
        start = "refs/tags/"
        return [Tag(ref.removeprefix(start), sha) for ref, sha in self.refs.items() if ref.startswith(start)]

    def bring_forward(self, remote: str, branch: str) -> str:
        self.brought_forward.append((remote, branch))
        return self.why_not

    def identity(self) -> Identity:
        return ADA

    def remote_url(self, remote: str, *, push: bool = False) -> str | None:
        return self.url if remote == "origin" else None


@dataclass
class FakeArtifacts:
    """Plays ports.ArtifactStore: `kept` are the files that the remote has, `folder` is where `path` writes them."""

    folder: Path
    kept: Mapping[str, bytes] = field(default_factory=dict)
    held: dict[str, bytes] = field(default_factory=dict)

    def names(self) -> Sequence[str]:
        return sorted(self.held)

    def path(self, name: str) -> Path:
        if name not in self.held:
            if name not in self.kept:
                raise StoppedHalfway(f"{name} is not on this machine and not kept on origin")
            self.write(name, self.kept[name])
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(self.held[name])
        return self.folder / name

    def read(self, name: str) -> bytes | None:
        return self.held.get(name)

    def write(self, name: str, data: bytes) -> None:
        self.held[name] = data

    def artifact(self, name: str) -> Artifact:
        data = self.path(name).read_bytes()
        return Artifact(name, len(data), hashlib.sha256(data).hexdigest())

    def clear(self) -> None:
        self.held.clear()


@dataclass
class FakeWorkbench:
    """Plays ports.Gates and ports.Packager: what it builds tells of the tree and of how often it was asked.

    `verdicts` are those of gates that do not pass; `refused` maps check, install or build to what is said then;
    `attested` are files beside which a build leaves an attestation, `warnings` those of the metadata check,
    `unfit` is what is wrong with the Python here, and without `fits`
    nothing can be installed here.
    """

    folder: Path
    tree: str = ""
    project: str = "acme"
    version: str = "1.1.0"
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    attested: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unfit: list[Problem] = field(default_factory=list)
    fits: bool = True
    asked: list[str] = field(default_factory=list)
    builds: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def argv(self, name: str) -> Sequence[str]:
        return ("run", name)

    def run(self, name: str, say: Say) -> GateReport:
        self._ask(name, say)
        verdict = self.verdicts.get(name, Verdict.CLEAN)
        return GateReport(
            gate=name,
            tree=self.tree,
            command=("pytest", "-q"),
            verdict=verdict,
            coverage=91.5,
            detail="" if verdict is Verdict.CLEAN else "1 failed\n2 passed",
        )

    def problems(self) -> Sequence[Problem]:
        return self.unfit

    def build(self, say: Say) -> Sequence[Path]:
        self._ask("build", say)
        self.folder.mkdir(parents=True, exist_ok=True)
        content = f"{self.tree}, build {next(self.builds)}".encode()
        names = (f"{self.project}-{self.version}-py3-none-any.whl", f"{self.project}-{self.version}.tar.gz")
        for name in names:
            (self.folder / name).write_bytes(content + name.encode())
        for name in self.attested:
            (self.folder / f"{name}{ATTESTATION}").write_bytes(b"{}")
        return [self.folder / name for name in (*names, *(f"{name}{ATTESTATION}" for name in self.attested))]

    def check(self, dist: Sequence[Path], say: Say) -> Sequence[str]:
        self._ask("check", say)
        return self.warnings

    def try_install(self, dist: Sequence[Path], say: Say) -> Path | None:
        self._ask("install", say)
        return self.folder / "python" if self.fits else None

    def sbom(self, python: Path, say: Say) -> bytes:
        self._ask("sbom", say)
        return b'{"bomFormat": "CycloneDX"}'

    def clear(self) -> None:
        self.asked.append("clear")

    def _ask(self, what: str, say: Say) -> None:
        self.asked.append(what)
        say(f"{what} {self.project}")
        if what in self.refused:
            raise Refused(self.refused[what])


def _is_in(name: str, folder: str) -> bool:
    return not folder or name == folder or name.startswith(f"{folder}/")


def _copy(source: FakeObjects, target: FakeObjects, tips: Sequence[str]) -> None:
    for sha in source.closure(*tips):
        target.store.setdefault(sha, source.store[sha])
