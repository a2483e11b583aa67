"""A fresh Python environment in which a release is installed before anybody else installs it."""

import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from importlib.util import find_spec
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.python import distribution
from shipit.engine.plan import Say
from shipit.errors import Refused

PATIENCE = 1800.0
"""Seconds after which a build, an installation or a check counts as failed."""

_ASK = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"


def module(name: str, *words: str) -> tuple[str, ...]:
    """Make the argv of a module beside shipit; without -P, a folder of that name in the project would win."""
    return (sys.executable, "-P", "-m", name, *words)


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment at `folder` without pip: what is in it, the release needs."""

    folder: Path
    variables: Mapping[str, str | None]

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def make(self, say: Say) -> None:
        self._follow(
            module("venv", "--clear", "--without-pip", str(self.folder)), say, "no environment could be made"
        )

    def install(self, file: Path, say: Say) -> None:
        """Install a distribution, with what it needs from the index that pip is configured for."""
        alone = ("--no-deps", "--no-index") if needs_nothing(file) else ()
        words = ("--python", str(self.python), "install", "--no-input", "--no-compile", *alone, str(file))
        self._follow((*_pip(), *words), say, f"{file.name} cannot be installed")

    def check(self, file: Path) -> None:
        """Raise Refused unless the environment's own Python finds the distribution in its version."""
        wanted = distribution.parse_known(file.name)
        finished = process.run(
            (str(self.python), "-I", "-c", _ASK, wanted.project), cwd=self.folder, timeout=PATIENCE
        )
        found = finished.text.strip()
        if finished.code or not distribution.is_same_version(found, wanted.version):
            raise Refused(
                f"{file.name} was installed, but {wanted.project} {wanted.version} is not there",
                evidence=[f"found: {found or 'nothing'}", *finished.stderr.splitlines()[-1:]],
            )

    def _follow(self, argv: Sequence[str], say: Say, complaint: str) -> None:
        require_success(
            lambda: process.follow(argv, say, cwd=self.folder.parent, env=self.variables, timeout=PATIENCE),
            complaint,
        )


def require_success(follow: Callable[[], process.Finished], complaint: str) -> process.Finished:
    """Raise Refused with the child's last lines unless it ended well."""
    finished = follow()
    if finished.code:
        raise Refused(complaint, evidence=last_lines(finished))
    return finished


def last_lines(finished: process.Finished, number: int = 12) -> list[str]:
    """Give the end of what a child said, without empty lines."""
    said = [line.rstrip() for line in f"{finished.text}\n{finished.stderr}".splitlines()]
    return [line for line in said if line][-number:]


def needs_nothing(file: Path) -> bool:
    """Whether a wheel names no other distribution, so that it can be installed without an index."""
    if file.suffix != ".whl":
        return False
    with zipfile.ZipFile(file) as wheel:
        names = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        fields = BytesHeaderParser().parsebytes(wheel.read(names[0]) if names else b"")
    return "Requires-Dist" not in fields


def _pip() -> tuple[str, ...]:
    """Find the pip beside shipit, or the one that Python carries: tool environments often have none."""
    if find_spec("pip"):
        return module("pip")
    carried = find_spec("ensurepip")
    folder = Path(carried.origin).parent / "_bundled" if carried and carried.origin else Path()
    for wheel in folder.glob("pip-*.whl"):
        return (sys.executable, "-P", str(wheel / "pip"))
    raise Refused("pip is not installed beside shipit", hint=f"{sys.executable} -m ensurepip")
