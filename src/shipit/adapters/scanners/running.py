"""What scanners share: to run a program, read JSON, say what was wrong, and keep a canary in a temporary folder."""

import json
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from tempfile import TemporaryDirectory
from typing import Any

from shipit.adapters import process
from shipit.adapters.scanners import made_up
from shipit.errors import UsageError
from shipit.scans.settings import ScanSettings

_LONGEST = 64 * 1024
"""Bytes of file names on one command line; every system takes 128 KB, the environment included."""

_LAST = 3
_WIDEST = 200


class Unreadable(Exception):
    """The output of a scanner is not what it should be; the text is a fault."""


@dataclass(frozen=True, slots=True)
class Program:
    """A scanner's program, and how it is installed."""

    name: str
    install: str


def run(
    program: Program,
    argv: Sequence[str],
    settings: ScanSettings,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
) -> process.Finished:
    """Run a scanner in the tree, or in `cwd`; `env` is added to the environment of the settings.

    Raises UsageError with how to install it if it is not there, Unavailable if it does not end in time.
    """
    environment = {**settings.environment, **(env or {})}
    try:
        return process.run(
            argv,
            cwd=cwd or settings.tree,
            env=environment,
            timeout=settings.timeout,
            stop=settings.stopping,
        )
    except UsageError as error:
        raise UsageError(error.what, evidence=error.evidence, hint=f"install it: {program.install}") from None


def version(program: Program, settings: ScanSettings) -> str:
    """Ask a program for its name and version."""
    finished = run(program, (program.name, "--version"), settings)
    words = finished.text.split()
    number = next((word for word in words if word[0].isdigit()), "of unknown version")
    return f"{program.name} {number}"


def parsed(finished: process.Finished, *, quote: bool = True) -> dict[str, Any]:
    """Read the output as a JSON object; raises Unreadable with the exit code and the last lines of stderr.

    `quote` is false for programs that may print lines of the scanned code there.
    """
    try:
        found = json.loads(finished.stdout)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    raise Unreadable(f"{Path(finished.argv[0]).name} {ended(finished, quote=quote)}")


def ended(finished: process.Finished, *, quote: bool = True) -> str:
    """Tell how a program ended that gave no report."""
    what = "printed no JSON object" if finished.stdout.strip() else "printed nothing"
    lines = [line.strip()[:_WIDEST] for line in finished.stderr.splitlines() if line.strip()] if quote else []
    last = 1 if any(line.startswith("Traceback") for line in lines) else _LAST
    said = ": " + " / ".join(lines[-last:]) if lines else ""
    return f"{what} and ended with exit code {finished.code}{said}"


def batches(names: Iterable[str], longest: int = _LONGEST) -> Iterator[tuple[str, ...]]:
    """Split names so that each part fits on a command line."""
    batch: list[str] = []
    size = 0
    for name in names:
        length = len(name.encode("utf-8", "surrogateescape")) + 1
        if batch and size + length > longest:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(name)
        size += length
    if batch:
        yield tuple(batch)


def inside(path: object, tree: Path) -> str:
    """Name a reported file relative to the tree, with `/`; a file elsewhere keeps its whole path."""
    text = str(path)
    if text.startswith("/"):
        for top in (tree.absolute(), tree.resolve()):
            if Path(text).is_relative_to(top):
                return Path(text).relative_to(top).as_posix()
        return text
    return normpath(text)


def named(things: Iterable[str], most: int = 5) -> str:
    """Name a few things, and how many more there are."""
    every = list(things)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


@contextmanager
def beside() -> Iterator[Path]:
    """Make a folder outside the tree for canaries and lists, and remove it."""
    with TemporaryDirectory(prefix="shipit-scan-") as folder:
        yield Path(folder).resolve()


def write_script(folder: Path, python: str, environment: Mapping[str, str | None]) -> Path:
    """Write a program that is `python` with one package more, and return its path.

    Some tools clear PYTHONPATH for the Python that they are to look into, so that it cannot be handed to them.
    """
    given = {**os.environ, **environment}.get("PYTHONPATH")
    path = os.pathsep.join(filter(None, (str(made_up.write_package(folder)), given)))
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(path)} exec {shlex.quote(python)} "$@"\n', "utf-8")
    script.chmod(0o755)
    return script
