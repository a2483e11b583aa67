"""Keeps the service of one target running and reachable; it outlives shipit, and needs nothing of it any more.

    python -m shipit.adapters.local.supervisor FOLDER HOST:PORT

It returns when the address is bound and goes on in the background: exit code 0; 1 with a sentence on stderr;
BUSY if another one looks after the folder. All that it imports is imported at its start, and is of the standard
library: it keeps running while shipit is installed anew. It ends at SIGTERM, with all that it has started.
"""

import contextlib
import fcntl
import os
import resource
import selectors
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

from shipit.adapters.local.addresses import AddressError, bind
from shipit.adapters.local.control import Control
from shipit.adapters.local.fleet import Fleet
from shipit.adapters.local.relay import Relay

BUSY = 3
LOCK = ".supervisor.lock"
LOG = ".supervisor.log"

_MOMENT = 0.02  # seconds
_WHILE = 0.5
_AFTER_AN_ERROR = 5.0


def main(folder: Path, address: str) -> int:
    """Take the folder and the address, then go on in the background."""
    folder = folder.absolute()
    os.chdir(folder)
    with contextlib.suppress(ValueError, OSError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return BUSY
    try:
        listeners = bind(address)
    except AddressError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    fleet = Fleet(folder, address)
    control = Control(fleet.carry_out)
    if os.fork():
        return 0
    _leave_the_terminal()
    _serve(fleet, control, listeners)
    return 0


def _leave_the_terminal() -> None:
    """A session of its own, and no pipe of shipit, which would wait for its end."""
    os.setsid()
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)


def _serve(fleet: Fleet, control: Control, listeners: list[socket.socket]) -> None:
    with selectors.DefaultSelector() as selector:
        relay = fleet.relay = Relay(selector, listeners, fleet.live)
        control.register(selector)
        _wake_on_signals(selector, fleet)
        _loop(selector, fleet, relay)
        relay.stop_accepting()  # first: who finds nobody to command finds the address free
        control.close()


def _loop(selector: selectors.BaseSelector, fleet: Fleet, relay: Relay) -> None:
    due = 0.0
    while not fleet.is_over:
        is_restless = fleet.is_restless or relay.has_waiting
        for key, mask in selector.select(_MOMENT if is_restless else _WHILE):
            _handle(selector, key, mask)
        now = time.monotonic()
        if now >= due:
            due = now + (_MOMENT if _look(fleet, relay, now) else _AFTER_AN_ERROR)


def _look(fleet: Fleet, relay: Relay, now: float) -> bool:
    """Do what is due; False after an error of ours, which is no reason to end the service."""
    try:
        if fleet.is_ending:
            relay.stop_accepting()
        fleet.look(now)
        relay.retry(now)
    except Exception:  # noqa: BLE001 - as above
        traceback.print_exc()
        return False
    return True


def _handle(selector: selectors.BaseSelector, key: selectors.SelectorKey, mask: int) -> None:
    """Let whoever registered it act; an error of ours costs one connection, not the service."""
    try:
        key.data(mask)
    except Exception:  # noqa: BLE001 - as above
        traceback.print_exc()
        with contextlib.suppress(KeyError, ValueError):
            selector.unregister(key.fileobj)


def _wake_on_signals(selector: selectors.BaseSelector, fleet: Fleet) -> None:
    """SIGTERM ends everything; SIGCHLD only wakes the loop; Ctrl-C and a closed terminal are not for us."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)

    def wake(_: int) -> None:
        with contextlib.suppress(BlockingIOError):
            reader.recv(4096)

    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: fleet.end("SIGTERM came"))
    for other in (signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    selector.register(reader, selectors.EVENT_READ, wake)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
