"""Steps on a registry: a version tag for an image that was verified elsewhere, and the tag of the environment."""

from msgspec import Struct

from shipit.deploy.images import DeployedImage
from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.model import Decision
from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import ExternalError, Stop


class Promote(Struct, frozen=True, kw_only=True):
    """The version tag on the very image that another environment has verified; such a tag never moves."""

    image: DeployedImage
    tag: str
    source: str
    lock: EnvironmentLock

    @property
    def name(self) -> str:
        return f"promote-{self.image.key}"

    @property
    def summary(self) -> str:
        return f"Put {self.image.pushed.image.named(self.tag)} on the image that {self.source} has verified"

    def look(self) -> Look:
        digest, there = digest_of(self.image), self.image.tagged(self.tag)
        if there is None:
            return absent(digest[:19])
        if there != digest:
            return conflict(f"{self.tag} is {there}, and {self.source} has verified {digest}")
        return done(digest[:19])

    def run(self, say: Say) -> None:
        self.lock.require_ours()
        put(self.image, self.tag, digest_of(self.image), say)

    def lasts(self) -> str:
        """The tag stays: it is right, and to remove it would remove the image."""
        return f"{self.image.pushed.image.named(self.tag)} stays: it names the image of this release"


class MoveTag(Struct, frozen=True, kw_only=True):
    """The tag that names what is live in the environment; its undo puts it back, if it is still ours."""

    image: DeployedImage
    tag: str
    decision: Decision
    lock: EnvironmentLock

    @property
    def name(self) -> str:
        return f"tag-{self.image.key}"

    @property
    def summary(self) -> str:
        return f"Move {self._named}"

    @property
    def _named(self) -> str:
        return self.image.pushed.image.named(self.tag)

    @property
    def _before(self) -> str | None:
        return self.decision.tags.get(self.image.key)

    def look(self) -> Look:
        there = self.image.tagged(self.tag)
        if there == digest_of(self.image):
            return done(there[:19])
        return absent(f"it is at {there[:19]}" if there else "there is no such tag yet")

    def run(self, say: Say) -> None:
        self.lock.require_ours()
        put(self.image, self.tag, digest_of(self.image), say)

    def undo(self, say: Say) -> None:
        self.lock.require_ours()
        there = self.image.tagged(self.tag)
        if there is None or there != self.image.digest or self._before in {None, there}:
            return
        put(self.image, self.tag, self._before or "", say)

    def lasts(self) -> str:
        """A first tag stays: it cannot be removed without its image."""
        try:
            is_left = self._before is None and self.image.tagged(self.tag) is not None
        except Stop:
            return f"it is not known where {self._named} is: the registry did not answer"
        return f"{self._named} stays: a tag cannot be removed without its image" if is_left else ""


def digest_of(image: DeployedImage) -> str:
    """The digest that is deployed; raises ExternalError if the registry does not have it."""
    digest = image.digest
    if digest is None:
        raise ExternalError(
            f"the image {image.key} of {image.pushed.revision} is not in the registry",
            evidence=image.what_is_there(),
            hint="shipit build --push, where this commit is checked out",
        )
    return digest


def put(image: DeployedImage, tag: str, digest: str, say: Say) -> None:
    """Put a digest under a tag: the very bytes, so that it stays."""
    say(f"{image.pushed.image.named(tag)} → {digest}")
    image.registry.tag(image.repository, tag, digest)
