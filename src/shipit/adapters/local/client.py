"""How shipit talks to the supervisor of a target: asks, starts it where there is none, and waits for processes."""

import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from shipit.adapters import process
from shipit.adapters.local import state
from shipit.adapters.local.control import SOCKET
from shipit.adapters.local.fleet import PROTOCOL
from shipit.adapters.local.supervisor import BUSY
from shipit.adapters.local.versions import fenced
from shipit.adapters.python.virtualenv import module
from shipit.errors import ExternalError, Unavailable

PASSED_ON = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER")
"""What a service sees of our environment: a CI job holds secrets that are none of its business."""

_PATIENCE = 10.0  # seconds
_NEEDED = (*PASSED_ON, "PYTHONPATH")
_LONGEST_PATH = 100  # bytes that fit into the address of a socket
_SHORT = "/tmp"  # noqa: S108 - only a link to a folder of ours is made there, in a folder of its own


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A version's process; `failed` if it is not started again, `code` that of the last one that ended."""

    pid: int
    port: int
    ready: bool
    failed: bool
    stopping: bool
    restarts: int
    code: int | None

    @property
    def is_usable(self) -> bool:
        return self.ready and not self.stopping


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What a supervisor says of itself."""

    protocol: int
    pid: int
    address: str
    live: str | None
    fence: int
    children: Mapping[str, Running]


class _GoneError(Exception):
    """Nobody answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """The supervisor of the folder `path`, whether one runs or not."""

    path: Path
    address: str
    fence: int

    def status(self) -> Status | None:
        """None if none runs."""
        try:
            return self._ask({"do": "status"})
        except _GoneError:
            return None

    def recorded_live(self) -> str | None:
        """What was live when the last one ended."""
        return state.read(self.path).live

    def live(self) -> str | None:
        """What is live, or will be again as soon as one runs."""
        status = self.status()
        return status.live if status else self.recorded_live()

    def carry_out(self, do: str, **words: Any) -> Status:
        """Give a command to the supervisor, which is started if there is none; raises ExternalError."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._ask({"do": do, "fence": self.fence, **words})
            except _GoneError:
                if time.monotonic() > until:
                    raise Unavailable("the supervisor does not start", where=str(self.path)) from None
                self._start()

    def wait_until_gone(self, reference: str, patience: float) -> None:
        """Until no process of a version runs; raises Unavailable when the time is over."""
        until = time.monotonic() + patience
        while (status := self.status()) and reference in status.children:
            if time.monotonic() > until:
                raise Unavailable(f"{reference} does not end", where=str(self.path))
            time.sleep(0.02)

    def _start(self) -> None:
        argv = module("shipit.adapters.local.supervisor", str(self.path), self.address)
        hidden = {name: None for name in os.environ if name not in _NEEDED}
        finished = process.run(argv, env=hidden, timeout=60)
        if finished.code == BUSY:
            time.sleep(0.05)  # another one starts or ends
        elif finished.code:
            said = finished.stderr.splitlines()[-1:]
            raise ExternalError("the supervisor cannot start", where=str(self.path), evidence=said)

    def _ask(self, command: Mapping[str, Any]) -> Status:
        try:
            with _connected(self.path) as connection:
                connection.sendall(json.dumps(command).encode() + b"\n")
                answer = b"".join(iter(lambda: connection.recv(64 * 1024), b""))
        except TimeoutError:
            raise Unavailable("the supervisor does not answer", where=str(self.path)) from None
        except (ConnectionError, FileNotFoundError, NotADirectoryError):
            raise _GoneError from None
        if not answer.endswith(b"\n"):
            raise _GoneError  # it ended meanwhile
        return self._read(json.loads(answer))

    def _read(self, answer: Mapping[str, Any]) -> Status:
        if answer.get("error") == "ending":
            time.sleep(0.05)
            raise _GoneError
        if answer.get("error") == "fence":
            raise fenced(self.path, self.fence, int(answer["message"]))
        if "error" in answer:
            raise ExternalError(f"the supervisor refuses: {answer['message']}", where=str(self.path))
        if answer.get("protocol") != PROTOCOL:
            raise ExternalError(
                "the supervisor that runs was started by another version of shipit",
                where=str(self.path),
                hint=f"kill {answer.get('pid')}, which ends the service; the next deployment starts both again",
            )
        return msgspec.convert(answer, type=Status)


@contextmanager
def _connected(folder: Path) -> Iterator[socket.socket]:
    """A connection to the socket in a folder, however long its path is."""
    with socket.socket(socket.AF_UNIX) as connection, _short(folder) as short:
        connection.settimeout(_PATIENCE)
        connection.connect(str(short / SOCKET))
        yield connection


@contextmanager
def _short(folder: Path) -> Iterator[Path]:
    """The folder by a name that is short enough for a socket; TMPDIR may be as long as the folder itself."""
    if len(os.fsencode(folder / SOCKET)) <= _LONGEST_PATH:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="shipit-", dir=_SHORT if Path(_SHORT).is_dir() else None) as place:
        link = Path(place, "folder")
        link.symlink_to(folder)
        yield link
