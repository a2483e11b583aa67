"""Passes connections of the public address on to the live process, and back, byte by byte.

Only the standard library is imported here: see supervisor.
"""

import contextlib
import errno
import selectors
import socket
import struct
import time
from collections.abc import Callable

from shipit.adapters.local.child import Child

PATIENCE = 10.0
"""Seconds for which a new connection waits for a live process that does not accept it, since it restarts."""

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_PIECE = 64 * 1024  # bytes
_MOST = 4 * _PIECE
"""Bytes that wait for one side; then the other one is not read until some of them are gone."""

_LATER = (errno.EAGAIN, errno.EINPROGRESS)
_AT_ONCE = struct.pack("ii", 1, 0)


class Relay:
    """Accepts on all listeners; `live` gives the process that new connections go to, or raises LookupError.

    `live` answers None as long as the live version has no running process.
    """

    def __init__(
        self, selector: selectors.BaseSelector, listeners: list[socket.socket], live: Callable[[], Child | None]
    ) -> None:
        self.selector, self.live = selector, live
        self.pairs: set[Pair] = set()
        self._listeners = listeners
        for listener in listeners:
            listener.setblocking(False)
            selector.register(listener, _READ, lambda _, listener=listener: self._accept(listener))

    def stop_accepting(self) -> None:
        for listener in self._listeners:
            self.selector.unregister(listener)
            listener.close()
        self._listeners = []

    def count(self, child: Child) -> int:
        return sum(pair.child is child for pair in self.pairs)

    def cut(self, child: Child) -> None:
        """End all connections of a process."""
        for pair in [pair for pair in self.pairs if pair.child is child]:
            pair.close()

    def retry(self, now: float) -> None:
        """Try again for connections that wait for a process; drop those that have waited too long."""
        for pair in [pair for pair in self.pairs if pair.server is None]:
            if now > pair.since + PATIENCE:
                pair.close()
            else:
                pair.connect()

    @property
    def has_waiting(self) -> bool:
        return any(pair.server is None for pair in self.pairs)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(64):
            try:
                client, _ = listener.accept()
            except BlockingIOError:
                return
            except OSError:  # no file is left for it: what is under way goes on, and frees some
                time.sleep(0.01)
                return
            pair = Pair(self, client)
            self.pairs.add(pair)
            pair.connect()


class Pair:
    """A connection from outside and the one to a process that belongs to it, as long as there is one."""

    def __init__(self, relay: Relay, client: socket.socket) -> None:
        self.relay, self.client, self.since = relay, client, time.monotonic()
        self.server: socket.socket | None = None
        self.child: Child | None = None
        self._waiting: dict[socket.socket, bytearray] = {client: bytearray()}
        """bytes by the socket that they go to"""
        self._ended: set[socket.socket] = set()
        """sockets that say no more"""
        self._finished: set[socket.socket] = set()
        """sockets that were given all there is"""
        self._was_asked = False
        _prepare(client)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def connect(self) -> None:
        """Begin to connect to the live process; with none at all, the connection ends."""
        try:
            self.child = self.relay.live()
        except LookupError:
            self.close()
            return
        if self.child is None:
            return
        server = socket.socket()
        _prepare(server)
        if server.connect_ex(("127.0.0.1", self.child.port)) not in {0, *_LATER}:
            server.close()
            self.child = None
            return
        self.server = server
        self._waiting[server] = bytearray()
        self.relay.selector.register(server, _WRITE, self._connected)

    def close(self, *, abort: bool = False) -> None:
        """End both; `abort` says to both sides that it is no regular end."""
        if self not in self.relay.pairs:
            return
        self.relay.pairs.discard(self)
        for side in filter(None, (self.client, self.server)):
            with contextlib.suppress(KeyError):
                self.relay.selector.unregister(side)
            if abort:
                with contextlib.suppress(OSError):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            side.close()

    def _connected(self, _: int) -> None:
        server = self.server
        if server is None or self not in self.relay.pairs:
            return
        self.relay.selector.unregister(server)
        if server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            server.close()
            del self._waiting[server]
            self.server = self.child = None  # it is tried again
            return
        self.relay.selector.register(server, _READ, lambda mask: self._handle(server, self.client, mask))
        self.relay.selector.register(self.client, _READ, lambda mask: self._handle(self.client, server, mask))

    def _handle(self, side: socket.socket, other: socket.socket, mask: int) -> None:
        if self not in self.relay.pairs:
            return  # closed by an event of the same moment
        try:
            if mask & _READ:
                self._read(side, other)
            if mask & _WRITE:
                self._write(side)
            self._settle(side, other)
            self._settle(other, side)
        except BlockingIOError:
            return
        except OSError:
            self.close(abort=True)
            return
        if len(self._finished) == 2:
            self.close()

    def _read(self, side: socket.socket, other: socket.socket) -> None:
        data = side.recv(_PIECE)
        if not data:
            self._ended.add(side)
        elif side is self.client:
            self._was_asked = True
        elif self._was_asked:
            self._was_asked = False
            if self.child and self.child.drain_until is not None:
                data = ask_to_close(data)
        self._waiting[other] += data
        self._write(other)

    def _write(self, side: socket.socket) -> None:
        waiting = self._waiting[side]
        if waiting:
            with contextlib.suppress(BlockingIOError):
                del waiting[: side.send(waiting)]

    def _settle(self, side: socket.socket, other: socket.socket) -> None:
        """Pass on an end once all before it is passed on, and wait for what matters now."""
        if other in self._ended and not self._waiting[side] and side not in self._finished:
            self._finished.add(side)
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_WR)
        reads = side not in self._ended and len(self._waiting[other]) < _MOST
        mask = (_READ if reads else 0) | (_WRITE if self._waiting[side] else 0)
        selector = self.relay.selector
        known = selector.get_map().get(side)
        if known is None and mask:
            selector.register(side, mask, lambda mask: self._handle(side, other, mask))
        elif known is not None and not mask:
            selector.unregister(side)
        elif known is not None and known.events != mask:
            selector.modify(side, mask, known.data)


def ask_to_close(data: bytes) -> bytes:
    """Let the answer of an HTTP server end the connection, if these are the first bytes of one.

    The next request of the same client then goes to the new version, and none is cut off when the time for
    the old connections is over. Whatever else is spoken is passed on as it is.
    """
    line, end, rest = data.partition(b"\r\n")
    if not end or not line.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")) or line[9:10] == b"1":
        return data
    return b"".join((line, end, b"Connection: close", end, rest))


def _prepare(side: socket.socket) -> None:
    side.setblocking(False)
    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
