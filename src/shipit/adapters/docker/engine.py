"""Images built and pushed by docker: with its plugin buildx, or with the BuildKit that is in the engine."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shipit.adapters import process
from shipit.adapters.docker import arguments, troubles
from shipit.adapters.docker.login_file import LoginFile
from shipit.adapters.docker.order import Image, Order
from shipit.adapters.docker.running import LONGEST_BUILD, LONGEST_PUSH, Task, carry_out
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, Stop

_PATIENCE = 60.0
"""seconds for a question to the daemon"""
_PUSHED = re.compile(r"^(?P<tag>\S+): digest: (?P<digest>sha256:[0-9a-f]{64}) size: \d+$", re.MULTILINE)


@dataclass(frozen=True)
class DockerBuild:
    """Plays Builder by `docker build`, for docker before version 23, which needs no plugin for BuildKit."""

    logins: LoginFile
    name: ClassVar[str] = "docker build"

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]:
        return [*daemon_problems(), *platform_problems(self.name, images)]

    def labels(self, name: str) -> Mapping[str, str] | None:
        return local_labels(name)

    def build(self, order: Order, say: Say) -> None:
        with self.logins.for_docker(order.image.host) as login:
            carry_out(building(order, arguments.docker_build(order), {**login, "DOCKER_BUILDKIT": "1"}), say)

    def push(self, order: Order, say: Say) -> str:
        return push(order, self.logins, say)


def building(order: Order, argv: arguments.Arguments, environment: Mapping[str, str | None]) -> Task:
    return Task(
        argv=argv,
        host=order.image.host,
        failed=f"{order.name} could not be built",
        folder=order.tree,
        environment=environment,
        longest=LONGEST_BUILD,
    )


def pushing(order: Order, argv: arguments.Arguments, environment: Mapping[str, str | None]) -> Task:
    return Task(
        argv=argv,
        host=order.image.host,
        failed=f"{order.name} could not be pushed",
        folder=order.tree,
        environment=environment,
        longest=LONGEST_PUSH,
    )


def push(order: Order, logins: LoginFile, say: Say) -> str:
    """Push what is on this machine; returns the digest that the push named."""
    with logins.for_docker(order.image.host) as login:
        said = carry_out(pushing(order, arguments.docker_push(order.name), login), say)
    return pushed_digest(said, order.name)


def pushed_digest(said: str, name: str) -> str:
    """The digest that a push named for this tag. Raises ExternalError if it named none."""
    tag = name.rpartition(":")[2]
    found = [match["digest"] for match in _PUSHED.finditer(said) if match["tag"] == tag]
    if not found:
        raise ExternalError(
            f"docker pushed {name} and named no digest",
            evidence=said.splitlines()[-5:],
            hint="is this docker itself?",
        )
    return found[-1]


def local_labels(name: str) -> Mapping[str, str] | None:
    """Those of an image on this machine; None if there is none."""
    finished = process.run(arguments.docker_labels(name), timeout=_PATIENCE)
    if finished.code == 0:
        config = json.loads(finished.stdout) or {}
        return dict(config.get("Labels") or {})
    if "no such image" in finished.stderr.lower():
        return None
    raise troubles.failure(finished, "docker cannot say which images are here", name.partition("/")[0])


def daemon_problems() -> Sequence[Problem]:
    """Whether the daemon answers; why not, and what to do about it."""
    try:
        finished = process.run(("docker", "version", "--format={{json .Server.Version}}"), timeout=_PATIENCE)
    except Stop as error:
        return (Problem("docker does not answer", error.what, error.hint or ""),)
    if finished.code == 0:
        return ()
    _, hint = troubles.meaning(finished.stderr, "")
    return (Problem("docker's daemon does not answer", last_line(finished.stderr), hint or "docker version"),)


def platform_problems(program: str, images: Sequence[Image]) -> Sequence[Problem]:
    """For a program that takes one platform at a time."""
    return [
        Problem(
            f"{program} makes an image for one platform at a time",
            f"images.{image.key}.platforms = {', '.join(image.platforms)}",
            "install docker's plugin buildx",
        )
        for image in images
        if len(image.platforms) > 1
    ]


def last_line(said: str) -> str:
    """What a program said last; empty if nothing."""
    lines = said.split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
