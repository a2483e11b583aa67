"""The ports of images, played in memory."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError
from shipit.images.model import Image, PushedImage
from shipit.images.ports import Order


def digest_of(*parts: object) -> str:
    return f"sha256:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


@dataclass
class FakeRegistry:
    """Plays ports.Registry; `tags` by repository and tag, `images` by repository and digest."""

    host: str = "registry.test"
    tags: dict[tuple[str, str], str] = field(default_factory=dict)
    images: dict[tuple[str, str], PushedImage] = field(default_factory=dict)
    trouble: ExternalError | None = None
    writes: list[tuple[str, str, str]] = field(default_factory=list)

    def digest(self, repository: str, at: str) -> str | None:
        if self.trouble:
            raise self.trouble
        found = at if at.startswith("sha256:") else self.tags.get((repository, at), "")
        return found if (repository, found) in self.images else None

    def image(self, repository: str, at: str) -> PushedImage | None:
        digest = self.digest(repository, at)
        return self.images[repository, digest] if digest else None

    def tag(self, repository: str, tag: str, digest: str) -> None:
        if self.digest(repository, digest) is None:
            raise ExternalError(f"{repository}@{digest} is gone from the registry {self.host}")
        self.tags[repository, tag] = digest
        self.writes.append((repository, tag, digest))

    def has(
        self, repository: str, tag: str, labels: Mapping[str, str], platforms: Sequence[str] = ("linux/amd64",)
    ) -> str:
        """Put an image with these labels there; returns its digest."""
        digest = digest_of(repository, sorted(labels.items()), platforms)
        made = PushedImage(digest=digest, platforms=tuple(platforms), labels=(labels,) * len(platforms))
        self.images[repository, digest] = made
        self.tags[repository, tag] = digest
        return digest


@dataclass
class FakeBuilder:
    """Plays ports.Builder: what it builds is on this machine, what it pushes in `registry`."""

    registry: FakeRegistry
    name: str = "fake builder"
    local: dict[str, Mapping[str, str]] = field(default_factory=dict)
    built: list[Order] = field(default_factory=list)
    pushes: list[str] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    fails: dict[str, ExternalError] = field(default_factory=dict)
    """by the name of the image, for building it or (`push NAME`) pushing it"""
    after_push: Callable[[], object] | None = None

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]:
        return self.found

    def labels(self, name: str) -> Mapping[str, str] | None:
        return self.local.get(name)

    def build(self, order: Order, say: Say) -> None:
        say(f"build {order.name}")
        if order.image.key in self.fails:
            raise self.fails[order.image.key]
        self.built.append(order)
        self.local[order.name] = order.labels

    def push(self, order: Order, say: Say) -> str:
        say(f"push {order.name}")
        if error := self.fails.get(f"push {order.image.key}"):
            raise error
        self.pushes.append(order.name)
        tag = order.name.rpartition(":")[2]
        platforms = order.image.platforms or ("linux/amd64",)
        digest = self.registry.has(order.image.repository, tag, self.local[order.name], platforms)
        if self.after_push:
            self.after_push()
        return digest
