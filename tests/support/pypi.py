"""A real pypiserver on loopback, and a front before it that fails where a test orders it to.

echo NAME:PASSWORD | python -m tests.support.pypi FOLDER [HASH]    (prints its port)
"""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Self, cast
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

_FILE = re.compile(rb'name="content"; filename="([^"]+)"')
_HOP = {"connection", "transfer-encoding", "keep-alive", "server", "date", "content-length"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index is reached; uploads need `username` and `password`, reads do not."""

    url: str
    username: str
    password: str = field(repr=False)

    @property
    def upload(self) -> str:
        return f"{self.url}/"

    @property
    def simple(self) -> str:
        return f"{self.url}/simple/"


@contextmanager
def pypiserver(
    folder: Path, username: str = "releaser", password: str = "s3cret", hashes: str = "sha256"
) -> Iterator[Address]:
    """Serve a folder as an index until the block ends; its pages tell this kind of hash, or `off` for none."""
    folder.mkdir(parents=True, exist_ok=True)
    user = f"{username}:{password}"
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.support.pypi", str(folder), hashes],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    try:
        child.stdin.write(user + "\n")
        child.stdin.close()
        port = child.stdout.readline().strip()
        assert port, "pypiserver did not start"
        yield Address(f"http://127.0.0.1:{port}", username, password)
    finally:
        child.terminate()
        child.wait(10)
        child.stdout.close()


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as the front answered it: `status` 0 says that the connection was dropped."""

    file: str
    status: int


@dataclass
class Fault:
    """What happens to uploads of files whose name matches `pattern`, the next `times` times.

    `status` 0 drops the connection; `after` lets the index do its work first: only the answer is lost.
    """

    pattern: str
    status: int = 503
    times: int | None = None
    after: bool = False

    def hits(self, file: str) -> bool:
        return self.times != 0 and fnmatch(file, self.pattern)


class FaultyIndex:
    """A reverse proxy: everything goes through to `upstream` but what `fail` or `fail_upload` ordered.

    twine tries a 5xx five times on its own, so faults go by file, not by request. `watch` is called while an
    upload is under way; `uploads` and `reads` list what was asked. `readers` are the values of
    Authorization that may read, everybody if there are none; `pages` are told instead of upstream's, by path,
    each with its content type.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.faults: list[Fault] = []
        self.uploads: list[Upload] = []
        self.reads: list[str] = []
        self.authorizations: list[str | None] = []
        self.readers: set[str] = set()
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.watch: Callable[[], None] = lambda: None
        self._positions: dict[int, int] = {}
        self._seen: list[str] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Front)
        self._server.index = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def fail(self, pattern: str, status: int = 503, *, times: int | None = None, after: bool = False) -> None:
        """Fail uploads by file name, e.g. `*.tar.gz`."""
        self.faults.append(Fault(pattern, status, times, after))

    def fail_upload(self, number: int, status: int = 503) -> None:
        """Fail every try at the n-th file that is uploaded, counted from one."""
        self._positions[number] = status

    def heal(self) -> None:
        self.faults.clear()
        self._positions.clear()

    def fault(self, file: str) -> Fault | None:
        with self._lock:
            if file not in self._seen:
                self._seen.append(file)
            position = self._seen.index(file) + 1
            if position in self._positions:
                return Fault(file, self._positions[position])
            found = next((fault for fault in self.faults if fault.hits(file)), None)
            if found and found.times is not None:
                found.times -= 1
            return found


class _Server(ThreadingHTTPServer):
    index: FaultyIndex
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is part of the game."""


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment: no waiting for the other side's acknowledgement

    @property
    def _index(self) -> FaultyIndex:
        return cast(_Server, self.server).index

    def do_GET(self) -> None:
        self._index.reads.append(self.path)
        given = self.headers.get("Authorization")
        self._index.authorizations.append(given)
        if self._index.readers and given not in self._index.readers:
            self._answer(401, {"WWW-Authenticate": "Basic"}, b"who are you?")
        elif said := self._index.pages.get(self.path):
            self._answer(200, {"Content-Type": said[0]}, said[1])
        else:
            self._answer(*self._forward(None))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        match = _FILE.search(body)
        file = match[1].decode() if match else ""
        self._index.watch()
        fault = self._index.fault(file)
        status, headers, data = 0, cast(Mapping[str, str], {}), b""
        if fault is None or fault.after:
            status, headers, data = self._forward(body)
        if fault is not None:
            status, headers, data = fault.status, {}, b"ordered by the test"
        self._index.uploads.append(Upload(file, status))
        if status:
            self._answer(status, headers, data)
        self.close_connection = True

    def _forward(self, body: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        connection = HTTPConnection(urlsplit(self._index.upstream).netloc, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        if self.command == "POST":
            self.send_header("Connection", "close")  # else the next upload may meet an end that has not come yet
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *arguments: object) -> None:
        """Say nothing: the lists tell the tests."""


def _serve(root: Path, user: str, hashes: str) -> None:
    """Serve until killed; the port, chosen by the system, is the one line on stdout."""
    import pypiserver as real
    from passlib.apache import HtpasswdFile  # type: ignore[import-untyped]

    passwords = HtpasswdFile(str(root / ".htpasswd"), new=True, default_scheme="portable_apache_24")
    passwords.set_password(*user.split(":", 1))
    passwords.save()
    app = real.app(
        roots=[root],
        authenticate=["update"],
        password_file=str(root / ".htpasswd"),
        hash_algo=None if hashes == "off" else hashes,
        disable_fallback=True,
    )
    server = make_server("127.0.0.1", 0, app, _ThreadedServer, _QuietHandler)
    print(server.server_port, flush=True)
    server.serve_forever()


class _ThreadedServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, *arguments: object) -> None:
        """Say nothing: nobody reads it."""


if __name__ == "__main__":
    _serve(Path(sys.argv[1]).resolve(), sys.stdin.readline().rstrip("\n"), *(sys.argv[2:] or ["sha256"]))
