"""What the steps of a deployment may ask of the outside. Adapters play these ports."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from shipit.engine.plan import Problem, Say
from shipit.model import (
    Answer,
    Candidate,
    CheckResult,
    DeploymentStatus,
    ForgeDeployment,
    NewDeployment,
    Revision,
)


class Target(Protocol):
    """One place where a part of the product runs, such as a static site or a service.

    A reference names what it keeps of one revision. All methods raise Unavailable or Denied.
    """

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str:
        """As the configuration calls it: directory, process, command, webhook, vercel."""
        ...

    def problems(self) -> Sequence[Problem]:
        """Pre-flight: a folder that cannot be written, an address that somebody else uses …"""
        ...

    def live(self) -> str | None:
        """The reference that gets the traffic now; None if there is none yet."""
        ...

    def may_leave(self, reference: str | None) -> bool:
        """Whether something else may yet take the place of this one, though nobody switches any more.

        Only where somebody else does the work: whoever was asked for another one may still be at it.
        """
        ...

    def candidate(self, revision: Revision) -> Candidate | None:
        """What is kept of this revision and ready for traffic, live or not; None if it is not there whole."""
        ...

    def keeps(self, revision: Revision) -> bool:
        """Whether all of it is there, ready for traffic or not: then starting it takes no build."""
        ...

    def start(self, revision: Revision, say: Say) -> None:
        """Make it ready beside what is live, which is not touched; raises ExternalError if it does not start."""
        ...

    def stop(self, reference: str, say: Say) -> None:
        """Remove what is kept under this reference, unless it is live; nothing is there: nothing to do."""
        ...

    def switch(self, reference: str | None, say: Say) -> None:
        """Give all traffic to what is kept under this reference; no request is lost. None: to nothing.

        What was live before stays ready. Raises ExternalError if nothing is kept under the reference.
        """
        ...

    def prune(self, needed: Sequence[str], say: Say) -> None:
        """End what is not live, and remove the oldest, so that as many stay as are configured.

        What is needed is not removed. Nobody waits for connections to what ends.
        """
        ...


class Web(Protocol):
    """Asks an address as a user would."""

    def get(self, url: str, timeout: float, via: str = "") -> Answer:
        """One GET that follows no redirect and uses no cache, within `timeout` seconds; raises nothing.

        With `via` (host:port) it connects there, and still asks for the host of the URL.
        """
        ...


class Schema(Protocol):
    """The database of an environment, which another slice migrates."""

    def version(self) -> str:
        """The version that the ledger in the database says; empty for an empty one."""
        ...

    def pending(self) -> Sequence[str]:
        """The labels of what would be applied; raises Refused for files that may not be."""
        ...

    def mistakes(self) -> Sequence[Problem]:
        """Pre-flight: what is wrong with the pending ones, found by reading them."""
        ...

    def contracts(self) -> Sequence[str]:
        """Those of the pending ones that drop what a running version may still use (`-- shipit: contract`)."""
        ...

    def migrate(self, say: Say) -> None:
        """Apply it, with backup, lock and ladder; raises as `shipit migrate`."""
        ...


class Smoke(Protocol):
    """Asks from outside whether a revision answers."""

    def check(self, revision: Revision, say: Say, via: str = "") -> str:
        """Returns what was seen, in words; raises ExternalError unless every check passed.

        `via` is host:port of a candidate, asked in place of the public address.
        """
        ...

    def confirm(self, revision: Revision, say: Say) -> str:
        """As `check`, of a version that was live before: without control and critical paths."""
        ...

    def is_live(self, revision: Revision) -> bool:
        """Whether it is what answers at the public address; who does not answer well is asked once more."""
        ...

    def glance(self, revision: Revision) -> str:
        """Asked once: `healthy`, or what the first wrong answer was."""
        ...


class Files(Protocol):
    """The files of a commit."""

    def files(self, commit: str, prefix: str = "") -> Sequence[str]:
        """Their paths, those in sub-folders too."""
        ...

    def read_all(self, commit: str, paths: Sequence[str]) -> Mapping[str, bytes]:
        """The bytes of those that are there."""
        ...


class CommitChecks(Protocol):
    """What ran on a commit on the forge."""

    @property
    def name(self) -> str:
        """The forge, for people."""
        ...

    def check_results(self, commit: str) -> Sequence[CheckResult]:
        """All that is known of this commit now, in any order; raises Unavailable or Denied.

        A name may come several times: one workflow was started twice, or two of them call a job alike.
        """
        ...


class Board(Protocol):
    """A forge's own list of deployments. All methods raise Unavailable or Denied."""

    @property
    def name(self) -> str:
        """The forge, for people."""
        ...

    def deployments(self, environment: str, most: int) -> Sequence[ForgeDeployment]:
        """The newest of those that shipit has listed there, newest first."""
        ...

    def list_deployment(self, wanted: NewDeployment) -> int:
        """Its number there; of one whose answer is lost, too."""
        ...

    def report_deployment(self, number: int, status: DeploymentStatus) -> None: ...


class Clock(Protocol):
    """Time that passes; tests have one of their own."""

    def now(self) -> float:
        """Seconds, of use only for differences."""
        ...

    def sleep(self, seconds: float) -> None: ...
