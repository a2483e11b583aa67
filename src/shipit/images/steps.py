"""Steps: build an image, push it, and give it its other names; the labels are looked at in between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shipit.engine.plan import Look, Say, State, absent, conflict, done
from shipit.errors import ExternalError
from shipit.images.commit import CommitImage, IsLater, whose
from shipit.images.model import REVISION
from shipit.images.ports import Builder, Order


@dataclass(frozen=True, kw_only=True)
class Build:
    """An image of the commit on this machine, or in the registry already.

    `pushed` is None where nothing is pushed.
    """

    order: Callable[[], Order]
    builder: Builder
    key: str
    local: str
    labels: Mapping[str, str]
    pushed: CommitImage | None

    @property
    def name(self) -> str:
        return f"build-{self.key}"

    @property
    def summary(self) -> str:
        return f"Build {self.local}"

    def look(self) -> Look:
        if self.pushed and (digest := self.pushed.digest):
            return done(f"in the registry: {digest[:19]}")
        found = self.builder.labels(self.local)
        if found is None:
            return absent()
        if different := _different(found, self.labels):
            return absent(f"there is one with other labels: {different}")
        return done("on this machine")

    def run(self, say: Say) -> None:
        self.builder.build(self.order(), say)

    def lasts(self) -> str:
        """What was built stays where it was built, and is found there the next time."""
        return f"{self.local} stays on this machine" if self.look().state is State.DONE else ""


@dataclass(frozen=True, kw_only=True)
class Push:
    """The image of this commit in the registry, known by the digest that its push names."""

    order: Callable[[], Order]
    builder: Builder
    pushed: CommitImage

    @property
    def name(self) -> str:
        return f"push-{self.pushed.image.key}"

    @property
    def summary(self) -> str:
        return f"Push {self.pushed.image.named(self.pushed.names.own)}"

    def look(self) -> Look:
        return _look(self.pushed, self.pushed.names.own)

    def run(self, say: Say) -> None:
        pushed = self.pushed
        digest = pushed.digest
        if digest:  # another tag of this commit has it
            pushed.registry.tag(pushed.image.repository, pushed.names.own, digest)
        else:
            pushed.digests[pushed.image.key] = self.builder.push(self.order(), say)


@dataclass(frozen=True, kw_only=True)
class Tag:
    """Another tag of the image; one that never moves is a conflict where it is another image's."""

    pushed: CommitImage
    tag: str
    is_later: IsLater | None = None
    """for a tag that follows a branch; None: it never moves"""

    @property
    def name(self) -> str:
        return f"tag-{self.pushed.image.key}-{self.tag}"

    @property
    def summary(self) -> str:
        return f"{'Move' if self.is_later else 'Put'} {self.pushed.image.named(self.tag)}"

    def look(self) -> Look:
        return self._look_moving(self.is_later) if self.is_later else _look(self.pushed, self.tag)

    def _look_moving(self, is_later: IsLater) -> Look:
        pushed = self.pushed
        digest, there = pushed.digest, pushed.registry.digest(pushed.image.repository, self.tag)
        if there is None or there == digest:
            return done(there[:19]) if there else absent()
        found = pushed.under(self.tag)
        commit = found.label(REVISION) if found else ""
        if found and commit and commit != pushed.revision.commit and is_later(commit):
            return done(f"it has moved on to {commit[:10]}, which contains this commit")
        return absent(f"it is at {whose(found)}" if found else "")

    def run(self, say: Say) -> None:
        pushed = self.pushed
        digest = pushed.digest
        if digest is None:
            raise ExternalError(f"{pushed.image.named(pushed.names.own)} is gone from the registry")
        say(f"{pushed.image.named(self.tag)} → {digest}")
        pushed.registry.tag(pushed.image.repository, self.tag, digest)


def _look(pushed: CommitImage, tag: str) -> Look:
    """Whether a tag that never moves names the image of this commit."""
    digest, found = pushed.digest, pushed.under(tag)
    if found is None:
        return absent()
    if not pushed.is_it(found):
        return conflict(f"{tag} is {whose(found)}, {found.digest}")
    if found.digest != digest:
        return conflict(f"{tag} is {found.digest}, and what was pushed is {digest}")
    if lacking := pushed.lacking(found):
        return conflict(f"{tag} at {found.digest} is not there for {lacking}")
    return done(f"{found.digest[:19]}, {', '.join(found.platforms)}")


def _different(found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    return ", ".join(name for name, value in wanted.items() if found.get(name) != value)
