"""What steps may ask of the outside. Adapters play these ports; tests/fakes_images.py plays them in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from shipit.engine.plan import Problem, Say
from shipit.images.model import Image, PushedImage


class Registry(Protocol):
    """One container registry. All methods raise Unavailable, Denied, or ExternalError for an untrue answer."""

    @property
    def host(self) -> str: ...

    def digest(self, repository: str, at: str) -> str | None:
        """The digest that lies under a tag or digest now; None if nothing does."""

    def image(self, repository: str, at: str) -> PushedImage | None:
        """As `digest`, with platforms and labels; attestations are no platforms."""

    def tag(self, repository: str, tag: str, digest: str) -> None:
        """Put what lies under a digest under a tag as well: the very bytes, so that the digest stays."""


class Order(Struct, frozen=True, kw_only=True):
    """What is to be built: `name` is registry/repository:tag, `tree` the folder with the commit's files.

    `image` has its paths relative to `tree`, and the values of its arguments filled in.
    """

    image: Image
    name: str
    tree: Path
    labels: Mapping[str, str]


class Builder(Protocol):
    """The program that builds and pushes. All methods raise ExternalError, with the last of what it said."""

    @property
    def name(self) -> str: ...

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]:
        """Pre-flight: no program, no daemon, or platforms that it cannot build for."""

    def labels(self, name: str) -> Mapping[str, str] | None:
        """Those of an image on this machine; None if there is none of this name."""

    def build(self, order: Order, say: Say) -> None:
        """Build it on this machine; the command is said first."""

    def push(self, order: Order, say: Say) -> str:
        """Push what `build` has made under its name; returns the digest that the push itself named."""
