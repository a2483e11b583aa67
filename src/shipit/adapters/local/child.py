"""One version's process as its supervisor sees it: started, watched, restarted, ended with all of its group.

Only the standard library is imported here: see supervisor.
"""

import contextlib
import ctypes
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

LOG = "log"
LOG_LIMIT = 5_000_000
"""Bytes after which a log begins anew; what it held before stays beside it, once."""

PORTS = range(20_000, 32_000)  # the system gives no outgoing connection one of these, so none is in the way
STEADY = 60.0
"""Seconds after which a process that ran is believed in again."""

LONGEST_PAUSE = 30.0
GRACE = 10.0
"""Seconds between asking a process to end and making it."""

_LIBC = ctypes.CDLL(None)
_OLD_LIMIT = resource.getrlimit(resource.RLIMIT_NOFILE)


class Child:
    """The process of one version; `now` is always the monotonic clock.

    It is ready when it accepts connections. One that was ready once is started again when it dies.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.argv, self.environment, self.folder = argv, environment, folder
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.is_ready = False
        self.was_ready = False
        self.restarts = 0
        self.code: int | None = None
        self.drain_until: float | None = None
        self.is_stopping = False
        self._kill_at: float | None = None
        self._started = 0.0
        self._next_start: float | None = None
        self._failures = 0

    @property
    def has_failed(self) -> bool:
        """It died before it was ever ready, and is not started again."""
        return self.process is None and self._next_start is None

    def start(self, now: float) -> None:
        """Start it on a port that nobody uses; nothing is raised, `code` says what became of it."""
        self.port, self.is_ready, self._next_start, self._started = _free_port(), False, None, now
        argv = [word.replace("{port}", str(self.port)) for word in self.argv]
        variables = {name: text.replace("{port}", str(self.port)) for name, text in self.environment.items()}
        try:
            self.process = self._spawn(argv, variables)
        except (OSError, subprocess.SubprocessError) as error:
            with contextlib.suppress(OSError), self._log() as log:
                log.write(f"{argv[0]} cannot be started: {error}\n".encode())
            self._note_end(127, now)

    def look(self, now: float) -> Iterator[str]:
        """See whether it has ended or is ready, and do what is due; gives lines for the log."""
        if self.process and _has_ended(self.process.pid):
            _signal_group(self.process.pid, signal.SIGKILL)  # what it leaves behind would use its port
            self._note_end(self.process.wait(), now)
            yield f"ended with exit code {self.code}"
        elif self.process and not self.is_ready and _accepts(self.port):
            self.is_ready = self.was_ready = True
            yield f"accepts connections at port {self.port}, as process {self.process.pid}"
        if self._kill_at and self.process and now >= self._kill_at:
            _signal_group(self.process.pid, signal.SIGKILL)
            yield f"is killed: it did not end within {GRACE:g} s"
        if self._next_start is not None and now >= self._next_start:
            self.restarts += 1
            self.start(now)

    def end(self, now: float) -> None:
        """Ask it to end, and make it later."""
        self._next_start = None
        if self.process and self._kill_at is None:
            self._kill_at = now + GRACE
            _signal_group(self.process.pid, signal.SIGTERM)

    def trim_log(self) -> None:
        """Begin the log anew when it is too long; the process writes on at its end, wherever that is."""
        log = self.folder / LOG
        with contextlib.suppress(OSError):
            if log.stat().st_size > LOG_LIMIT:
                shutil.copyfile(log, log.with_suffix(".1"))
                os.truncate(log, 0)

    def _spawn(self, argv: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self._log() as log:
            return subprocess.Popen(
                argv,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(_die_with, os.getpid()),  # noqa: PLW1509 - it has no threads
            )

    def _log(self) -> IO[bytes]:
        handle = os.open(self.folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "ab", buffering=0)

    def _note_end(self, code: int, now: float) -> None:
        self.process, self.code, self.is_ready = None, code, False
        self._failures = 0 if now - self._started > STEADY else self._failures + 1
        if self.was_ready and self._kill_at is None:
            self._next_start = now + min(0.05 * 2 ** min(self._failures, 20), LONGEST_PAUSE)


def _die_with(supervisor: int) -> None:
    """Run in the child: the kernel kills it when the supervisor dies, in whatever way."""
    if hasattr(_LIBC, "prctl"):  # only Linux knows it
        _LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    resource.setrlimit(resource.RLIMIT_NOFILE, _OLD_LIMIT)
    if os.getppid() != supervisor:
        os._exit(1)


def _has_ended(pid: int) -> bool:
    """Whether it has; it stays a zombie, so that its number is not given to others yet."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    return 0


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.05)
        return probe.connect_ex(("127.0.0.1", port)) == 0
