"""The command line inside of this process: what it does is seen by coverage, and it can be stopped anywhere."""

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from shipit.cli import main, startup

COMMANDS = main.app
"""With all of them: imported later, the command line would only have the first one that a test runs."""


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said on both streams."""

    code: int
    out: str
    err: str


class Terminal(io.StringIO):
    """Text that goes to a person."""

    def isatty(self) -> bool:
        return True


def shipit(folder: Path, *argv: str, **environment: str) -> Ended:
    """Run a command in a folder, as `python -m shipit` would, with these environment variables on top."""
    return _run(folder, argv, environment, io.StringIO())


def on_terminal(folder: Path, columns: int, *argv: str) -> Ended:
    """The same with a stdout that is a terminal of so many columns."""
    return _run(folder, argv, {"COLUMNS": str(columns)}, Terminal())


def _run(folder: Path, argv: Sequence[str], environment: Mapping[str, str], out: io.StringIO) -> Ended:
    err = io.StringIO()
    before = Path.cwd()
    handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    code = 0
    os.chdir(folder)
    try:
        with (
            mock.patch.object(sys, "argv", ["shipit", *argv]),
            mock.patch.dict(os.environ, environment),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            startup.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        os.chdir(before)
        gc.enable()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Ended(code, out.getvalue(), err.getvalue())
