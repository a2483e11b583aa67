"""A real git remote over smart HTTP: a loopback server in front of git's own `git http-backend`.

It speaks what git clients speak (chunked and gzipped request bodies, protocol v2, basic authentication),
runs the repository's real server hooks, records every request, and fails where a test orders it to.

    python -m tests.support.gitserver --root FOLDER --port-file FILE [--user NAME:PASSWORD[:read]] …
"""

import argparse
import base64
import binascii
import functools
import io
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, Literal, Self, cast
from urllib.parse import parse_qs, quote, urlsplit

Service = Literal["git-upload-pack", "git-receive-pack"]
FETCH: Service = "git-upload-pack"
PUSH: Service = "git-receive-pack"
BLOCK = 65536

GH006 = "error: GH006: Protected branch update failed for {ref}.\n\n- Changes must go through a pull request."
GH013 = "error: GH013: Repository rule violations found for {ref}.\n\n- Cannot update this protected ref."


@dataclass(frozen=True, slots=True)
class User:
    """Who may come in; a reader may not push."""

    password: str
    push: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was answered: `status` 0 says that the connection was dropped without an answer."""

    method: str
    path: str
    service: str
    user: str | None
    status: int

    @property
    def is_push(self) -> bool:
        """Whether this request carried ref updates (the advertisement before it is only a read)."""
        return self.method == "POST" and self.service == PUSH


@dataclass(slots=True)
class Fault:
    """An order to fail: requests `nth` to `nth + times - 1` (from 1) of this service and method.

    `status` answers instead of git; "drop" closes the connection before git saw the request, and
    "drop-after" when git has done its work and the client never hears of it.
    """

    how: int | Literal["drop", "drop-after"]
    service: str = PUSH
    method: str = "POST"
    nth: int = 1
    times: int = 1
    seen: int = 0

    def hits(self, method: str, service: str) -> bool:
        if (method, service) != (self.method, self.service):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass(slots=True)
class GitServer:
    """Serves the bare repositories in `root`: `root/acme.git` as `/acme.git` or `/acme`.

    Without `users` everybody may do everything; with `users` and `public` everybody may read.
    """

    root: Path
    users: Mapping[str, User] = field(default_factory=dict)
    public: bool = False
    advertise_atomic: bool = True
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    before_push: Callable[[], object] | None = None
    """Called once, when the next ref updates arrive and before git sees them: what happens in between."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _http: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        server: GitServer = self

        class Handler(_Handler):
            served = server

        self._http = _Server(("127.0.0.1", self.port), Handler)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._http:
            self._http.shutdown()
            self._http.server_close()

    def url(self, name: str, user: str | None = None) -> str:
        """The address of a repository, with this user's credentials in it if a user is named."""
        login = f"{quote(user, safe='')}:{quote(self.users[user].password, safe='')}@" if user else ""
        return f"http://{login}127.0.0.1:{self.port}/{name.removesuffix('.git')}.git"

    def fail(
        self,
        how: int | Literal["drop", "drop-after"],
        *,
        service: Service = PUSH,
        method: Literal["GET", "POST"] = "POST",
        nth: int = 1,
        times: int = 1,
    ) -> Fault:
        """Order a failure, counted from now on; see Fault."""
        fault = Fault(how, service, method, nth, times)
        with self._lock:
            self.faults.append(fault)
        return fault

    def heal(self) -> None:
        """Forget every order to fail."""
        with self._lock:
            self.faults.clear()

    @property
    def pushes(self) -> list[Request]:
        """The requests that carried ref updates."""
        return [request for request in self.requests if request.is_push]

    def record(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def fault(self, method: str, service: str) -> Fault | None:
        """The order that this request meets; every order counts it."""
        with self._lock:
            return next(iter([fault for fault in self.faults if fault.hits(method, service)]), None)

    def interrupt(self) -> None:
        with self._lock:
            happening, self.before_push = self.before_push, None
        if happening:
            happening()

    def environment(self) -> dict[str, str]:
        """What every git child of the server gets: no configuration of the machine, pushing allowed."""
        settings = {"http.receivepack": "true", "receive.advertiseAtomic": str(self.advertise_atomic).lower()}
        settings |= {"gc.auto": "0", "receive.autogc": "false", "uploadpack.allowFilter": "true"}
        counted = {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings.items()):
            counted |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.root),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": str(self.root),
            **counted,
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer of many small parts waits 40 ms for an acknowledgement
    served: GitServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The server keeps its own record."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        self.service = (parse_qs(split.query).get("service") or [split.path.rpartition("/")[2]])[0]
        self.user, password = _login(self.headers.get("Authorization", ""))
        if not self._refused(password):
            self._serve()

    def _refused(self, password: str) -> bool:
        users, user = self.served.users, self.user
        if not users or (user is None and self.served.public and self.service == FETCH):
            return False
        if user is None or user not in users or users[user].password != password:
            self._say(401, "Invalid username or token.", ("WWW-Authenticate", 'Basic realm="git"'))
            return True
        if self.service == PUSH and not users[user].push:
            self._say(403, f"Permission to {self.path.split('/')[1]} denied to {user}.")
            return True
        return False

    def _serve(self) -> None:
        fault = self.served.fault(self.command, self.service)
        if fault and isinstance(fault.how, int):
            challenge = {401: ("WWW-Authenticate", 'Basic realm="git"'), 503: ("Retry-After", "0")}
            self._say(fault.how, "ordered to fail", challenge.get(fault.how))
        elif fault and fault.how == "drop":
            deque(self._body(), maxlen=0)
            self._hang_up()
        else:
            if self.command == "POST" and self.service == PUSH:
                self.served.interrupt()
            self._run_git(silent=fault is not None)

    def _run_git(self, *, silent: bool) -> None:
        child = subprocess.Popen(
            [backend()],
            env=self.served.environment() | self._cgi(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdin
        assert child.stdout
        feeder = threading.Thread(target=_pour, args=(self._body(), child.stdin), daemon=True)
        feeder.start()
        try:
            with cast("io.BufferedReader", child.stdout) as stream:
                if silent:
                    stream.read()
                else:
                    self._relay(stream)
        finally:  # also when the client has gone away meanwhile
            child.wait()
            feeder.join()
        if silent:
            self._hang_up()

    def _cgi(self) -> dict[str, str]:
        """The request as RFC 3875 tells it to a child."""
        split = urlsplit(self.path)
        told = {
            "REQUEST_METHOD": self.command,
            "QUERY_STRING": split.query,
            "PATH_INFO": _with_suffix(self.served.root, split.path),
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_USER": self.user or "",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "SERVER_PROTOCOL": self.request_version,
        }
        return {name: value for name, value in told.items() if value}

    def _relay(self, stream: io.BufferedReader) -> None:
        """Pass the CGI answer on as it comes, in chunks."""
        status, headers = 200, list[tuple[str, str]]()
        for line in iter(stream.readline, b""):
            name, _, value = line.decode("latin-1").strip().partition(": ")
            if not name:
                break
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self._note(status)
        self.send_response(status)
        for name, value in headers:
            if name != "Content-Length":
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for block in iter(lambda: stream.read1(BLOCK), b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
        self.wfile.write(b"0\r\n\r\n")

    def _say(self, status: int, text: str, header: tuple[str, str] | None = None) -> None:
        """Answer without git; text/plain is what git clients show behind `remote:`."""
        deque(self._body(), maxlen=0)
        self._note(status)
        content = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(content)))
        if header:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        """Break off behind the headers: without them curl would quietly send the same request again."""
        self._note(0)
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-{self.service}-result")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _note(self, status: int) -> None:
        """Before the client can know: who reads the record after a git command finds this request in it."""
        self.served.record(Request(self.command, self.path, self.service, self.user, status))

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left and (block := self.rfile.read(min(left, BLOCK))):
            left -= len(block)
            yield block


def _pour(body: Iterator[bytes], sink: IO[bytes]) -> None:
    """Give the child its input; when it has heard enough, read the rest all the same."""
    deaf = False
    for block in body:
        try:
            if not deaf:
                sink.write(block)
                sink.flush()
        except BrokenPipeError:
            deaf = True
    try:
        sink.close()
    except BrokenPipeError:
        return


def _login(header: str) -> tuple[str | None, str]:
    if not header.lower().startswith("basic "):  # actions/checkout writes it small
        return None, ""
    try:
        user, _, password = base64.b64decode(header[6:]).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, ""
    return user, password


def _with_suffix(root: Path, path: str) -> str:
    """`/acme/info/refs` means `/acme.git/info/refs`, as on GitHub."""
    for end in ("/info/refs", f"/{FETCH}", f"/{PUSH}"):
        name = path.removesuffix(end)
        if name != path and not name.endswith(".git") and not (root / name.lstrip("/")).is_dir():
            return f"{name}.git{end}"
    return path


@functools.cache
def backend() -> str:
    """Where git keeps its CGI program."""
    found = subprocess.run(["git", "--exec-path"], capture_output=True, check=True, text=True).stdout.strip()
    return str(Path(found) / "git-http-backend")


def decline(repository: Path, *patterns: str, text: str = GH006, unless: str = "") -> None:
    """Install an `update` hook: refs that match a shell pattern are declined one by one, as on GitHub.

    `{ref}` in the text is the ref's name; the user called `unless` may push all the same.
    """
    words = shlex.quote(text).replace("{ref}", "'\"$1\"'")
    let_in = f'[ "$REMOTE_USER" = {shlex.quote(unless)} ] && exit 0; ' if unless else ""
    _install(repository, "update", f'case "$1" in {"|".join(patterns)}) {let_in}echo {words} >&2; exit 1;; esac')


def decline_everything(repository: Path, text: str = "error: this repository is read-only") -> None:
    """Install a `pre-receive` hook that declines every push as a whole."""
    _install(repository, "pre-receive", f"echo {shlex.quote(text)} >&2; exit 1")


def remove_hooks(repository: Path) -> None:
    """Let every push in again."""
    for hook in (repository / "hooks").glob("*"):
        hook.unlink()


def _install(repository: Path, name: str, script: str) -> None:
    hook = repository / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\nexit 0\n", encoding="utf-8")
    hook.chmod(0o755)


def main() -> None:
    """Serve until the end of the process; the port is written to a file as soon as it is open."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--user", action="append", default=[], metavar="NAME:PASSWORD[:read]")
    parser.add_argument("--public", action="store_true")
    options = parser.parse_args()
    logins = [user.split(":") for user in options.user]
    users = {name: User(password, push=not rights) for name, password, *rights in logins}
    with GitServer(options.root.resolve(), users, public=options.public) as server:
        written = options.port_file.with_suffix(".part")
        written.write_text(str(server.port), encoding="utf-8")
        written.rename(options.port_file)
        threading.Event().wait()


if __name__ == "__main__":
    main()
