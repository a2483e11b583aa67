"""The public address of a service: whether it can be had, and the sockets that listen on it.

Only the standard library is imported here: see supervisor.
"""

import contextlib
import errno
import socket
from typing import Any


class AddressError(Exception):
    """Why the address cannot be had, in words for people."""


def bind(address: str) -> list[socket.socket]:
    """Listen on all that host:port stands for; raises AddressError if one of them is in use, or none can be had."""
    host, _, port = address.rpartition(":")
    listeners: list[socket.socket] = []
    reasons: list[str] = []
    for family, where in _resolve(host, int(port)):
        try:
            listeners.append(_listen(family, where))
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                close(listeners)
                raise AddressError(_worded(address, error)) from None
            reasons.append(_worded(address, error))
    if not listeners:
        raise AddressError(reasons[0])
    return listeners


def close(listeners: list[socket.socket]) -> None:
    for listener in listeners:
        listener.close()


def _resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    if port not in range(1, 65536):
        raise AddressError(f"{port} is no port")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise AddressError(f"{host}:{port} is no address of this machine: {error}") from None
    return list(dict.fromkeys((family, where) for family, _, _, _, where in found))


def _listen(family: socket.AddressFamily, where: tuple[Any, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(where)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _worded(address: str, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"{address} is in use by another program"
        case errno.EACCES:
            return f"{address} may not be used: ports below 1024 are for root"
        case errno.EADDRNOTAVAIL:
            return f"{address} is no address of this machine"
        case _:
            return f"{address} cannot be used: {error.strerror}"
