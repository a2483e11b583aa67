"""What a target elsewhere is asked to bring live, and the ways in which that can be asked for."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from shipit.engine.plan import Problem, Say
from shipit.errors import Unavailable
from shipit.model import Revision


class Delivery(Struct, frozen=True, kw_only=True):
    """A revision, and its image as host/name@sha256:… (empty without one); `is_return`: it was live before."""

    revision: Revision
    image: str = ""
    is_return: bool = False


class NotPassedOn(Unavailable):
    """Nobody was reached, or nobody took it: nothing comes of it later."""


class AnswerLost(Unavailable):
    """It was sent, and nobody knows whether it was heard."""


class Way(Protocol):
    """How a delivery is asked for."""

    @property
    def kind(self) -> str: ...

    def problems(self) -> Sequence[Problem]: ...

    def needs_image(self, *, is_return: bool) -> bool:
        """Whether there is no asking without the image's name."""
        ...

    def deliver(self, what: Delivery, say: Say) -> None:
        """Ask for it once.

        Raises Denied, UsageError or NotPassedOn where nothing comes of it, AnswerLost where nobody knows, and
        another ExternalError where something may have been done.
        """
        ...


class Witness(Protocol):
    """Who knows what is live there."""

    def live(self) -> str | None:
        """The reference of what is live, or what else is said to be; None for nothing that is known."""
        ...

    def wait(self, revision: Revision, say: Say) -> None:
        """Until it is live; raises ExternalError when the time is over."""
        ...
