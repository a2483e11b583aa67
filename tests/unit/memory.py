"""A product whose remote, clone, forge and index are all in memory, and machines that release it."""

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from shipit.config import open_project
from shipit.engine import events
from shipit.engine.lock import LockRecord, read_lock
from shipit.engine.preview import Preview
from shipit.gates.report import Verdict
from shipit.model import Actor, PullRequest
from shipit.output import Renderer
from shipit.output.problem import Report
from shipit.output.reporter import Reporter
from shipit.release import command
from shipit.release.outside import Outside
from shipit.release.refs import DECISION, LOCK, RECORD, decision_text, read_decision
from shipit.release.run import Options
from shipit.release.survey import Survey, survey
from shipit.versioning.number import pep440
from tests.fakes import (
    ADA,
    FakeCheckout,
    FakeForge,
    FakeIndex,
    FakeObjects,
    FakeRemote,
    FakeServer,
    FakeWorkbench,
)

NOW = 1_750_000_000
PYPROJECT = '[project]\nname = "acme"\nversion = "{version}"\n'
GITFLOW = '[tool.shipit]\nbranches.develop = "develop"\ngates.tests = {{ run = "pytest" }}\n'
TRUNK = '[tool.shipit]\ngates.tests = {{ run = "pytest" }}\n'
DEAD = Actor("ada", socket.gethostname(), 999_999_999)
"""A process of this machine that has ended: no process id is that high."""
CHANGELOG = "# Changelog\n\n## [1.0.0] - 2025-03-03\n\n### Features\n\n- first word\n"


@dataclass
class ProductForge(FakeForge):
    """A forge that knows the branches of the remote, as the real one does."""

    server: FakeServer = field(default_factory=FakeServer)

    def open_pull_request(self, head: str, base: str, title: str, body: str) -> PullRequest:
        made = super().open_pull_request(head, base, title, body)
        made = replace(made, head_sha=self.server.refs[f"refs/heads/{head}"])
        self.pulls[made.number - 1] = (head, base, made)
        return made


@dataclass
class Recorder:
    """Plays output.Output and remembers."""

    told: list[events.Event] = field(default_factory=list)
    previews: list[Preview] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    facts: list[Mapping[str, str]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    closed: int = 0

    listens = True

    def event(self, event: events.Event) -> None:
        self.told.append(event)

    def preview(self, preview: Preview) -> None:
        self.previews.append(preview)

    def summary(self, text: str) -> None:
        self.said.append(text)

    def outputs(self, facts: Mapping[str, str]) -> None:
        self.facts.append(facts)

    def error(self, report: Report) -> None:
        self.reports.append(report)

    def close(self) -> None:
        self.closed += 1

    def names(self, kind: type) -> list[str]:
        return [getattr(event, "name", "") for event in self.told if isinstance(event, kind)]

    @property
    def started(self) -> list[str]:
        return self.names(events.StepStarted)


class Product:
    """The remote and everything else that machines share."""

    author = ADA

    def __init__(self, settings: str = GITFLOW, *, forge: bool = False, released: bool = True) -> None:
        self.settings = settings
        self.server = FakeServer()
        self.forge = ProductForge(server=self.server) if forge else None
        self.index = FakeIndex()
        self._hours = 0
        _History(self).write(develop="develop" in settings, released=released)

    @property
    def refs(self) -> dict[str, str]:
        return dict(self.server.refs)

    def commit(self, branch: str, message: str, files: Mapping[str, bytes] | None = None, *above: str) -> str:
        """Somebody commits to a branch of the remote, with more parents where it is a merge."""
        objects = self.server.objects
        tip = self.server.refs.get(f"refs/heads/{branch}")
        tree = objects.change_tree(tip, files or {})
        self._hours += 1
        parents = [*([tip] if tip else []), *above]
        sha = objects.commit(tree, parents, message, ADA, 1_741_000_000 + 3600 * self._hours)
        self.server.refs[f"refs/heads/{branch}"] = sha
        return sha

    def merge_pull_request(self) -> str:
        """Somebody presses the button of the newest pull request."""
        assert self.forge
        head, base, pull = self.forge.pulls[-1]
        ours, theirs = (self.server.refs[f"refs/heads/{name}"] for name in (base, head))
        objects = self.server.objects
        tree = objects.merge(ours, theirs, {}).tree or ""
        sha = objects.commit(tree, [ours, theirs], "Merge pull request #1\n", ADA, NOW + 60)
        self.server.refs[f"refs/heads/{base}"] = sha
        self.forge.merge_pull_request(pull.number, sha)
        return sha

    def tag(self, name: str, target: str) -> None:
        self.server.refs[f"refs/tags/{name}"] = self.server.objects.tag(name, target, name, ADA, 0)

    def read(self, ref: str, path: str) -> str:
        return (self.server.objects.read(self.server.refs[ref], path) or b"").decode()

    @property
    def lock_record(self) -> LockRecord:
        """What the lock says of the run that holds it."""
        return read_lock(self.server.objects.read(self.server.refs[LOCK], RECORD) or b"")

    def lock_is_held_by(self, holder: Actor) -> str:
        """The same lock, taken by another run of this holder; returns the lock commit."""
        objects, sha = self.server.objects, self.server.refs[LOCK]
        record = msgspec.structs.replace(self.lock_record, holder=holder, token="theirs")
        tree = objects.change_tree(sha, {RECORD: record.text})
        made = objects.commit(tree, objects.at(sha).parents, f"held by {holder}\n", ADA, 0)
        self.server.refs[LOCK] = made
        return made

    def decision_says(self, **fields: str | None) -> str:
        """Somebody who may write to the remote changed the decision under the lock; returns the lock commit."""
        objects, sha = self.server.objects, self.server.refs[LOCK]
        release = msgspec.structs.replace(read_decision(objects.read(sha, DECISION) or b""), **fields)
        tree = objects.change_tree(sha, {DECISION: decision_text(release)})
        made = objects.commit(tree, objects.at(sha).parents, "another decision\n", ADA, 0)
        self.server.refs[LOCK] = made
        return made

    def pyproject(self, version: str) -> bytes:
        return (PYPROJECT + self.settings).format(version=version).encode()


@dataclass
class _History:
    product: Product

    def write(self, *, develop: bool, released: bool) -> None:
        product, refs = self.product, self.product.server.refs
        work = "develop" if develop else "main"
        files = {"pyproject.toml": product.pyproject("1.0.0"), "CHANGELOG.md": CHANGELOG.encode()}
        begin = product.commit("main", "chore: begin\n", {"pyproject.toml": product.pyproject("0.1.0")})
        refs[f"refs/heads/{work}"] = begin
        product.commit(work, "feat: first word\n", {"acme.py": b"word = 1\n"})
        if released:
            tip = product.commit(work, "chore(release): v1.0.0\n", files)
            if develop:
                tip = product.commit(
                    "main", "Merge release v1.0.0 into main\n", {**files, "acme.py": b"word = 1\n"}, tip
                )
                product.commit("develop", "Merge v1.0.0 into develop\n", None, tip)
            product.tag("v1.0.0", tip)
        product.commit(work, "feat: say it louder\n", {"acme.py": b"word = 2\n"})
        product.commit(work, "fix: end with a mark\n", {"acme.py": b"word = 3\n"})


class Machine:
    """One clone of a product, with an outside in which only shipit's own files are real."""

    def __init__(self, product: Product, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.product = product
        lay_out_git_folder(folder)
        (folder / "pyproject.toml").write_bytes(product.pyproject("1.0.0"))
        self.objects = FakeObjects()
        self.remote = FakeRemote(product.server, self.objects)
        self.checkout = FakeCheckout(folder / ".git")
        self.recorder = Recorder()
        self.verdicts: dict[str, Verdict] = {}
        self.refused: dict[str, str] = {}
        self.benches: list[FakeWorkbench] = []
        self.on_build: Callable[..., None] | None = None
        self.answer = True
        self.questions: list[str] = []
        known = {"SOURCE_DATE_EPOCH": str(NOW), "USER": "ada"}
        self.outside = Outside(open_project(folder), known | dict(environment or {}))
        vars(self.outside).update(
            remote=self.remote,
            objects=self.objects,
            checkout=self.checkout,
            forge=product.forge,
            repository="acme/acme" if product.forge else None,
            index=product.index if self.outside.config.index.kind != "none" else None,
            gates=self._bench,
            packager=lambda *_: self.benches[-1],
        )

    @property
    def reporter(self) -> Reporter:
        return Reporter(Renderer(self.recorder))

    @property
    def asking_reporter(self) -> Reporter:
        return Reporter(Renderer(self.recorder), self._asked)

    @property
    def journal(self) -> str:
        return "".join(path.read_text() for path in sorted((self.outside.private / "journal").glob("*")))

    def survey(self, branch: str) -> Survey:
        return survey(self.remote, self.objects, self.outside.config, branch)

    def release(self, **options: Any) -> Mapping[str, str]:
        return command.release(self.outside, Options(**options), self.reporter)

    def stops(self) -> list[str]:
        """What the failed steps said."""
        return [event.what for event in self.recorder.told if isinstance(event, events.StepFailed)]

    def _asked(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer

    def _bench(self, made: Any, tree: str) -> FakeWorkbench:
        """One for gates and packages."""
        folder = self.outside.private / "work"
        bench = FakeWorkbench(folder, tree, "acme", pep440(made.version), self.verdicts, self.refused)
        if self.on_build:
            vars(bench)["build"] = self.on_build
        self.benches.append(bench)
        return bench


def lay_out_git_folder(folder: Path) -> None:
    """As much of one as makes a folder a repository for those who look at files alone."""
    (folder / ".git" / "objects").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/develop\n")


def names(things: Iterable[Any]) -> list[str]:
    """Of steps, checks, or what was seen of them."""
    return [thing.name for thing in things]
