"""A fresh Python environment in which a release is installed before anybody else installs it."""

import os
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from shipit.adapters import process
from shipit.adapters.python import distribution
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused

PATIENCE = 1800.0
"""Seconds after which a build, an installation or a check counts as failed."""

REFRESH = {"PIP_REFRESH_PACKAGE": ":all:"}
"""For pip children that install what has just been released: newer ones believe a remembered page for minutes."""

_ASK = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"


def module(name: str, *words: str) -> tuple[str, ...]:
    """Make the argv of a module beside shipit; without -P, a folder of that name in the project would win."""
    return (sys.executable, "-P", "-m", name, *words)


def install_argv(python: str, *words: str) -> tuple[str, ...]:
    """The command that installs into the environment of a Python; `words` are options and files."""
    return (*_pip(), "--python", python, "install", "--no-input", "--no-compile", *words)


@dataclass(frozen=True, slots=True)
class Source:
    """An index that dependencies may come from; `login` is user and password where reading asks for them."""

    url: str
    login: tuple[str, str] | None = field(default=None, repr=False)


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

    def install(self, file: Path, say: Say, source: Source | None = None) -> None:
        """Install a distribution; what it needs comes from pip's own index, and from `source`."""
        extra = ("--extra-index-url", source.url) if source else ()
        if needs_nothing(file):
            source, extra = None, ("--no-deps", "--no-index")
        with _logged_in(source, self.folder.parent / "netrc") as variables:
            self._follow(
                install_argv(str(self.python), *extra, str(file)),
                say,
                f"{file.name} cannot be installed",
                **REFRESH,
                **variables,
            )

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

    def _follow(self, argv: Sequence[str], say: Say, complaint: str, **more: str) -> None:
        variables = {**self.variables, **more}
        require_success(
            lambda: process.follow(argv, say, cwd=self.folder.parent, env=variables, timeout=PATIENCE), complaint
        )


@contextmanager
def _logged_in(source: Source | None, place: Path) -> Iterator[Mapping[str, str]]:
    """Let pip log in to a source by a file that nobody else reads, and that is gone afterwards.

    The user's own logins stay in force. Neither argv nor the environment holds a password.
    """
    if source is None or source.login is None:
        yield {}
        return
    host = urlsplit(source.url).hostname or ""
    words = ("machine", host, "login", _quoted(source.login[0]), "password", _quoted(source.login[1]))
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(_own_logins() + f"\n{' '.join(words)}\n".encode())
    try:
        yield {"NETRC": str(place)}
    finally:
        place.unlink(missing_ok=True)


def _own_logins() -> bytes:
    """Read the file that pip would have read, as it is; empty where there is none that may be read."""
    places = [os.environ.get("NETRC"), Path.home() / ".netrc", Path.home() / "_netrc"]
    found = next((Path(place) for place in places if place and Path(place).is_file()), None)
    try:
        return found.read_bytes() if found else b""
    except OSError:
        return b""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def require_success(follow: Callable[[], process.Finished], complaint: str) -> process.Finished:
    """Raise Refused with the child's last lines unless it ended well."""
    finished = follow()
    if finished.code < 0:
        what = f"`{finished.argv[0]}` was ended by signal {-finished.code}"
        raise ExternalError(what, evidence=last_lines(finished), hint="run the same command again")
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
