"""shipit on a terminal of its own: what stands on the screen, and how a person who types there is answered."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_GONE = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_ACTIONS", "GITHUB_TOKEN")
_SECONDS = 60
_PAUSE = 0.2
"""Seconds of silence before something is typed: no person is faster than the program that asks."""


@dataclass(frozen=True, slots=True)
class Screen:
    """How a command ended, and what it wrote with colours."""

    code: int
    raw: str

    @property
    def text(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw).replace("\r", "")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def shipit(folder: Path, width: int, *words: str, typed: Sequence[bytes] = (), **environment: str) -> Screen:
    """Run a command on a terminal of so many columns; each question is answered with the next of `typed`."""
    inner, outer = pty.openpty()
    fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    usual = {name: text for name, text in os.environ.items() if name not in _GONE}
    child = subprocess.Popen(
        [sys.executable, "-c", _RUN, *words],
        cwd=folder,
        env={**usual, "TERM": "xterm-256color", **environment},
        stdin=outer,
        stdout=outer,
        stderr=outer,
        start_new_session=True,
    )
    os.close(outer)
    raw, left, asked = b"", list(typed), 0
    while chunk := _read(inner):
        raw += chunk
        if left and raw.count(b"/N]: ") > asked and not _is_more(inner, _PAUSE):
            asked += 1
            os.write(inner, left.pop(0))
    code = child.wait(timeout=_SECONDS)
    os.close(inner)
    return Screen(code, raw.decode())


_RUN = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it
from shipit.cli.startup import main
main()
"""


def _read(terminal: int) -> bytes:
    """What came since; nothing once the other side is closed, or after a long silence."""
    try:
        return os.read(terminal, 65536) if _is_more(terminal, _SECONDS) else b""
    except OSError:
        return b""


def _is_more(terminal: int, seconds: float) -> bool:
    return bool(select.select([terminal], [], [], seconds)[0])
