"""The promises of a package index once more, kept by a devpi-server: PEP 691 pages, other status codes."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from shipit.adapters.pypi.index import TwineIndex
from tests.contract.test_index import SECRET, IndexContract
from tests.support.require import require

PATIENCE = 60
"""Seconds; it takes twelve to start on an idle machine."""


def command(name: str) -> Path | None:
    """Find a command of devpi beside this Python, or in the folder that SHIPIT_TEST_DEVPI names."""
    places = [os.environ.get("SHIPIT_TEST_DEVPI", ""), str(Path(sys.executable).parent)]
    found = shutil.which(name, path=os.pathsep.join(filter(None, places)))
    return Path(found) if found else None


@pytest.fixture(scope="module")
def devpi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of one user; yields its address."""
    init, server = command("devpi-init"), command("devpi-server")
    require("devpi-server", init is not None and server is not None)
    folder = str(tmp_path_factory.mktemp("devpi"))
    words = ("--serverdir", folder, "--no-root-pypi", "--root-passwd", SECRET)
    subprocess.run([str(init), *words], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = ("--host", "127.0.0.1", "--port", str(port))
    child = subprocess.Popen(
        [str(server), "--serverdir", folder, *address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/+api")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(30)


def await_answer(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(url, timeout=5).close()
        except (URLError, OSError):
            assert time.monotonic() < deadline, "devpi-server did not start"
            time.sleep(0.2)
        else:
            return


class TestDevpi(IndexContract):
    @pytest.fixture
    def index(self, devpi: str, request: pytest.FixtureRequest) -> TwineIndex:
        """Make an index of its own for the test; it refuses other bytes under a known name."""
        name = f"test{abs(hash(request.node.name)) % 10**8}"
        create(devpi, name)
        url = f"{devpi}/root/{name}/"
        return TwineIndex(upload_url=url, simple_url=f"{url}+simple/", username="root", password=SECRET)


def test_a_devpi_without_its_simple_address_is_a_problem_that_names_it(devpi: str) -> None:
    create(devpi, "guessed")
    url = f"{devpi}/root/guessed/"
    guessed = TwineIndex(
        upload_url=url, simple_url=f"{url}simple/", simple_is_guessed=True, username="root", password=SECRET
    )
    [problem] = guessed.problems("my-acme")
    assert "index.simple" in problem.what
    assert problem.hint == f'set index.simple = "{url}+simple/"'


def create(server: str, name: str) -> None:
    """Log in as devpi's own client does, and make a non-volatile index."""
    body = json.dumps({"user": "root", "password": SECRET})
    answer = json.loads(send("POST", f"{server}/+login", body))
    token = base64.b64encode(f"root:{answer['result']['password']}".encode()).decode()
    send("PUT", f"{server}/root/{name}", json.dumps({"volatile": False, "bases": []}), token)


def send(method: str, url: str, body: str, token: str | None = None) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["X-Devpi-Auth"] = token
    with urlopen(Request(url, body.encode(), headers, method=method), timeout=30) as answer:
        return bytes(answer.read())
