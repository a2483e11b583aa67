"""What gates and scans ask of the outside: to run a command in a folder, and to scan a tree."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from shipit.engine.plan import Say
from shipit.errors import Stop
from shipit.scans.judging import Judged
from shipit.scans.model import Sighting
from shipit.scans.policy import Policy
from shipit.scans.publication import Comment, Processing, Receipt, Upload


class Finished(Protocol):
    """A command that ended: `code` negative for a signal, `text` what it printed on both streams."""

    @property
    def code(self) -> int: ...

    @property
    def text(self) -> str: ...


class Commands(Protocol):
    """Runs commands and passes on their output."""

    def follow(
        self, argv: Sequence[str], say: Say, *, cwd: Path, env: Mapping[str, str | None], timeout: float
    ) -> Finished:
        """Run to the end; `env` is added to ours, None removes; `timeout` in seconds.

        Raises UsageError if there is no such program, Unavailable when the time is over.
        """
        ...


class Tree(Protocol):
    """The files that a gate runs on."""

    @property
    def path(self) -> Path:
        """Where they are, made when it is first asked."""
        ...

    @property
    def id(self) -> str:
        """The git id of the tree; empty for a work tree as it is."""
        ...


class Tracked(Protocol):
    """Names the Python files of a tree that git tracks."""

    def __call__(self, top: Path) -> Sequence[str] | None:
        """Their paths in the tree, with `/`; None where there is no git to ask."""
        ...


class Scanner(Protocol):
    """One of the scans, bound to a tree; see scans.model."""

    @property
    def name(self) -> str:
        """As in the configuration: `pip-audit`, `npm-audit`, `sbom`, `bandit` …"""
        ...

    def nothing(self) -> str:
        """Why there is nothing to scan, as the tracked files tell; empty if there is something."""
        ...

    def scan(self, say: Say) -> Sighting:
        """Look, with the canary in the same run where the scanner lets it.

        What is said is shown: never what a program printed, since it may quote a line with a secret.

        Raises UsageError if its program is not installed, Unavailable if it did not end in time or could not reach
        what it asks, ExternalError for any other trouble of it.
        """
        ...


class Kept(Protocol):
    """What became of the findings of a run, in files or elsewhere."""

    def lines(self) -> Iterable[str]:
        """For people."""
        ...

    def facts(self) -> Mapping[str, str]:
        """For programs."""
        ...


class Output(Protocol):
    """Something that is made of the findings beside the report."""

    def keep(self, policy: Policy, judged: Sequence[Judged]) -> Kept: ...


class Published(Kept, Protocol):
    """What became of the findings on a forge; `failure` is why they are not there, though they should be."""

    @property
    def failure(self) -> Stop | None: ...


class Publisher(Protocol):
    """Something that takes the findings to a forge once they have been shown."""

    def publish(self, policy: Policy, judged: Sequence[Judged]) -> Published: ...


class CodeScanning(Protocol):
    """Takes SARIF; both methods raise Unavailable or Denied."""

    def send(self, upload: Upload) -> Receipt: ...

    def processing(self, number: str) -> Processing:
        """How far the upload with this id is."""
        ...


class Comments(Protocol):
    """The comments of pull requests; every method raises Unavailable or Denied."""

    def author(self) -> int | None:
        """The account whose comments are ours; None where only a comment can tell."""
        ...

    def pull_request(self, branch: str) -> int | None:
        """The number of the newest open one of a branch."""
        ...

    def comments(self, number: int) -> Sequence[Comment]:
        """All of a pull request."""
        ...

    def create(self, number: int, body: str) -> Comment: ...

    def update(self, comment: int, body: str) -> bool:
        """Whether it is still there."""
        ...

    def delete(self, comment: int) -> None: ...
