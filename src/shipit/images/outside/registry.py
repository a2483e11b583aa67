"""A registry as the steps of images ask it: what is known by a digest is asked for once."""

from shipit.adapters.oci.registry import Registry
from shipit.errors import ExternalError
from shipit.images.model import PushedImage


class KnownRegistry:
    """Plays ports.Registry. What lies under a digest never changes, but it may be deleted."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[str, str], PushedImage] = {}

    @property
    def host(self) -> str:
        return self._registry.host

    def digest(self, repository: str, at: str) -> str | None:
        return self._registry.digest(repository, at)

    def image(self, repository: str, at: str) -> PushedImage | None:
        digest = self.digest(repository, at)
        if digest is None:
            return None
        if (repository, digest) not in self._known:
            found = self._registry.manifest(repository, digest)
            if found is None:  # somebody has just deleted it
                return None
            images = self._registry.images(repository, found)
            self._known[repository, digest] = PushedImage(
                digest=digest,
                platforms=tuple(one.platform for one in images),
                labels=tuple(one.labels for one in images),
            )
        return self._known[repository, digest]

    def tag(self, repository: str, tag: str, digest: str) -> None:
        found = self._registry.manifest(repository, digest)
        if found is None:
            raise ExternalError(
                f"{repository}@{digest} is gone from the registry {self.host}",
                hint="somebody may have deleted it: build and push it again",
            )
        self._registry.tag(repository, tag, found)
