"""Which programs build the container images: docker with its plugin, an old docker without, or buildah."""

from collections.abc import Iterator

from shipit.config import Config
from shipit.doctor.model import Kind, Need

_BUILDKIT = ">=18.09"
"""The first engine with BuildKit inside."""
_WITHOUT_PLUGIN = "<23"


def image_needs(config: Config) -> Iterator[Need]:
    """Docker, or buildah; several platforms at once need docker's plugin."""
    if not config.images:
        return
    is_wide = any(len(image.platforms) > 1 for image in config.images.values())
    why = tuple(f"images.{name}" for name in config.images)
    asked = ("docker", "version", "--format={{.Server.Version}}")
    yield Need(
        tool="docker",
        kind=Kind.RUN,
        argv=("docker", "--version"),
        wanted=_BUILDKIT,
        why=why,
        says="Docker version",
        way="docker",
    )
    yield Need(tool="docker's engine", kind=Kind.RUN, argv=asked, wanted=_BUILDKIT, why=why, way="docker")
    yield Need(
        tool="docker buildx",
        kind=Kind.RUN,
        argv=("docker", "buildx", "version"),
        why=why,
        way="docker",
        spared=None if is_wide else ("docker", _WITHOUT_PLUGIN),
    )
    if not is_wide:
        yield Need(
            tool="buildah", kind=Kind.RUN, argv=("buildah", "--version"), why=why, says="buildah", way="buildah"
        )
