"""A proxy for HTTP on loopback that delays requests, loses them, or loses their answers, now and then.

What the server was asked it carries out, whoever has hung up meanwhile: it is never made to notice.
"""

import contextlib
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding: *chunked", re.IGNORECASE | re.MULTILINE)
_HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git\r\nTransfer-Encoding: chunked\r\n\r\n"
"""The beginning of an answer: without it curl asks again by itself, where it has used the connection before."""
_HELLO = b"\x16"
"""How TLS begins."""
_PUSH = b"/git-receive-pack HTTP"
WAYS = ("before", "during", "after", "delay", "delay")


@dataclass(kw_only=True)
class Weather:
    """How often something happens to pushes and to all other requests, and a seed for what it is."""

    chance: random.Random = field(default_factory=random.Random)
    pushes: float = 0.0
    others: float = 0.0

    def draw(self, request: bytes) -> tuple[str, float, bool]:
        """What happens to a request, how long that takes, and whether the client sees the beginning of an answer.

        `before`: the request is lost; `during`: the client is cut off while the server works on it;
        `after`: the answer is lost.
        """
        often = self.pushes if _PUSH in request.partition(b"\r\n")[0] else self.others
        happens, way = self.chance.random() < often, self.chance.choice(WAYS)
        return way if happens else "", self.chance.uniform(0.05, 0.6), self.chance.random() < 0.5


class ShakyProxy:
    """Passes requests on to `port`; `weather` may be changed at any time, `said` hears what happens.

    `links` counts what is still open: with none the server has answered everything that it got.
    """

    def __init__(self, port: int, said: Callable[[str], None] = lambda line: None) -> None:
        self.weather = Weather()
        self.said = said
        self.links = 0
        self._target = port
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.links += 1
            threading.Thread(target=self._link, args=(client,), daemon=True).start()

    def _link(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(("127.0.0.1", self._target)) as server:
                self._pass_on(client, server)
        finally:
            with self._lock:
                self.links -= 1

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        if client.recv(1, socket.MSG_PEEK) == _HELLO:  # docker tries encryption first
            return
        answers = _Answers(server, client)
        answers.start()
        with contextlib.suppress(OSError, ValueError), client.makefile("rb") as stream:
            while (request := _request(stream)) and self._let_through(request, client, server, answers):
                pass
        _end(server, socket.SHUT_WR)
        answers.join()
        _end(client, socket.SHUT_RDWR)

    def _let_through(
        self, request: bytes, client: socket.socket, server: socket.socket, answers: "_Answers"
    ) -> bool:
        """Do with this request what the weather says; False if that was the last of this connection."""
        with self._lock:
            way, seconds, begins = self.weather.draw(request)
        if way:
            self.said(f"proxy: {way} {seconds:.2f} s, {'loud' if begins else 'still'}: {_name(request)}")
        if way == "delay":
            time.sleep(seconds)
        if way in {"", "delay"}:
            server.sendall(request)
            return True
        answers.pass_on = False
        if way != "before":
            server.sendall(request)
        if way == "after":  # the server closes when it has answered, because nothing more comes from us
            _end(server, socket.SHUT_WR)
            answers.join()
        elif way == "during":
            time.sleep(seconds / 4)
        if begins:
            client.sendall(_HALF)
        _end(client, socket.SHUT_RDWR)
        return False


class _Answers(threading.Thread):
    """Reads answers up to the last, whether or not somebody still listens."""

    def __init__(self, server: socket.socket, client: socket.socket) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.client = client
        self.pass_on = True

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                if self.pass_on:
                    with contextlib.suppress(OSError):
                        self.client.sendall(data)
        if self.pass_on:  # so that the client learns that the server has closed
            _end(self.client, socket.SHUT_RDWR)


def _name(request: bytes) -> str:
    return " ".join(request.partition(b"\r\n")[0].decode("latin-1").split()[:2])


def _request(stream: IO[bytes]) -> bytes:
    """A whole request, with its body; empty at the end, and where it breaks off."""
    head = b""
    while not head.endswith(b"\r\n\r\n") and (line := stream.readline()):
        head += line
    if not head.endswith(b"\r\n\r\n"):
        return b""
    if _CHUNKED.search(head):
        return head + b"".join(_chunks(stream))
    length = _LENGTH.search(head)
    body = stream.read(int(length[1])) if length else b""
    return head + body if not length or len(body) == int(length[1]) else b""


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    size = 1
    while size:
        line = stream.readline()
        size = int(line.split(b";")[0], 16)
        yield line + stream.read(size + 2)


def _end(link: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        link.shutdown(how)
