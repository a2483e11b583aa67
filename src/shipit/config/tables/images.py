"""[tool.shipit.registry] and [tool.shipit.images.NAME]: container images, and where they are pushed."""

from typing import Annotated

from msgspec import Meta, field

from shipit.config.tables.section import Section
from shipit.config.tables.values import InsidePath, Secret, spell_paths, text

Host = Annotated[
    str,
    text(
        r"(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*|\[[A-Fa-f0-9:]+\])(?::[0-9]{1,5})?",
        "host or host:port, without a scheme",
    ),
]
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
Repository = Annotated[
    str,
    text(
        rf"{_PART}(?:/{_PART})*",
        "small letters and digits, with `.`, `_`, `__` or `-` between them and `/` between parts",
    ),
]
Address = Annotated[
    str,
    text(
        rf"(?:[A-Za-z0-9.-]+|\[[A-Fa-f0-9:]+\])(?::[0-9]{{1,5}})?(?:/{_PART})*",
        "host/namespace, without a scheme",
    ),
]
Platform = Annotated[str, text(r"[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?", "os/architecture, such as linux/arm64")]
Stage = Annotated[str, text(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "the name or number of a stage")]


class RegistryOptions(Section, frozen=True):
    """Where images are pushed. Without user name and password docker's own login and helpers are used."""

    host: Annotated[Host, Meta(description="registry, as in names of images")] = "ghcr.io"
    namespace: Annotated[
        Repository | None,
        Meta(description="what stands before the name of each image; the owner of the repository if left out"),
    ] = None
    username: Annotated[Secret | None, Meta(description="user name; never masked")] = None
    password: Annotated[Secret | None, Meta(description="password or token")] = None


class ImageOptions(Section, frozen=True):
    """A container image that `shipit build` builds from the commit."""

    file: Annotated[InsidePath, Meta(description="its Dockerfile")]
    name: Annotated[
        Repository | None, Meta(description="its name in the registry, after the namespace; NAME if left out")
    ] = None
    context: Annotated[InsidePath, Meta(description="folder that the Dockerfile may copy from")] = "."
    target: Annotated[Stage | None, Meta(description="stage of the Dockerfile; the last one if left out")] = None
    platforms: Annotated[
        tuple[Platform, ...], Meta(description="what it is built for; the platform of the builder if left out")
    ] = ()
    build_args: Annotated[
        dict[str, str],
        Meta(description="arguments of the Dockerfile; {version} and {commit} are filled in. No place for secrets"),
    ] = field(default_factory=dict[str, str])
    registry: Annotated[
        Address | None, Meta(description="host/namespace for this image alone, instead of [tool.shipit.registry]")
    ] = None

    def __post_init__(self) -> None:
        spell_paths(self, "file", "context")
