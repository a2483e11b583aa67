"""A TCP proxy on loopback that can cut the link when a given message passes by."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Literal

Cut = Literal["before", "after", "half", "never"]


class Proxy:
    """Passes bytes on to `port`; cuts once, when `word` stands in what the client sends.

    `before`: the message never reaches the server; `after`: it does, and its answer never reaches the client;
    `half`: as `after`, but the server does not learn that the client is gone until the proxy stops.
    """

    def __init__(self, port: int, cut: Cut = "never", word: bytes = b"Q\x00\x00\x00\x0bCOMMIT\x00") -> None:
        self.cut: Cut = cut
        self.cuts = 0
        self.refuses = False
        """from the cut on nobody gets through"""
        self._word = word
        self._target = port
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._closed = False

    def start(self) -> None:
        self._begin(self._accept)

    def stop(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in list(self._sockets):
            _end(link)
        for thread in list(self._threads):
            thread.join()
        for link in self._sockets:
            link.close()

    def _begin(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._meet()
            if self.refuses and self.cuts:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [client, server]
            answered = threading.Event()
            self._begin(self._there, client, server, answered)
            self._begin(self._back, client, server, answered)

    def _meet(self) -> None:
        """Somebody has connected, and nothing was passed on yet: the place for what happens in between."""

    def _is_it(self, data: bytes) -> bool:
        """Whether the link is to be cut at this message; asked of every message until it was."""
        return self._word in data

    def _there(self, client: socket.socket, server: socket.socket, answered: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.cut != "never" and not self.cuts and self._is_it(data):
                    self.cuts += 1
                    _end(client)
                    if self.cut != "before":
                        answered.clear()  # what was answered before has long been passed on
                        server.sendall(data)
                        answered.wait()
                    if self.cut == "half":
                        return
                    break
                server.sendall(data)
        _end(server)

    @staticmethod
    def _back(client: socket.socket, server: socket.socket, answered: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                answered.set()
                client.sendall(data)
        answered.set()
        _end(client)


@contextlib.contextmanager
def proxied(port: int, cut: Cut = "never") -> Iterator[Proxy]:
    proxy = Proxy(port, cut)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()


def _end(link: socket.socket) -> None:
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
