"""A product with two images beside a real engine and a real registry, and its command line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from examples import base_image

from tests.support import run
from tests.support.acme import git
from tests.support.engine import Engine
from tests.support.run import Ran
from tests.support.shaky_proxy import ShakyProxy, Weather

KEYS = ("mcp", "webhook")
TYPES = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
DOCKERFILE = f"""\
FROM {base_image.BUSYBOX}
ARG VERSION
ARG REVISION
RUN echo "$VERSION $REVISION" >/version && dd if=/dev/urandom of=/noise bs=1024 count=64 2>/dev/null
CMD ["cat", "/version"]
"""
PYPROJECT = """\
[project]
name = "small"
version = "1.0.0"

[tool.shipit]
version.files = ["pyproject.toml:project.version"]
forge.kind = "none"
branches.develop = "develop"

[tool.shipit.registry]
host = "{host}"
namespace = "{namespace}"
{login}
[tool.shipit.images]
"""
ARGUMENTS = '{ VERSION = "{version}", REVISION = "{commit}" }'


@dataclass
class Site:
    """`clone` has develop checked out; the registry is asked through a proxy that keeps what it hears."""

    folder: Path
    engine: Engine
    host: str
    asked: list[str]
    """method and path of each request to the registry, whoever asked"""

    @property
    def clone(self) -> Path:
        return self.folder / "small"

    @property
    def namespace(self) -> str:
        return self.folder.name.lower().replace("_", "-")

    def lay_out(self, login: str = "") -> "Site":
        git(self.folder, "init", "--quiet", "--bare", "--initial-branch=develop", "remote.git")
        git(self.folder, "init", "--quiet", "--initial-branch=develop", "small")
        git(self.clone, "remote", "add", "origin", str(self.folder / "remote.git"))
        git(self.clone, "config", "user.name", "Ada Acme")
        git(self.clone, "config", "user.email", "ada@acme.example")
        rows = "".join(f'{key} = {{ file = "Dockerfile.{key}", build-args = {ARGUMENTS} }}\n' for key in KEYS)
        head = PYPROJECT.format(host=self.host, namespace=self.namespace, login=login)
        (self.clone / "pyproject.toml").write_text(head + rows)
        for key in KEYS:
            (self.clone / f"Dockerfile.{key}").write_text(DOCKERFILE)
        self.commit("feat: begin")
        return self

    def commit(self, message: str) -> str:
        git(self.clone, "add", ".")
        git(self.clone, "commit", "--quiet", "--allow-empty", "-m", message)
        git(self.clone, "push", "--quiet", "origin", "develop")
        return self.head

    @property
    def head(self) -> str:
        return git(self.clone, "rev-parse", "HEAD").strip()

    @property
    def own(self) -> str:
        return f"develop-{self.head[:9]}"

    @property
    def environment(self) -> Mapping[str, str]:
        state = {"XDG_STATE_HOME": str(self.folder / "state"), "HOME": str(self.folder)}
        return run.environment(**self.engine.environment, **state)

    def shipit(self, *words: str, env: Mapping[str, str] | None = None) -> Ran:
        return run.shipit(self.clone, *words, env={**self.environment, **(env or {})})

    def tags(self, key: str) -> dict[str, str]:
        """Each tag with the digest that lies there."""
        root = f"http://{self.host}/v2/{self.namespace}/{key}"
        found = httpx.get(f"{root}/tags/list", trust_env=False)
        names = (found.json()["tags"] or []) if found.is_success else []
        return {name: self._digest(f"{root}/manifests/{name}") for name in sorted(names)}

    @staticmethod
    def _digest(url: str) -> str:
        return httpx.head(url, headers={"Accept": TYPES}, trust_env=False).headers["Docker-Content-Digest"]

    @property
    def writes(self) -> list[str]:
        return [line for line in self.asked if line.split()[0] not in {"GET", "HEAD"}]

    def forget_locally(self) -> None:
        """What is on this machine only: as if another one went on."""
        here = self.engine.docker("images", "--format", "{{.Repository}} {{.ID}}")
        for line in set(here.splitlines()):
            if f"/{self.namespace}/" in line:
                self.engine.docker("rmi", "--force", line.split()[1])


class Attentive(Weather):
    """Passes everything on, and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def draw(self, request: bytes) -> tuple[str, float, bool]:
        self.asked.append(" ".join(request.partition(b"\r\n")[0].decode("latin-1").split()[:2]))
        return "", 0.0, False


@contextmanager
def site(folder: Path, engine: Engine, root: str) -> Iterator[Site]:
    """Beside an engine and the registry at this address."""
    heard, proxy = Attentive(), ShakyProxy(urlsplit(root).port or 80)
    proxy.weather = heard
    proxy.start()
    try:
        yield Site(folder, engine, f"127.0.0.1:{proxy.port}", heard.asked)
    finally:
        proxy.stop()
