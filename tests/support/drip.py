"""A server that answers without end: a little every moment, so that no single read ever takes long."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"


@dataclass
class Drip:
    """Sends `start` at once, and then `drop` every `pause` seconds; `asked` holds what was asked."""

    start: bytes
    drop: bytes = b"<a href='x'>x</a>\n"
    pause: float = 0.03
    root: str = ""
    asked: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        while not self.over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._answer, args=(connection,)).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            self.asked.append(connection.recv(100_000))
            try:
                connection.sendall(self.start)
                while not self.over.wait(self.pause):
                    connection.sendall(self.drop)
            except OSError:  # they have heard enough
                return


@contextmanager
def dripping(*start: bytes, drop: bytes = b"<a href='x'>x</a>\n") -> Iterator[Drip]:
    """Serve on loopback until the block ends."""
    made = Drip(b"".join(start), drop)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        host, port = listener.getsockname()
        made.root = f"http://{host}:{port}"
        thread = threading.Thread(target=made.serve, args=(listener,))
        thread.start()
        try:
            yield made
        finally:
            made.over.set()
            thread.join()


def page(kind: str) -> Sequence[bytes]:
    """The head of a page of this kind that says nothing about its length."""
    return (HEAD % kind.encode(), b"Connection: close\r\n\r\n")
