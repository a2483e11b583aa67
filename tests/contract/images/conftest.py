"""The builders on real parts: docker's engine with and without buildx, buildah, and registries."""

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from examples import base_image

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.choice import choose
from shipit.adapters.oci.login import Login
from shipit.images.model import Image
from shipit.images.ports import Builder, Order
from tests.support.engine import Engine, buildx, engine, watched
from tests.support.registry import docker_registry
from tests.support.require import require

BUILD, BUILDX, BUILDAH = "docker build", "docker buildx", "buildah"
DOCKERFILE = f"""\
FROM {base_image.BUSYBOX}
ARG WORD=none
LABEL word=$WORD
RUN dd if=/dev/urandom of=/noise bs=1024 count=400
"""
_numbers = itertools.count()


@dataclass
class Bench:
    """A folder to build from, and the builder that shipit chose there; `said` are the lines it passed on."""

    name: str
    tree: Path
    host: str
    builder: Builder
    kept: Path
    said: list[str] = field(default_factory=list)

    def order(self, tag: str = "v1.0.0", args: Mapping[str, str] = {}, file: str = "Dockerfile") -> Order:
        image = Image(key="mcp", host=self.host, repository=self.name, file=file, build_args=args)
        return Order(image=image, name=image.named(tag), tree=self.tree, labels={"made.by": "a test"})

    def at(self, host: str) -> "Bench":
        """The same with another registry."""
        return replace(self, host=host)

    def build(self, order: Order) -> None:
        self.builder.build(order, self.said.append)

    def push(self, order: Order) -> str:
        return self.builder.push(order, self.said.append)

    def left(self) -> list[str]:
        """Files of logins that are still there."""
        return [str(path) for path in self.kept.parent.rglob("*") if path.is_file()]


@pytest.fixture(scope="session")
def running() -> Iterator[Engine]:
    with engine() as started:
        yield started


@pytest.fixture
def hanging_is_told(running: Engine) -> Iterator[None]:
    with watched(running):
        yield


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    with docker_registry() as root:
        yield urlsplit(root).netloc


@pytest.fixture(scope="session")
def members_only() -> Iterator[str]:
    with docker_registry(members=True) as root:
        yield urlsplit(root).netloc


@pytest.fixture(scope="session")
def buildah_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A storage of its own with the base image in it; gives the file that names it."""
    require("buildah", shutil.which("buildah") is not None and os.geteuid() == 0 and base_image.is_possible())
    folder = tmp_path_factory.mktemp("buildah")
    settings = folder / "storage.conf"
    settings.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n', encoding="utf-8"
    )
    base_image.write_busybox(folder / "busybox.tar")

    def buildah(*arguments: str) -> str:
        environment = {**os.environ, "CONTAINERS_STORAGE_CONF": str(settings), "HOME": str(folder)}
        done = subprocess.run(
            ["buildah", *arguments], env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout.strip()

    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(folder / "busybox.tar"), "/")
    buildah("config", "--env", "PATH=/bin", container)
    buildah("commit", "--quiet", "--format=docker", "--rm", container, base_image.BUSYBOX)
    yield settings
    buildah("rmi", "--all", "--force")


@pytest.fixture(params=[BUILD, BUILDX, BUILDAH])
def program(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make this the one program that is there; returns its name."""
    (tmp_path / "bin").mkdir()
    if request.param == BUILDAH:
        monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(request.getfixturevalue("buildah_store")))
        (tmp_path / "bin" / "buildah").symlink_to(str(shutil.which("buildah")))
    else:
        started = request.getfixturevalue("running")
        request.getfixturevalue("hanging_is_told")
        monkeypatch.setenv("DOCKER_HOST", started.address)
        (tmp_path / "bin" / "docker").symlink_to(started.programs / "docker")
    if request.param == BUILDX:
        plugins = Path(os.environ["HOME"], ".docker", "cli-plugins")
        plugins.mkdir(parents=True)
        (plugins / "docker-buildx").symlink_to(buildx())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return str(request.param)


def nobody(host: str) -> Login | None:
    return None


@pytest.fixture
def bench(registry: str, program: str, tmp_path: Path) -> Bench:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "Dockerfile").write_text(DOCKERFILE)
    kept = tmp_path / "private" / "images"
    chosen = choose(nobody, ClaimedFolder(kept))
    return Bench(f"acme/mcp-{next(_numbers)}", tree, registry, chosen, kept)


def docker_config(auths: Mapping[str, object], **more: object) -> Path:
    """Write docker's own configuration of this test's user."""
    path = Path(os.environ["HOME"], ".docker", "config.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"auths": auths, **more}))
    return path
