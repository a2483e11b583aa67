"""One image of one commit: where its digest is known from, and whether what lies under a name is it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shipit.images.model import REVISION, Image, Names, PushedImage
from shipit.images.ports import Registry
from shipit.model import Revision


@dataclass(frozen=True, kw_only=True)
class CommitImage:
    """An image as the registry has it for one commit.

    `digests` holds what the pushes of this run have named, by the image's key; what others pushed is found under a
    tag that never moves, and only believed if it is labelled with this very commit.
    """

    image: Image
    revision: Revision
    names: Names
    registry: Registry
    digests: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def digest(self) -> str | None:
        """The digest of this commit's image; None as long as none is pushed."""
        if known := self.digests.get(self.image.key):
            return known
        for tag in self.names.lasting:
            found = self.under(tag)
            if found and self.is_it(found):
                return found.digest
        return None

    def under(self, tag: str) -> PushedImage | None:
        """What lies under a tag or digest now."""
        return self.registry.image(self.image.repository, tag)

    def is_it(self, found: PushedImage) -> bool:
        """Whether it is labelled with this very commit, for every platform."""
        return found.label(REVISION) == self.revision.commit

    def lacking(self, found: PushedImage) -> str:
        """The platforms that the configuration names and this image does not have; empty if none."""
        return ", ".join(one for one in self.image.platforms if one not in found.platforms)


def whose(found: PushedImage) -> str:
    """Of which commit an image says that it is, for people."""
    labelled = found.label(REVISION)
    return f"an image of {labelled[:10]}" if labelled else "an image without a commit in its labels"


IsLater = Callable[[str], bool]
"""Whether a commit contains the one that is built; False for one that is not known here."""
