"""The images that an environment deploys, as the configuration and a registry know them."""

from collections.abc import Mapping

from msgspec.structs import replace

from shipit.config import Environment
from shipit.config.tables.branches import Branches
from shipit.deploy.images import DeployedImage, split
from shipit.deploy.refs import TAGS
from shipit.images.commit import CommitImage
from shipit.images.model import Names
from shipit.images.outside import Outside as ImagesOutside
from shipit.images.tags import LONGEST, names, safe
from shipit.model import Revision


def deployed_image(
    outside: ImagesOutside,
    options: Environment,
    name: str,
    tagged: tuple[Revision, str],
    recorded: Mapping[str, str],
) -> DeployedImage:
    """An image of a revision with its tag; `recorded` is what a ledger says of the images of that revision."""
    revision, tag = tagged
    (image,) = outside.images([name])
    host, repository, digest = split(recorded[name]) if name in recorded else (image.host, image.repository, "")
    pushed = CommitImage(
        image=replace(image, host=host, repository=repository),
        revision=revision,
        names=_names(outside.project.config.branches, options.from_, revision, tag),
        registry=outside.registry(host),
    )
    return DeployedImage(pushed=pushed, recorded=digest)


def _names(branches: Branches, source: str | None, revision: Revision, tag: str) -> Names:
    """The tags under which `shipit build --push` may have pushed the images of a commit."""
    own = (branches.main, branches.develop) if source is None or source == TAGS else (source,)
    named = [names(revision.commit, one, ()) for one in own if one]
    lasting = [*([safe(tag, LONGEST)] if tag else []), *(one.own for one in named if one)]
    return Names(own=lasting[0], fixed=tuple(lasting[1:]))
