"""The images of a deployment: which digest belongs to a revision, and whether the registry has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from shipit.images.commit import CommitImage, whose
from shipit.images.model import REVISION, PushedImage
from shipit.images.ports import Registry
from shipit.model import Revision


class Promotion(Struct, frozen=True):
    """The environment whose images are taken over, and what the ledger says is live there."""

    source: str
    standing: Revision | None


@dataclass(frozen=True, kw_only=True)
class DeployedImage:
    """One image of the revision that is deployed.

    `recorded` is the digest that a ledger has for it, empty if none: it goes before what lies under tags, which may
    be gone. Whatever is found counts only if it is labelled with this very commit.
    """

    pushed: CommitImage
    recorded: str = ""

    @property
    def key(self) -> str:
        return self.pushed.image.key

    @property
    def registry(self) -> Registry:
        return self.pushed.registry

    @property
    def repository(self) -> str:
        return self.pushed.image.repository

    @property
    def digest(self) -> str | None:
        """What is deployed; None as long as the registry does not have it."""
        if found := self.recorded_image:
            return found.digest if self.pushed.is_it(found) else None
        return self.pushed.digest

    @property
    def recorded_image(self) -> PushedImage | None:
        """What the registry has under the digest of the ledger."""
        return self.pushed.under(self.recorded) if self.recorded else None

    @property
    def pinned(self) -> str | None:
        """Its full name, which no push of anybody can give to another image; None as long as it is not there."""
        digest = self.digest
        return self.pushed.image.pinned(digest) if digest else None

    def tagged(self, tag: str) -> str | None:
        """The digest that lies under a tag now."""
        return self.registry.digest(self.repository, tag)

    def what_is_there(self) -> Sequence[str]:
        """Why there is no digest: what lies where it should be, in words."""
        places = [self.recorded] if self.recorded else []
        return [f"{self._named(at)}: {self._words(at)}" for at in (*places, *self.pushed.names.lasting)]

    def _named(self, at: str) -> str:
        image = self.pushed.image
        return image.pinned(at) if at.startswith("sha256:") else image.named(at)

    def _words(self, at: str) -> str:
        found = self.pushed.under(at)
        return whose(found) if found else "nothing"


def left(name: str, pinned: str, commit: str, registry: Registry) -> str:
    """What is wrong with an image that a ledger has, asked now; empty if nothing is."""
    repository, digest = split(pinned)[1:]
    found = registry.image(repository, digest)
    if found is None:
        return f"{name}: {pinned} is gone from the registry"
    if found.label(REVISION) != commit:
        return f"{name}: {pinned} is {whose(found)}, not of {commit[:10]}"
    return ""


def split(pinned: str) -> tuple[str, str, str]:
    """Host, repository and digest of host/name@sha256:…."""
    address, _, digest = pinned.partition("@")
    host, _, repository = address.partition("/")
    return host, repository, digest
