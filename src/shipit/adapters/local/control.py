"""The socket in a target's folder that carries commands of shipit to its supervisor: a line of JSON each way.

Only the standard library is imported here: see supervisor.
"""

import contextlib
import json
import os
import selectors
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from shipit.adapters.local.fleet import CommandError

SOCKET = ".supervisor.socket"

_LONGEST = 4_000_000  # bytes: an environment may be large


class Control:
    """Listens in the working folder, since an absolute path may be too long for a socket."""

    def __init__(self, carry_out: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self._carry_out = carry_out
        Path(SOCKET).unlink(missing_ok=True)  # of a supervisor that was killed
        self._listener = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)  # the secrets of the service come this way
        try:
            self._listener.bind(SOCKET)
        finally:
            os.umask(before)
        self._listener.listen(64)
        self._listener.setblocking(False)

    def register(self, selector: selectors.BaseSelector) -> None:
        selector.register(self._listener, selectors.EVENT_READ, lambda _: self._accept(selector))

    def close(self) -> None:
        """Remove the socket, so that nobody waits for an answer."""
        Path(SOCKET).unlink(missing_ok=True)
        self._listener.close()

    def _accept(self, selector: selectors.BaseSelector) -> None:
        with contextlib.suppress(OSError):
            asker, _ = self._listener.accept()
            asker.settimeout(1.0)  # for the answer, which is short
            selector.register(asker, selectors.EVENT_READ, partial(self._read, selector, asker, bytearray()))

    def _read(self, selector: selectors.BaseSelector, asker: socket.socket, line: bytearray, _: int) -> None:
        try:
            piece = asker.recv(64 * 1024)
        except OSError:
            piece = b""
        line += piece
        if piece and not line.endswith(b"\n") and len(line) < _LONGEST:
            return
        selector.unregister(asker)
        with asker, contextlib.suppress(OSError):
            if line.endswith(b"\n"):
                asker.sendall(json.dumps(self._answer(bytes(line))).encode() + b"\n")

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            return self._carry_out(json.loads(line))
        except CommandError as error:
            return {"error": error.kind, "message": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            return {"error": "unknown", "message": f"no such command: {error!r}"}
        except OSError as error:
            return {"error": "failed", "message": str(error)}
