"""A small service as a wheel, targets that run it, and the supervisors that tests leave behind."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shipit.adapters.local.client import Supervisor
from shipit.adapters.local.process import ProcessTarget
from shipit.adapters.local.versions import Kept, Versions
from shipit.engine.plan import Say
from shipit.model import Revision
from tests.support.distributions import wheel

ONE = Revision("1.0.0", "1" * 40)
TWO = Revision("1.1.0", "2" * 40)
THREE = Revision("1.2.0", "3" * 40)
SECRET = "sentinel-s3cret-of-the-service"

SERVICE = """
import http.server, json, os, subprocess, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        said = {name: os.environ.get(name.upper(), "") for name in ("version", "commit")}
        said["pid"] = os.getpid()
        if self.path == "/slow":
            time.sleep(1)
        if self.path == "/die":
            os._exit(3)
        body = b"x" * 5_000_000 if self.path == "/large" else json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        got = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(str(len(got)))))
        self.end_headers()
        self.wfile.write(str(len(got)).encode())

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

def serve(port):
    fault = os.environ.get("FAULT", "")
    print("secret:", os.environ.get("SECRET"), flush=True)
    if fault == "helper":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    if fault == "exit":
        sys.exit("the database is not there")
    if fault == "never":
        time.sleep(600)
    Server(("127.0.0.1", port), Handler).serve_forever()
"""
RUN = ("python", "-c", "import served; served.serve({port})")


def silent(line: str) -> None: ...


def free_address() -> str:
    """Of loopback; nobody listens there, and the system gives no outgoing connection such a port."""
    while True:
        port = random.randrange(12_000, 20_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return f"127.0.0.1:{port}"


@dataclass(kw_only=True)
class Service:
    """A process target with a wheel that needs no network, and what the test may change of it."""

    path: Path
    address: str = field(default_factory=free_address)
    keep: int = 2
    run: tuple[str, ...] = RUN
    faults: dict[str, str] = field(default_factory=dict)
    """what is wrong with the service, by version"""
    built: int = 0

    def target(self, fence: int = 0) -> ProcessTarget:
        return ProcessTarget(
            name="api",
            path=self.path,
            keep=self.keep,
            run=self.run,
            address=self.address,
            variables=self.variables,
            wheel=self.wheel,
            fence=fence,
        )

    def variables(self, revision: Revision) -> Mapping[str, str]:
        values = {"VERSION": revision.version, "COMMIT": revision.commit, "SECRET": SECRET}
        return {**values, "FAULT": self.faults.get(revision.version, "")}

    def wheel(self, say: Say) -> Path:
        self.built += 1
        return wheel(self.path.parent / "wheels", "served", "1.0.0", SERVICE)

    def ask(self, path: str = "/", timeout: float = 10) -> str:
        """The version that answers at the public address; raises OSError."""
        return str(json.loads(self.get(path, timeout))["version"])

    def get(self, path: str = "/", timeout: float = 10) -> bytes:
        """The body that comes from the public address; raises OSError."""
        host, _, port = self.address.partition(":")
        with socket.create_connection((host, int(port)), timeout=timeout) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(f"no answer: {head!r}")
        return body

    def supervisor(self) -> int:
        """The process id of the supervisor; 0 if there is none."""
        status = Supervisor(path=self.path, address=self.address, fence=0).status()
        return status.pid if status else 0

    def processes(self) -> list[int]:
        """All that the supervisor of this folder has started and still runs, and helpers of those."""
        mark = f"SHIPIT_SUPERVISED={self.path}".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)]

    def end(self) -> None:
        """End the supervisor and all below it; nothing may be left."""
        pid = self.supervisor()
        if pid:
            os.kill(pid, signal.SIGTERM)
        assert eventually(lambda: not self.supervisor() and not self.processes(), 15)


def _read(path: Path) -> list[bytes]:
    with contextlib.suppress(OSError):
        return path.read_bytes().split(b"\0")
    return []


def eventually(condition: Callable[[], bool], patience: float = 10) -> bool:
    until = time.monotonic() + patience
    while not (is_true := condition()) and time.monotonic() < until:
        time.sleep(0.02)
    return is_true


def installed(folder: Path) -> Service:
    """A service whose three versions are there whole and do not run: made once, copied for each test."""
    service = Service(path=folder / "srv")
    service.target().start(ONE, silent)
    service.end()
    versions = Versions(path=service.path, fence=0)
    first = versions.require(ONE.reference)
    for revision in (TWO, THREE):
        shutil.copytree(versions.place(ONE.reference), versions.place(revision.reference), symlinks=True)
        versions.mark(Kept(revision=revision, environment=first.environment, run=first.run))
    for file in (".supervisor.json", ".supervisor.lock", ".supervisor.log"):
        (service.path / file).unlink()
    return service


@contextlib.contextmanager
def copied(service: Service, folder: Path) -> Iterator[Service]:
    """A service of its own in a folder, ended afterwards."""
    path = folder / "srv"
    shutil.copytree(service.path, path, symlinks=True)
    own = Service(path=path)
    try:
        yield own
    finally:
        own.end()
