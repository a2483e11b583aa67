"""How a demo is told: a command is shown and run, and afterwards what holds is asked of others than shipit."""

import os
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from examples.lay_out import ISOLATED

BOLD, GREEN, RED, PLAIN = ("\033[1m", "\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else [""] * 4
FOREIGN = ("DOCKER_", "GIT_", "GITHUB_", "SHIPIT_", "TWINE_", "PG")

Question = tuple[str, Callable[[], bool]]


class Failed(Exception):
    """A command or a check of the demo failed."""


@dataclass(frozen=True, slots=True)
class End:
    """What a demo came to: in one sentence, in this folder if any is left, and the commands that show it."""

    sentence: str
    folder: Path | None = None
    sights: Sequence[tuple[str, str]] = ()


def told(demo: Callable[[], End]) -> int:
    """Run a demo and say how it ended; returns the exit code."""
    if not shutil.which("git"):
        print("The demo needs git on PATH (on Debian: apt-get install git).", file=sys.stderr)
        return 1
    began = time.monotonic()
    try:
        end = demo()
    except Failed as failure:
        print(f"\n{RED}The demo failed: {failure}{PLAIN}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - began
    print(f"\n{GREEN}{end.sentence}, and everything holds{PLAIN} ({seconds:.0f} s).", end=" ")
    if not end.folder:
        print("Nothing of it is left on this machine.")
        return 0
    print("What can be looked at:\n")
    print(f"  cd {shlex.quote(str(end.folder))}")
    for command, what in end.sights:
        print(f"  {command:<64}  {what}")
    print(f"\nThe folder is yours: rm -r {shlex.quote(str(end.folder))}")
    return 0


def show(where: Path, why: str, command: str, expected: int = 0, more: Mapping[str, str] | None = None) -> None:
    """Print a command, run it with `more` variables, and print its exit code where another one is the point."""
    heading(f"{why}\n$ {command}")
    ended = subprocess.run(
        shlex.split(command), cwd=where, env=environment(more), stderr=subprocess.STDOUT, check=False
    )
    if ended.returncode != expected:
        raise Failed(f"`{command}` ended with exit code {ended.returncode}, not {expected}")
    if expected:
        print(f"(exit code {expected})")


def heading(text: str) -> None:
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The user's, but without what another run of a CI left in it, and with this Python's programs first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return kept | ISOLATED | {"PATH": programs} | dict(more or {})


def check(title: str, questions: Iterable[Question]) -> None:
    """Ask git, pip or a database, not shipit, whether it is as it should be; every failure is named."""
    heading(title)
    failed = 0
    for sentence, question in questions:
        try:
            holds, evidence = question(), ""
        except (RuntimeError, OSError, LookupError, ValueError, sqlite3.Error, subprocess.SubprocessError) as error:
            holds, evidence = False, f": {error}"
        failed += not holds
        print(f"{GREEN}✓{PLAIN} {sentence}" if holds else f"{RED}✗ {sentence}{evidence}{PLAIN}", flush=True)
    if failed:
        raise Failed(f"{failed} of these do not hold")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_server(
    process: "subprocess.Popen[bytes]", log: Path, answers: Callable[[], bool], seconds: float = 60
) -> None:
    """Wait until a server that was started answers; raises Failed, with the end of its log, if it never does."""
    until = time.monotonic() + seconds
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            raise Failed(f"{process.args!r} does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(0.02)
