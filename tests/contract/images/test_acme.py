"""The two images of the sample product: built, pushed, and run by the digest that the push named."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from examples import base_image

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.choice import choose
from shipit.images.model import REVISION, Image
from shipit.images.ports import Order
from tests.contract.images.conftest import nobody
from tests.support.engine import Engine
from tests.support.postgres import _free_port, wait_until

ACME = Path(__file__).parents[3] / "examples" / "acme"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def engine_with_python(running: Engine) -> Engine:
    archive = running.folder / "python.tar"
    base_image.write_python(archive)
    running.take(base_image.PYTHON, archive)
    return running


@pytest.fixture
def pushed(engine_with_python: Engine, registry: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The image of this key by its digest, taken out of the engine, so that it comes from the registry."""
    os.environ.update(engine_with_python.environment)
    key = request.param
    args = {"BASE": base_image.PYTHON, "VERSION": "1.0.0", "REVISION": COMMIT}
    image = Image(key=key, host=registry, repository=f"acme/{key}", file=f"Dockerfile.{key}", build_args=args)
    order = Order(image=image, name=image.named("v1.0.0"), tree=ACME, labels={REVISION: COMMIT})
    builder = choose(nobody, ClaimedFolder(tmp_path / "images"))
    said: list[str] = []
    builder.build(order, said.append)
    digest = builder.push(order, said.append)
    assert (builder.labels(order.name) or {})[REVISION] == COMMIT
    engine_with_python.docker("rmi", order.name)
    return image.pinned(digest)


@contextmanager
def container(running: Engine, *arguments: str) -> Iterator[str]:
    name = running.docker("run", "--detach", *arguments).strip()
    try:
        yield name
    finally:
        running.docker("rm", "--force", "--volumes", name)


def answer(address: str) -> dict[str, object]:
    try:
        with closing(urlopen(address, timeout=5)) as page:
            return dict(json.load(page))
    except OSError:
        return {}


@pytest.mark.parametrize("pushed", ["webhook"], indirect=True)
def test_the_webhook_answers_with_version_and_commit_and_is_not_root(running: Engine, pushed: str) -> None:
    port = _free_port()
    published = f"--publish=127.0.0.1:{port}:8080"
    with container(running, published, "--env=ACME_WEBHOOK_SECRET=x", "--init", pushed) as name:
        wait_until(lambda: bool(answer(f"http://127.0.0.1:{port}/healthz")), 30)
        found = answer(f"http://127.0.0.1:{port}/healthz")
        assert (found["version"], found["commit"], found["events"]) == ("1.0.0", COMMIT, 0)
        assert running.docker("exec", name, "id", "-u").strip() == "10001"
        assert "healthz" in running.docker("inspect", "--format={{json .Config.Healthcheck}}", name)


@pytest.mark.parametrize("pushed", ["mcp"], indirect=True)
def test_the_mcp_server_speaks_on_standard_input_and_output(running: Engine, pushed: str) -> None:
    script = "import acme, os; print(acme.__version__, os.environ['ACME_COMMIT'], os.getuid())"
    said = running.docker("run", "--rm", "--entrypoint=python3", pushed, "-c", script)
    assert said.split() == ["1.0.0", COMMIT, "10001"]
    running.docker("run", "--rm", pushed)  # its standard input is empty: it ends, and without an error
