"""Images built by docker's plugin buildx, for one platform or for several."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from shipit.adapters import process
from shipit.adapters.docker import arguments, engine
from shipit.adapters.docker.login_file import LoginFile
from shipit.adapters.docker.order import Image, Order
from shipit.adapters.docker.running import carry_out
from shipit.adapters.oci.reference import is_digest
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError

_PATIENCE = 60.0
"""seconds for a question"""
_CONTAINERD = "io.containerd.snapshotter.v1"
"""How an engine says that it keeps images of several platforms under one name."""


@dataclass(frozen=True)
class DockerBuildx:
    """Plays Builder by `docker buildx build`; for several platforms at once, that is also what pushes."""

    logins: LoginFile
    name: ClassVar[str] = "docker buildx"

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]:
        if found := engine.daemon_problems():
            return found
        several = [image for image in images if len(image.platforms) > 1]
        return driver_problems(several, _inspected(), _engine()) if several else ()

    def labels(self, name: str) -> Mapping[str, str] | None:
        return engine.local_labels(name)

    def build(self, order: Order, say: Say) -> None:
        """Build for all platforms, and put one of them on this machine: this one's, if it is among them."""
        with self.logins.for_docker(order.image.host) as login:
            for argv in arguments.buildx_builds(order, _own_platform):
                carry_out(engine.building(order, argv, login), say)

    def push(self, order: Order, say: Say) -> str:
        if len(order.image.platforms) < 2:
            return engine.push(order, self.logins, say)
        with (
            tempfile.TemporaryDirectory(prefix="shipit-") as folder,
            self.logins.for_docker(order.image.host) as login,
        ):
            file = Path(folder) / "metadata.json"
            argv = arguments.buildx_build(order, "--push", f"--metadata-file={file}")
            carry_out(engine.pushing(order, argv, login), say)
            return metadata_digest(file, order.name)


def metadata_digest(file: Path, name: str) -> str:
    """The digest that buildx has written down. Raises ExternalError if it has not."""
    try:
        said = json.loads(file.read_bytes())
        digest = str(said["containerimage.digest"])
    except (OSError, ValueError, KeyError, TypeError):
        digest = ""
    if not is_digest(digest):
        raise ExternalError(
            f"buildx pushed {name} and named no digest", hint="docker buildx version: 0.8 and later write it"
        )
    return digest


def driver_problems(images: Sequence[Image], inspected: str, info: str) -> Sequence[Problem]:
    """What stands against images for several platforms, in what buildx says of its builder and docker of itself."""
    fields = [line.partition(":")[::2] for line in inspected.splitlines()]  # one line of platforms for each node
    drivers = {value.strip() for name, value in fields if name == "Driver"}
    if drivers == {"docker"} and _CONTAINERD not in info:
        return [
            Problem(
                "the builder of docker buildx makes an image for one platform at a time",
                f"images.{image.key}.platforms = {', '.join(image.platforms)}",
                "docker buildx create --use --driver docker-container",
            )
            for image in images
        ]
    able = {one.strip().rstrip("*") for name, value in fields if name == "Platforms" for one in value.split(",")}
    return [
        Problem(
            f"the builder of docker buildx runs nothing for {platform}",
            f"images.{image.key}.platforms",
            "install QEMU's emulators for docker: a RUN in the Dockerfile fails without",
            is_warning=True,
        )
        for image in images
        for platform in image.platforms
        if platform not in able
    ]


def _inspected() -> str:
    return process.run(("docker", "buildx", "inspect"), timeout=_PATIENCE).text


def _engine() -> str:
    return process.run(("docker", "info", "--format={{json .DriverStatus}}"), timeout=_PATIENCE).text


def _own_platform() -> str:
    """That of the engine, as it names it itself; empty if it does not answer."""
    asked = ("docker", "version", "--format={{.Server.Os}}/{{.Server.Arch}}")
    return process.run(asked, timeout=_PATIENCE).text.strip()
