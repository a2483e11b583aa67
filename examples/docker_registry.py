"""A real registry of images, Debian's package docker-registry, on loopback; it keeps everything in memory."""

import contextlib
import http.client
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from examples.stage import await_server, free_port

PACKAGE = "docker-registry"


def program() -> str | None:
    return shutil.which(PACKAGE)


@contextlib.contextmanager
def registry(people: str = "") -> Iterator[str]:
    """Start one and give its address; `people`, lines as htpasswd writes them, closes it to all others."""
    folder = Path(tempfile.mkdtemp(prefix="shipit-registry-"))
    try:
        root = f"http://127.0.0.1:{free_port()}"
        settings = _settings(urlsplit(root).netloc)
        if people:
            (folder / "people").write_text(people)
            settings["auth"] = {"htpasswd": {"realm": "people", "path": str(folder / "people")}}
        (folder / "settings.yml").write_text(json.dumps(settings))  # YAML has JSON in it
        argv = [str(program()), "serve", str(folder / "settings.yml")]
        with (folder / "log").open("wb") as log, _ended(subprocess.Popen(argv, stdout=log, stderr=log)) as child:
            await_server(child, folder / "log", lambda: _answers(root))
            yield root
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(address: str) -> dict[str, object]:
    return {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"inmemory": {}, "delete": {"enabled": True}},
        "http": {"addr": address, "secret": "x", "relativeurls": True},
    }


@contextlib.contextmanager
def _ended(child: "subprocess.Popen[bytes]") -> Iterator["subprocess.Popen[bytes]"]:
    try:
        yield child
    finally:
        child.terminate()
        child.wait(10)


def _answers(root: str) -> bool:
    with (
        contextlib.suppress(OSError, http.client.HTTPException),
        contextlib.closing(http.client.HTTPConnection(urlsplit(root).netloc, timeout=5)) as connection,
    ):
        connection.request("GET", "/v2/")
        return connection.getresponse().status in {200, 401}
    return False
