"""How long an answer may take in all, and how large it may be: what drips for ever is cut off."""

import socket
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TRIES = 4
_SAFE = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "iso-8859-15", "windows-1252"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one answer, redirects included: `seconds` from the end of the question on, `size` in bytes, unpacked."""

    seconds: float = 120.0
    size: int = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long somebody waits: seconds for a connection and for each part of an answer, and tries of a read."""

    connect: float = 15.0
    answer: float = 60.0
    tries: int = TRIES


class OverLimit(Exception):
    """An answer takes longer than anybody waits."""


class TooLarge(OverLimit):
    """An answer is larger than anybody has a use for."""


@dataclass(kw_only=True)
class Watch:
    """The time of one answer; it ends the connections of `sockets` when that is over, whoever reads them then.

    A time limit of the library is one for each read: one byte a second never comes to it.
    """

    limits: Limits
    sockets: "weakref.WeakSet[socket.socket]"
    is_over: bool = False
    is_answered: bool = False
    """whether a body has begun"""
    _deadline: float = 0.0
    _timer: threading.Timer | None = field(default=None, repr=False)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Hear of every step of a connection (httpcore's `trace`)."""
        stream: Any = info.get("return_value")
        if hasattr(stream, "get_extra_info") and (found := stream.get_extra_info("socket")):
            self.sockets.add(found)
        if event.endswith("send_request_body.complete"):
            self.start()

    def start(self) -> None:
        """The question is asked: from now on the time counts."""
        if self._timer is None:
            self._deadline = time.monotonic() + self.limits.seconds
            self._timer = threading.Timer(self.limits.seconds, self._cut)
            self._timer.daemon = True
            self._timer.start()

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()

    def pieces(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Pass a body on as long as it keeps to the limits; raises OverLimit."""
        self.start()
        self.is_answered, size = True, 0
        for part in parts:
            size += len(part)
            self.check()
            yield part
            if size > self.limits.size:
                raise TooLarge(f"longer than {self.limits.size:,} bytes")
        self.check()

    @property
    def late(self) -> str:
        return f"not at its end after {self.limits.seconds:g} s"

    def check(self) -> None:
        """Raise OverLimit if the time is over."""
        if self.is_over or time.monotonic() > self._deadline:
            raise OverLimit(self.late)

    def _cut(self) -> None:
        self.is_over = True
        for one in list(self.sockets):
            try:
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # that of a TLS socket would take its key away first
            except OSError:  # closed meanwhile
                continue


def charset(given: str | None) -> str:
    """The encoding to read a text by: a server may name one that is none of texts, or takes for ever."""
    return given.lower() if given and is_read(given) else "utf-8"


def is_read(charset: str) -> bool:
    """Whether it is an encoding in which names are spelled as in ASCII."""
    return charset.lower() in _SAFE
