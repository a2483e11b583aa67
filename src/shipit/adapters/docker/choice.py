"""Which program builds and pushes images here: the first of those that are there and can."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shipit.adapters import process
from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.buildah import Buildah
from shipit.adapters.docker.buildx import DockerBuildx
from shipit.adapters.docker.engine import DockerBuild
from shipit.adapters.docker.login_file import LoginFile
from shipit.adapters.docker.order import Builder, Image, Order
from shipit.adapters.oci.login import Login
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, Stop

_NOTHING = Problem(
    "there is no program that builds images", "neither docker nor buildah is on PATH", "install docker, or buildah"
)
_PATIENCE = 60.0
_NEEDS_PLUGIN = 23
"""The first version of docker that builds by its plugin only."""


def choose(login: Callable[[str], Login | None], folder: ClaimedFolder) -> Builder:
    """The builder for this machine; `login` gives that of a registry, or None to use docker's own.

    If docker cannot and buildah can, it is buildah, with a warning; if neither can, the first says why.
    """
    logins = LoginFile(login, folder)
    first = _docker(logins) if shutil.which("docker") else NoBuilder(_NOTHING)
    why = first.problems(())
    if not why or not shutil.which("buildah"):
        return first
    second = Buildah(logins, instead_of=None if why[0] is _NOTHING else why[0])
    is_able = all(problem.is_warning for problem in second.problems(()))
    return second if is_able or why[0] is _NOTHING else first


def _docker(logins: LoginFile) -> Builder:
    """By its plugin where that is there; the program of this name may also be podman."""
    try:
        asked = process.run(("docker", "version", "--format={{json .Client}}"), timeout=_PATIENCE)
        has_plugin = process.run(("docker", "buildx", "version"), timeout=_PATIENCE).code == 0
    except Stop as error:
        return NoBuilder(Problem("docker does not answer", error.what, error.hint or ""))
    version = client_version(asked.stdout)
    if version is None:
        return NoBuilder(Problem("the program docker is not docker itself", hint="install docker, or buildah"))
    if has_plugin:
        return DockerBuildx(logins)
    if _major(version) < _NEEDS_PLUGIN:
        return DockerBuild(logins)
    return NoBuilder(
        Problem(
            f"docker {version} cannot build without its plugin buildx",
            "docker buildx version",
            "install docker-buildx-plugin (Debian: docker-buildx), or buildah",
        )
    )


def client_version(said: bytes) -> str | None:
    """The version in what `docker version` says of the program; None if that is another program in disguise."""
    try:
        client = json.loads(said)
        return str(client["Version"]) if "ApiVersion" in client else None  # podman: APIVersion
    except (ValueError, KeyError, TypeError):
        return None


def _major(version: str) -> int:
    first = version.partition(".")[0]
    return int(first) if first.isdecimal() else _NEEDS_PLUGIN


@dataclass(frozen=True)
class NoBuilder:
    """Plays Builder where nothing can build: `why` is what pre-flight says."""

    why: Problem
    name: ClassVar[str] = "no builder"

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]:
        return (self.why,)

    def labels(self, name: str) -> Mapping[str, str] | None:
        return None

    def build(self, order: Order, say: Say) -> None:
        raise self._error()

    def push(self, order: Order, say: Say) -> str:
        raise self._error()

    def _error(self) -> ExternalError:
        return ExternalError(self.why.what, evidence=[self.why.evidence], hint=self.why.hint)
