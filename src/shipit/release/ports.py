"""What steps may ask of the outside. Adapters play these ports; tests/fakes.py plays them in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from shipit.engine.plan import Problem, Say
from shipit.gates.report import GateReport
from shipit.model import Artifact, Commit, ForgeRelease, Identity, Merge, PullRequest, RefUpdate


class Remote(Protocol):
    """The shared git remote, the store of decisions. All methods raise Unavailable, Denied or LeaseLost."""

    @property
    def name(self) -> str: ...

    def refs(self) -> Mapping[str, str]:
        """Every ref with its object id, read now; an annotated tag also as `refs/tags/x^{}`, peeled."""

    def fetch(self, *refs: str) -> None:
        """Bring the objects of these refs here; no local ref moves."""

    def push(self, *updates: RefUpdate) -> None:
        """Move all refs or none; raises LeaseLost when a lease does not hold, Denied when a hook declines."""

    def push_argv(self, *updates: RefUpdate) -> Sequence[str]:
        """The command of such a push, for people to read."""

    @property
    def unanswered(self) -> Sequence[RefUpdate]:
        """What was pushed without an answer: it may have landed, or may still land."""

    def push_problems(self, *updates: RefUpdate) -> Sequence[Problem]:
        """What can be known without writing: credentials, atomic support (server hooks do not run).

        A ref that somebody has moved since it was looked at is no problem: it is the push that loses the race.
        """


class History(Protocol):
    """The commits in the local object database, and the files in them."""

    def has(self, sha: str) -> bool: ...

    def tree(self, commit: str) -> str: ...

    def files(self, commit: str, prefix: str = "") -> Sequence[str]: ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file's bytes at a commit; None when there is none."""

    def patches(self, before: str, after: str) -> Mapping[str, bytes]:
        """How each file that differs between two commits changes, as `git apply` takes it, by path."""

    def is_ancestor(self, ancestor: str, descendant: str) -> bool: ...

    def ancestors(self, commit: str) -> frozenset[str]:
        """The ids of every commit in its history, itself included."""

    def history(self, start: str | None, *ends: str) -> Sequence[Commit]:
        """Commits reachable from `ends` and not from `start`, newest first."""

    def touched(self, folder: str, start: str | None, end: str) -> frozenset[str]:
        """The commits, merges aside, that change something in a folder, as `history` reaches them."""

    def authors(self, commit: str) -> frozenset[str]:
        """The names and e-mail addresses, in lower case, of all authors and co-authors in its history."""

    def known_as(self, people: Sequence[Identity]) -> Sequence[Identity]:
        """The same people in the same order, as the repository's .mailmap calls them."""


class ObjectStore(Protocol):
    """Writes to the local object database, which moves no ref and no file of the user."""

    def change_tree(self, base: str | None, changes: Mapping[str, bytes]) -> str:
        """A tree like that of `base` (or empty) with these files written; returns its id."""

    def commit(self, tree: str, parents: Sequence[str], message: str, author: Identity, time: int) -> str:
        """A commit object; the same arguments give the same id (unless signing is configured)."""

    def tag(self, name: str, target: str, message: str, author: Identity, time: int) -> str:
        """An annotated tag object, signed where the repository's owner asks for it."""

    def merge(self, ours: str, theirs: str, preferred: Mapping[str, bytes]) -> Merge:
        """Merge `theirs` into `ours`; a file named in `preferred` gets those bytes whatever the sides say."""


class Objects(History, ObjectStore, Protocol):
    """Reads and writes the local object database."""


class BranchRules(Protocol):
    """What a forge lets this token do."""

    @property
    def name(self) -> str: ...

    def problems(self, branches: Sequence[str]) -> Sequence[Problem]:
        """Pre-flight: token, rights, branch protection and rulesets that would decline a push."""


class Releases(Protocol):
    """The releases of a repository on a forge. All methods raise Unavailable or Denied."""

    @property
    def name(self) -> str: ...

    def release(self, tag: str) -> ForgeRelease | None:
        """The release of this tag, drafts included; raises Denied when several drafts claim it."""

    def create_draft(self, tag: str, title: str, body: str, *, prerelease: bool) -> ForgeRelease: ...

    def upload(self, release: ForgeRelease, name: str, path: Path) -> None:
        """Attach a file; a left-over half upload of the same name is removed first."""

    def publish(self, release: ForgeRelease, tag_format: str) -> None:
        """Make it visible to everybody, as the latest unless a higher one has a tag of this format."""


class PullRequests(Protocol):
    """The pull requests of a repository. All methods raise Unavailable or Denied."""

    def pull_request(self, head: str, base: str) -> PullRequest | None:
        """The newest pull request from branch `head` into `base`, whatever its state."""

    def open_pull_request(self, head: str, base: str, title: str, body: str) -> PullRequest: ...

    def close_pull_request(self, number: int) -> None: ...


class Workflows(Protocol):
    """The workflows of a repository. All methods raise Unavailable or Denied."""

    @property
    def name(self) -> str: ...

    def workflow_problems(self, workflow: str) -> Sequence[Problem]:
        """Pre-flight: a workflow (file name) that is not there, or is disabled."""

    def dispatched(self, workflow: str, ref: str, commit: str) -> str | None:
        """The address of the newest run of this workflow that was dispatched on this ref, if there is one.

        It ran on this commit, where the forge says which: a tag may have been another one before.
        """

    def dispatch(self, workflow: str, ref: str, commit: str) -> None:
        """Start a workflow once and wait until `dispatched` shows it; Unavailable when it does not.

        A tag pushed with the CI's own token starts none.
        """


class Forge(BranchRules, Releases, PullRequests, Workflows, Protocol):
    """All that a release asks of a forge; each step gets the part that it needs."""


class Index(Protocol):
    """A package index. All methods raise Unavailable or Denied."""

    @property
    def name(self) -> str: ...

    def problems(self, project: str) -> Sequence[Problem]: ...

    def hashes(self, project: str, version: str) -> Mapping[str, str | None]:
        """File name to sha256 of this version's files (PEP 440 version); None where it cannot be proven."""

    def unlisted(self, project: str, version: str) -> Mapping[str, str | None]:
        """As `hashes`, of what nobody can install and an upload would meet; None where it is no file."""

    def versions(self, project: str) -> Sequence[str]:
        """Every version (PEP 440) of which the index shows a file, lowest first; yanked files do not count."""

    def upload_argv(self) -> Sequence[str]:
        """The command that uploads a file; empty where none does."""

    def upload(self, path: Path, say: Say) -> None:
        """Upload one file; its attestation beside it goes along where the index takes any."""


class Gates(Protocol):
    """Runs the project's gates on the commit to release."""

    def argv(self, name: str) -> Sequence[str]:
        """A gate's command."""

    def run(self, name: str, say: Say) -> GateReport:
        """Whatever goes wrong in a gate's command is a report that did not pass; raises UsageError."""


class Packager(Protocol):
    """Builds, checks and tries the packages of the commit to release."""

    def problems(self) -> Sequence[Problem]:
        """Pre-flight: a Python that the project does not take."""

    def argv(self, name: str) -> Sequence[str]:
        """The command behind `build`, `check` or `install`, its main one."""

    def build(self, say: Say) -> Sequence[Path]:
        """Build sdist and wheel with SOURCE_DATE_EPOCH; returns their paths, and those of attestations of them."""

    def check(self, dist: Sequence[Path], say: Say) -> Sequence[str]:
        """Check metadata as an index does, and return what it warns of; raises Refused."""

    def try_install(self, dist: Sequence[Path], say: Say) -> Path | None:
        """Install what fits into a fresh environment; returns its Python, None if nothing fits; raises Refused."""

    def sbom(self, python: Path, say: Say) -> bytes:
        """CycloneDX JSON of an environment, reproducible."""

    def clear(self) -> None:
        """Remove the commit's private clone and what was built in it."""


class ArtifactStore(Protocol):
    """The files of one release, kept until it is complete: locally, and on the remote from the push on."""

    def names(self) -> Sequence[str]: ...

    def path(self, name: str) -> Path:
        """The file on this machine, brought from the remote if need be; raises StoppedHalfway when lost."""

    def read(self, name: str) -> bytes | None: ...

    def write(self, name: str, data: bytes) -> None: ...

    def artifact(self, name: str) -> Artifact: ...

    def clear(self) -> None: ...


class Checkout(Protocol):
    """The user's clone: only asked, but for the tag that comes home after the push."""

    def ref(self, name: str) -> str | None:
        """The object id that a local ref holds; None when there is none."""

    def set_tag(self, tag: str, sha: str) -> None: ...

    def tag_argv(self, tag: str, sha: str) -> Sequence[str]:
        """The command of set_tag."""
