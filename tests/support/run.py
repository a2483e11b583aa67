"""The real command line as a child process: `python -m shipit …` in a clone, in an environment that tests choose.

Every child dates what it makes with `EPOCH`, so that the same release gives the same object ids on any day.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EPOCH = 1_750_000_000  # 2025-06-15 15:06:40 UTC, after every commit of the samples
PATIENCE = 120.0
HURRIED = """
import time
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.05))
from shipit.cli.startup import main
main()
"""
"""The command line, but that no pause, such as one before a further try, is longer than a moment."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: `code` negative for a signal."""

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        return self.stdout + self.stderr

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The lines of --json, all or those of one kind."""
        lines = [json.loads(line) for line in self.stdout.splitlines()]
        return [line for line in lines if kind in {None, line["event"]}]

    def ended(self, code: int) -> "Ran":
        """This, if it ended with that exit code and said it decently; fails the test otherwise."""
        assert self.code == code, f"shipit {' '.join(self.argv)} ended with {self.code}, not {code}:\n{self.said}"
        assert "Traceback (most recent call last)" not in self.said, self.said
        return self


def environment(**more: str) -> dict[str, str]:
    """What a child of a test sees: the cleaned environment of tests/conftest.py, a fixed time, and `more`."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), **more}


def start(
    where: Path, *words: str, env: Mapping[str, str] | None = None, hurried: bool = False
) -> subprocess.Popen[str]:
    """Start the command line, `hurried` without its pauses; the caller waits for it."""
    program = ("-c", HURRIED) if hurried else ("-m", "shipit")
    return subprocess.Popen(
        [sys.executable, *program, *words],
        cwd=where,
        env=environment() if env is None else env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
    )


def wait(child: subprocess.Popen[str], words: Sequence[str] = ()) -> Ran:
    """Wait until it has ended; one that does not end in two minutes is killed and fails the test."""
    try:
        out, err = child.communicate(timeout=PATIENCE)
    except BaseException:
        child.kill()
        child.communicate()
        raise
    return Ran(tuple(words), child.returncode, out, err)


def shipit(where: Path, *words: str, env: Mapping[str, str] | None = None, hurried: bool = False) -> Ran:
    """Run the command line to its end."""
    return wait(start(where, *words, env=env, hurried=hurried), words)
