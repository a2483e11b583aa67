"""How a wrapped tool runs: the address in its environment, its words masked, and its end when ours comes."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from shipit import masking
from shipit.adapters import process
from shipit.adapters.wrapped.location import written
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Unavailable, UsageError

QUESTION = 120.0
"""Seconds that a question may take, such as what is pending; a migration may take as long as it needs."""

_LAST = 12
_SLOW = "it was ended; see what it waits for, such as a lock that somebody holds"
_LEASH = """\
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG: killed when the parent is
except (AttributeError, OSError):
    pass  # only Linux knows it
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""
_FRAMES = re.compile(
    r"Traceback \(most recent call last\)|^During handling of the above exc|^The above exception was the direct"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """Starts the tool `name` in `folder`; addresses of SQLite files are relative to `top`."""

    name: str
    folder: Path
    top: Path
    variables: Mapping[str, str | None] = field(default_factory=dict)
    """added to what it sees of our environment"""

    def follow(self, argv: Sequence[str], url: str, say: Say, timeout: float | None = None) -> None:
        """Run it and pass on what it says; raises ExternalError with the last of it unless it ended well."""
        lines: list[str] = []

        def keep(line: str) -> None:
            lines.append(line)
            say(line)

        passed_on, leashed, env = _without_tracebacks(keep), self._leashed(argv), self._seen(url)
        with self._named():
            finished = process.follow(leashed, passed_on, cwd=self.folder, env=env, timeout=timeout)
        if finished.code:
            raise self._trouble(finished.code, lines)

    def ask(self, argv: Sequence[str], url: str) -> str:
        """What it prints on stdout, masked; raises ExternalError with its last lines unless it ended well."""
        leashed, env = self._leashed(argv), self._seen(url)
        with self._named():
            finished = process.run(leashed, cwd=self.folder, env=env, timeout=QUESTION)
        said = masking.mask(finished.stdout.decode("utf-8", "replace"))
        if finished.code:
            lines: list[str] = []
            passed_on = _without_tracebacks(lines.append)
            for line in f"{said}\n{finished.stderr}".splitlines():
                passed_on(line)
            raise self._trouble(finished.code, lines)
        return said

    def _leashed(self, argv: Sequence[str]) -> Sequence[str]:
        """A tool that outlives shipit would go on without the lock, so it dies with us."""
        program = str(self.folder / argv[0]) if "/" in argv[0] else argv[0]
        if shutil.which(program) is None:
            raise UsageError(f"`{argv[0]}` is not installed or not on PATH", hint=f"install {argv[0]}")
        return (sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *argv)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Report a timeout with the tool's name instead of the whole command."""
        try:
            yield
        except Unavailable as slow:
            what = f"{self.name} {slow.what.rpartition('` ')[2]}"
            raise Unavailable(what, where=str(self.folder), evidence=slow.evidence, hint=_SLOW) from None

    def _seen(self, url: str) -> Mapping[str, str | None]:
        _hide(url)
        ours = {"PYTHONUNBUFFERED": "1", "COLUMNS": "1000"}  # a message broken in two would slip through the mask
        return {**ours, **self.variables, "DATABASE_URL": written(url, self.top)}

    def _trouble(self, code: int, lines: Sequence[str]) -> ExternalError:
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        evidence = [line for line in lines if line.strip()][-_LAST:]
        missing = any("No module named" in line for line in evidence)
        hint = "run shipit in the project's environment: its Python must have all that the tool imports"
        return ExternalError(
            f"{self.name} {ended}", where=str(self.folder), evidence=evidence, hint=hint if missing else None
        )


def project_python() -> str:
    """The Python of the project: that of the active environment, or else the one that runs shipit."""
    active = os.environ.get("VIRTUAL_ENV")
    python = Path(active, "bin", "python") if active else None
    return str(python) if python and python.exists() else sys.executable


def _hide(url: str) -> None:
    """Mask the address, and of it what stands where a password would."""
    masking.register(url)
    password = url.rpartition("@")[0].partition("://")[2].partition(":")[2]
    if password:
        masking.register(password)
        masking.register(unquote(password))


def _without_tracebacks(say: Say) -> Say:
    """Pass on all but the frames of Python's tracebacks: the last line of each says what happened."""
    within = False

    def pass_on(line: str) -> None:
        nonlocal within
        frames = _FRAMES.search(line)
        if frames:
            within = True
            line = line[: frames.start()].rstrip()  # progress that was said on the same line
            if line:
                say(line)
        elif not (within and (not line or line[0].isspace())):
            within = False
            say(line)

    return pass_on
