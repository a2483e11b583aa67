"""What the stand-in for GitHub remembers: repositories, releases, assets, pull requests, tokens."""

import hashlib
import itertools
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.github_security_state import BOT, Security

NO_SHA = "0" * 40


@dataclass
class Token:
    """`right` is read, write or admin; an `installation` token is what Actions and apps have."""

    right: str = "write"
    installation: bool = False
    person: int = 1

    @property
    def account(self) -> int:
        """Whose comments those of this token are."""
        return BOT if self.installation else self.person

    @property
    def may_write(self) -> bool:
        return self.right in {"write", "admin"}


@dataclass
class Asset:
    id: int
    name: str
    data: bytes
    state: str = "uploaded"

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"


@dataclass
class Release:
    id: int
    tag: str
    title: str | None
    body: str | None
    draft: bool
    prerelease: bool
    target: str
    assets: list[Asset] = field(default_factory=list)


@dataclass
class Pull:
    number: int
    head: str
    base: str
    title: str
    body: str | None
    head_sha: str
    state: str = "open"
    merge_commit: str | None = None


@dataclass
class Rule:
    """A ruleset with one rule; `bypass` as GitHub tells it: always, pull_requests_only, never, exempt."""

    id: int
    branch: str
    type: str
    parameters: Mapping[str, Any] | None
    bypass: str


@dataclass
class Run:
    """A run of a workflow; for so many looks more it is `hidden`: GitHub shows a fresh run only after a moment."""

    id: int
    workflow: str
    ref: str
    sha: str
    event: str = "workflow_dispatch"
    hidden: int = 0


@dataclass
class CheckRun:
    """`conclusion` None: it is not over; a `context` is what older services report as a status."""

    id: int
    sha: str
    name: str
    conclusion: str | None
    context: bool = False


@dataclass
class Deployment:
    """`asked` is the body that made it, `statuses` are those that were written since, oldest first."""

    id: int
    asked: Mapping[str, Any]
    statuses: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        return [status["state"] for _, status in self.statuses]

    @property
    def run(self) -> str:
        """Of one that shipit has made."""
        return str(self.asked["payload"]["shipit"]["run"])


@dataclass
class Repository:
    """`git` is the bare directory behind it, if any; `workflows` are those that may be dispatched.

    `rulesets` are as GitHub answers them, `files` are texts by branch and path, beside git.
    `runs` are oldest first; a new one stays hidden for `hides_runs_for` looks.
    """

    name: str
    ids: Iterator[int]
    git: Path | None = None
    workflows: tuple[str, ...] = ()
    archived: bool = False
    releases: list[Release] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    protection: dict[str, dict[str, Any]] = field(default_factory=dict)
    rulesets: list[dict[str, Any]] = field(default_factory=list)
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    is_personal: bool = False
    has_protection: bool = True
    disabled: set[str] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)
    hides_runs_for: int = 1
    latest: int | None = None
    checks: list[CheckRun] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    security: Security = field(default_factory=Security)

    def deploy(self, environment: str, *states: str, payload: object = "") -> Deployment:
        """What somebody else lists, such as a job with `environment:`."""
        asked = {"ref": NO_SHA, "environment": environment, "payload": payload}
        made = Deployment(next(self.ids), asked, [(next(self.ids), {"state": one}) for one in states])
        self.deployments.append(made)
        return made

    def check(self, sha: str, name: str, conclusion: str | None, *, context: bool = False) -> CheckRun:
        """Another run of this check; of a status only the newest one is shown."""
        made = CheckRun(next(self.ids), sha, name, conclusion, context)
        self.checks.append(made)
        return made

    @property
    def dispatches(self) -> list[tuple[str, str]]:
        return [(run.workflow, run.ref) for run in self.runs if run.event == "workflow_dispatch"]

    def start(self, workflow: str, ref: str, event: str = "workflow_dispatch") -> None:
        """Start it on the commit that a tag or branch leads to now."""
        self.runs.append(Run(next(self.ids), workflow, ref, self.commit(ref), event, self.hides_runs_for))

    def release(self, tag: str) -> Release:
        """The only release of this tag, drafts included; an assertion for tests."""
        (found,) = [release for release in self.releases if release.tag == tag]
        return found

    def add_rule(
        self, branch: str, kind: str, parameters: Mapping[str, Any] | None = None, *, bypass: str = "never"
    ) -> None:
        self.rules.append(Rule(next(self.ids), branch, kind, parameters, bypass))

    def protect(self, branch: str, **protection: Any) -> None:
        """Classic branch protection; keywords are the fields of GitHub's branch-protection."""
        self.protection[branch] = {"enabled": True, **protection}

    def merge_pull_request(self, number: int, sha: str) -> None:
        """What a person does on the web page; whoever calls moves the base branch in git."""
        pull = self.pulls[number - 1]
        pull.state, pull.merge_commit = "closed", sha

    def sha(self, ref: str) -> str | None:
        """Read a ref in git; without a git directory every ref exists."""
        if self.git is None:
            return NO_SHA
        found = self.run_git("rev-parse", "--verify", "--quiet", ref)
        return found.stdout.strip() or None

    def commit(self, name: str) -> str:
        """What a tag or a branch leads to."""
        found = (self.sha(f"refs/{kind}/{name}^{{commit}}") for kind in ("tags", "heads"))
        return next((sha for sha in found if sha), NO_SHA)

    def ref_exists(self, name: str) -> bool:
        return any(self.sha(ref) for ref in (f"refs/tags/{name}", f"refs/heads/{name}", name))

    def make_tag(self, tag: str, target: str) -> None:
        """GitHub makes the tag of a published release where there is none, unasked."""
        if self.git and not self.sha(f"refs/tags/{tag}"):
            self.run_git("update-ref", f"refs/tags/{tag}", self.sha(f"refs/heads/{target}") or target)

    def run_git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "--git-dir", str(self.git), *arguments], capture_output=True, text=True, check=False
        )


class State:
    """Everything; ids are unique over all kinds, and never used twice."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.tells_digests = True
        self.actors: dict[tuple[str, str], int] = {}
        self.ids = itertools.count(1)
        self.new_id: Callable[[], int] = lambda: next(self.ids)

    def repository(self, name: str, *, git: Path | None = None, workflows: tuple[str, ...] = ()) -> Repository:
        made = Repository(name, self.ids, git, workflows)
        self.repositories[name.lower()] = made
        return made
