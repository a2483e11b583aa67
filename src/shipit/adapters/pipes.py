"""Reading from the pipes of a child: in few large pieces, or until somebody wants it to stop."""

import subprocess
import sys
import threading
import time

from shipit.errors import Unavailable

_PAUSE = 0.008  # seconds
_LOOK = 0.1
"""Seconds after which a child that is to stop is ended at the latest."""


def communicate(
    child: subprocess.Popen[bytes], data: bytes | None, timeout: float | None, stop: threading.Event
) -> tuple[bytes, bytes]:
    """As Popen.communicate, but raises Unavailable once `stop` is set."""
    end = time.monotonic() + timeout if timeout else float("inf")
    while True:
        left = end - time.monotonic()
        try:
            return child.communicate(data, max(min(left, _LOOK), 0))
        except subprocess.TimeoutExpired:
            data = None  # it is on its way
            if stop.is_set():
                raise Unavailable("stopped, because the run was interrupted") from None
            if left <= 0:
                raise


def let_fill(pipe: int, piece: int) -> None:
    """Wait a little if less than `piece` bytes are there: who writes 4 KB at a time would wake who reads as often.

    Of a long history that costs a tenth of what git itself does, on both sides. Where a pipe cannot be made larger
    nothing is gained, and nothing is done.
    """
    import fcntl  # noqa: PLC0415 - not every system has it
    from termios import FIONREAD  # noqa: PLC0415 - as above

    try:
        if fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) < 4 * piece:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4 * piece)
    except (AttributeError, OSError):  # not Linux; more pipes than a user may have
        return
    if int.from_bytes(fcntl.ioctl(pipe, FIONREAD, bytes(4)), sys.byteorder) < piece:
        time.sleep(_PAUSE)
