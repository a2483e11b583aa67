"""Every way in which shipit stops: one class per exit code, with its message and hint."""

from collections.abc import Sequence
from typing import ClassVar


class Stop(Exception):
    """A bug: an error that shipit does not handle; please report it."""

    exit_code: ClassVar[int] = 1
    title: ClassVar[str] = "bug"
    usual_hint: ClassVar[str | None] = None
    """What to do about it where nobody knows better."""

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        evidence: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.evidence = tuple(evidence)
        self.hint = hint or self.usual_hint
        self.is_shown = False  # a renderer has shown it; nobody shows it twice


class UsageError(Stop):
    """The command line, the configuration or a missing secret: nothing was touched."""

    exit_code = 2
    title = "usage"


class NothingToDo(Stop):
    """There is nothing to do (only with --fail-if-nothing)."""

    exit_code = 3
    title = "nothing to do"


class Refused(Stop):
    """A check or a gate said no, or the name is already taken by different content: everything is as before."""

    exit_code = 4
    title = "refused"


class StoppedHalfway(Stop):
    """The point of no return is passed and a later step failed: run again (a release with --resume)."""

    exit_code = 5
    title = "stopped half-way"


class LiveDiffers(Stop):
    """What is live is not what was released, or a schema not what its migrations left."""

    exit_code = 6
    title = "live differs"


class RolledBack(Stop):
    """A step failed before the point of no return and every effect was rolled back."""

    exit_code = 7
    title = "rolled back"


class FollowUpNeeded(Stop):
    """Released and complete, but one follow-up needs a person."""

    exit_code = 8
    title = "follow-up needed"


class LostRace(Stop):
    """Another run holds the lock, or somebody pushed in the meantime."""

    exit_code = 9
    title = "another run"


class Interrupted(Stop):
    """SIGINT, SIGTERM or SIGHUP arrived."""

    exit_code = 130
    title = "interrupted"
    usual_hint = "run the same command again"


class Signalled(BaseException):
    """Raised by the signal handlers; passes every `except Exception`, so that only the engine decides."""


class ExternalError(Stop):
    """Something outside said no or did not answer; the engine decides what that means for the run.

    Raised by adapters only. Outside a run it ends as a refusal: nothing was touched.
    """

    exit_code = 4
    title = "external error"
    usual_hint = "fix what the lines above say, then run the same command again"


class Unavailable(ExternalError):
    """Network down, timeout, 5xx: the same call may succeed later."""

    title = "unavailable"
    usual_hint = "check the address and the network"


class Denied(ExternalError):
    """401, 403, a hook or a rule of the other side: the same call will fail again."""

    title = "denied"
    usual_hint = "check the credentials and what they may do"


class LeaseLost(ExternalError):
    """A lease did not hold: somebody else moved the same ref first."""

    exit_code = 9
    title = "lease lost"


ALL: tuple[type[Stop], ...] = (
    Stop,
    UsageError,
    NothingToDo,
    Refused,
    StoppedHalfway,
    LiveDiffers,
    RolledBack,
    FollowUpNeeded,
    LostRace,
    Interrupted,
)
"""The classes that own an exit code, in the order of the documentation; 0 is no error."""
