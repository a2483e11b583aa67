"""The relay within this process: bytes both ways, ends, slow readers, and processes that are not there yet."""

import errno
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from shipit.adapters.local import relay as relays
from shipit.adapters.local.child import Child
from shipit.adapters.local.relay import Relay, ask_to_close
from tests.support.served import eventually

T = TypeVar("T")


class Table:
    """A relay that runs in a thread, before a listener that plays the live process."""

    def __init__(self) -> None:
        self.service = socket.create_server(("127.0.0.1", 0))
        self.service.settimeout(10)
        self.child: Child | None = Child([], {}, Path())
        self.child.port = self.service.getsockname()[1]
        self.is_anything_live = True
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = listener.getsockname()
        self.selector = selectors.DefaultSelector()
        self.relay = Relay(self.selector, [listener], self.live)
        self._is_over = False
        self._wishes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def live(self) -> Child | None:
        if not self.is_anything_live:
            raise LookupError
        return self.child

    def ask(self, wish: Callable[[], T]) -> T:
        """What it answers in the thread of the relay: a supervisor has one thread, so nothing of it is locked."""
        answers: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._wishes.put(lambda: answers.put(wish()))
        return answers.get(timeout=10)

    def _run(self) -> None:
        while not self._is_over:
            for key, mask in self.selector.select(0.01):
                key.data(mask)
            while not self._wishes.empty():
                self._wishes.get()()
            self.relay.retry(time.monotonic())

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=10)

    def both(self) -> tuple[socket.socket, socket.socket]:
        """A connection from outside, and what the process has of it."""
        client = self.connect()
        server, _ = self.service.accept()
        server.settimeout(10)
        return client, server

    def stop(self) -> None:
        self._is_over = True
        self._thread.join()
        for pair in list(self.relay.pairs):
            pair.close()
        self.relay.stop_accepting()
        self.selector.close()
        self.service.close()


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.stop()


def everything(side: socket.socket) -> bytes:
    return b"".join(iter(lambda: side.recv(1 << 16), b""))


def test_bytes_pass_both_ways(table: Table) -> None:
    client, server = table.both()
    with client, server:
        client.sendall(b"question")
        assert server.recv(100) == b"question"
        server.sendall(b"answer")
        assert client.recv(100) == b"answer"


@pytest.mark.parametrize("begins", ["client", "server"])
def test_who_says_no_more_can_still_listen(table: Table, begins: str) -> None:
    client, server = table.both()
    first, second = (client, server) if begins == "client" else (server, client)
    with client, server:
        first.sendall(b"all of it")
        first.shutdown(socket.SHUT_WR)
        assert everything(second) == b"all of it"
        second.sendall(b"and back")
        second.close()
        assert everything(first) == b"and back"
    assert eventually(lambda: not table.ask(lambda: table.relay.pairs))


def test_a_slow_reader_holds_the_writer_up_and_loses_nothing(table: Table) -> None:
    client, server = table.both()
    data = bytes(range(256)) * 200_000  # 51 MB: more than all buffers on the way

    def write() -> None:
        server.sendall(data)
        server.close()

    writer = threading.Thread(target=write)
    with client, server:
        writer.start()
        assert not eventually(lambda: not writer.is_alive(), 0.5)
        (pair,) = table.relay.pairs
        assert sum(map(len, pair._waiting.values())) <= relays._MOST + relays._PIECE
        assert everything(client) == data
        writer.join()


def test_an_abort_is_passed_on_as_one(table: Table) -> None:
    """Else half an answer without a length would look like a whole one."""
    client, server = table.both()
    with client:
        server.sendall(b"half")
        assert client.recv(100) == b"half"
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, relays._AT_ONCE)
        server.close()
        with pytest.raises(ConnectionResetError):
            client.recv(100)


def test_many_connections_at_once_are_kept_apart(table: Table) -> None:
    pairs = [table.both() for _ in range(200)]
    for number, (client, _) in enumerate(pairs):
        client.sendall(b"%d" % number)
    got = [server.recv(100) for _, server in pairs]
    assert got == [b"%d" % number for number in range(200)]
    for client, server in pairs:
        client.close()
        server.close()
    assert eventually(lambda: not table.ask(lambda: table.relay.pairs))


def test_with_nothing_live_a_connection_ends_at_once(table: Table) -> None:
    table.is_anything_live = False
    with table.connect() as client:
        assert client.recv(100) == b""


@pytest.mark.parametrize("fault", ["no process", "its port is closed"])
def test_a_connection_waits_for_a_process_that_restarts(table: Table, fault: str) -> None:
    child = table.child
    assert child
    port, again = child.port, child
    if fault == "no process":
        table.child = None
    else:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            child.port = closed.getsockname()[1]
    with table.connect() as client:
        client.sendall(b"hello")
        assert eventually(lambda: table.ask(lambda: table.relay.has_waiting))
        again.port = port
        table.child = again
        server, _ = table.service.accept()
        with server:
            assert server.recv(100) == b"hello"


def test_a_connection_does_not_wait_for_ever(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "PATIENCE", 0.2)
    table.child = None
    with table.connect() as client:
        assert client.recv(100) == b""


def test_connections_to_a_process_that_has_had_its_time_are_cut(table: Table) -> None:
    client, server = table.both()
    child = table.child
    assert child
    with client, server:
        assert table.ask(lambda: table.relay.count(child)) == 1
        table.ask(lambda: table.relay.cut(child))
        assert (client.recv(1), server.recv(1)) == (b"", b"")


def test_a_process_that_is_left_asks_its_clients_to_come_anew(table: Table) -> None:
    client, server = table.both()
    with client, server:
        for until, line in ((None, b""), (1e12, b"Connection: close\r\n")):
            assert table.child
            table.child.drain_until = until
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            server.recv(100)
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            assert client.recv(200) == b"HTTP/1.1 200 OK\r\n" + line + b"Content-Length: 0\r\n\r\n"
        server.sendall(b"HTTP/1.1 200 of a body\r\n")  # no answer to a question: it goes on as it is
        assert client.recv(200) == b"HTTP/1.1 200 of a body\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK",
        b"PRI * HTTP/2.0\r\n\r\n",
        b"\x00\x01\r\n",
        b"",
    ],
)
def test_what_is_no_whole_answer_of_http_is_passed_on_as_it_is(data: bytes) -> None:
    assert ask_to_close(data) == data


def test_when_no_file_is_left_a_connection_waits_for_one(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[int] = []
    real: Callable[[socket.socket], tuple[socket.socket, object]] = socket.socket.accept

    def accept(listener: socket.socket) -> tuple[socket.socket, object]:
        if listener is not table.service and len(refused) < 3:
            refused.append(errno.EMFILE)
            raise OSError(errno.EMFILE, "Too many open files")
        return real(listener)

    monkeypatch.setattr(socket.socket, "accept", accept)
    client, server = table.both()
    with client, server:
        client.sendall(b"hello")
        assert (server.recv(100), len(refused)) == (b"hello", 3)
