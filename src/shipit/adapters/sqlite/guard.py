"""One run at a time: a lock file beside the database that dies with the process which holds it."""

import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from shipit.adapters.sqlite.beside import sweep
from shipit.engine.plan import Say
from shipit.errors import Denied, LeaseLost

_PAUSE = 0.05  # seconds between two attempts


class Guard:
    """Plays databases.Guard; works before the database file exists. Two names of one file have one lock."""

    def __init__(self, path: Path) -> None:
        self.database = path
        real = path.resolve()
        self.path = real.with_name(f"{real.name}.shipit-lock")
        self._handle: int | None = None
        self._left = ""  # whose the lock was that died without releasing it

    def take(self, patience: float, say: Say) -> None:
        deadline, announced = time.monotonic() + patience, ""
        while not self.is_held() and not self._take():
            holder = self.holder()
            who = holder.split(", for ")[0] if holder else ""
            if time.monotonic() >= deadline:
                raise LeaseLost(
                    "another run holds the lock of the database",
                    where=str(self.path),
                    evidence=[holder or "it was released just now"],
                    hint="wait for it, or give database.lock-wait more seconds",
                )
            if who and who != announced:
                say(f"waiting for the lock: {holder}")
                announced = who
            time.sleep(_PAUSE)

    def is_held(self) -> bool:
        return self._handle is not None and self._is_named(self._handle)

    def lasts(self) -> bool:
        return True

    def release(self) -> None:
        if self._handle is None:
            return
        if self._is_named(self._handle):
            self.path.unlink(missing_ok=True)  # while it is ours: who opened it meanwhile sees that it has no name
        os.close(self._handle)
        self._handle = None

    def holder(self) -> str | None:
        """Ask with a shared lock, so that two who ask do not take each other for a holder."""
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _who(handle)
        else:
            return None
        finally:
            os.close(handle)

    def break_(self) -> str | None:
        """Remove what a dead process left. A living one is not ended from here: its transaction is its own."""
        if holder := self.holder():
            raise LeaseLost(
                "the process that holds the lock is alive",
                where=str(self.path),
                evidence=[holder],
                hint="end that process; its lock goes with it",
            )
        if self.is_held() or not self._take():
            return None
        was, self._left = self._left, ""
        self.release()
        return was or None

    def _take(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise Denied(f"the lock cannot be made: {error.strerror}", where=str(self.path)) from error
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._is_named(handle):
                self._left = _who(handle) if os.fstat(handle).st_size else ""
                if self._left:
                    sweep(self.database)
                _sign(handle)
                self._handle = handle
                return True
        os.close(handle)
        return False

    def _is_named(self, handle: int) -> bool:
        """Whether the file still has its name: a lock on a removed file excludes nobody."""
        try:
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except OSError:
            return False


def _sign(handle: int) -> None:
    facts = {"pid": os.getpid(), "host": socket.gethostname(), "at": time.time()}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(facts).encode(), 0)


def _who(handle: int) -> str:
    try:
        facts = json.loads(os.pread(handle, 4096, 0))
        age = max(0.0, time.time() - facts["at"])
        return f"pid {facts['pid']} on {facts['host']}, for {age:.0f} s"
    except (ValueError, KeyError, TypeError):
        return "a process that has not signed yet"
