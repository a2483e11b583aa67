"""Which tools are on this machine, and in which versions: asked of the tools themselves, each within seconds."""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from threading import Event

from msgspec import Struct

from shipit import masking
from shipit.adapters import process
from shipit.errors import Stop, Unavailable

PATIENCE = 10.0
"""Seconds."""
CALM: Mapping[str, str] = {
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "DOCKER_CLI_HINTS": "false",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SEND_METRICS": "off",
    "TRIVY_SKIP_VERSION_CHECK": "true",
    "TRIVY_DISABLE_TELEMETRY": "true",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""For a tool that is only asked for its version, and need not ask its makers whether there is a newer one."""
_VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+)")
_NO_SUBCOMMAND = re.compile(r"unknown command|is not a (?:git|docker) command|No such command")
_LONGEST = 200
_NEWEST = 10**9
"""Of no server: the newest programs are wanted."""

# The folder that -c puts first is the current one: no file there may stand in for a module that is imported here
_ASK = """\
import sys
path = list(sys.path)
sys.path[:] = [folder for folder in sys.path if folder]
import importlib.metadata as metadata, importlib.util as util, json
sys.path[:] = path
name = sys.argv[1]
found = {"is_here": util.find_spec(name) is not None, "version": ""}
owners = getattr(metadata, "packages_distributions", dict)().get(name, [])
if found["is_here"] and owners:
    found["version"] = metadata.version(owners[0])
print()
print(json.dumps(found))
"""


class Found(Struct, frozen=True, kw_only=True):
    """Plays doctor.ports.Answer."""

    is_here: bool
    version: str = ""
    place: str = ""
    fault: str = ""


_MISSING = Found(is_here=False)


class Asker(Struct, frozen=True, kw_only=True):
    """Asks tools in the folder `top`; `env` is added to our environment, None removes.

    Once `stop` is set nobody is waited for any more.
    """

    top: Path
    env: Mapping[str, str | None] = {}
    patience: float = PATIENCE
    stop: Event | None = None

    def program(self, argv: Sequence[str], says: str = "") -> Found:
        """Run a program that prints its version for these words; `says` must stand in what it prints."""
        place = self.find(argv[0])
        if place is None:
            return _MISSING
        try:
            finished = self._run(argv)
        except Stop as why:
            return _faulty(place, self._silence(why))
        said = f"{finished.text}\n{finished.stderr}"
        if finished.code:
            is_missing = _NO_SUBCOMMAND.search(said) is not None
            return _MISSING if is_missing else _faulty(place, _ended(finished))
        if says not in said:
            return _faulty(place, f"it is another program of this name: {_last(said)}")
        version = _VERSION.search(said)
        return Found(is_here=True, version=version[1] if version else "", place=str(place))

    def file(self, word: str) -> Found:
        """Look for a program, and start nothing."""
        place = self.find(word)
        return Found(is_here=True, place=str(place)) if place else _MISSING

    def module(self, python: str, name: str) -> Found:
        """Ask a Python whether it finds a module, and of which version; it imports nothing of the project."""
        place = self.find(python)
        if place is None:
            return _MISSING
        try:
            finished = self._run((python, "-c", _ASK, name))
        except Stop as why:
            return _faulty(place, self._silence(why))
        try:
            return Found(**json.loads(finished.text.strip().splitlines()[-1]), place=str(place))
        except (ValueError, IndexError, TypeError):
            return _faulty(place, _ended(finished))

    def client(self) -> Found:
        """The newest pg_dump and pg_restore that migrate would find; without psycopg that on PATH."""
        try:
            from shipit.adapters.postgres.tools import find_tools  # noqa: PLC0415 - an extra
        except ImportError:
            return self.program(("pg_dump", "--version"))
        try:
            tools = find_tools(_NEWEST)
        except Stop as why:
            return Found(is_here=True, fault=why.what)
        return Found(is_here=True, version=tools.version, place=str(tools.dump)) if tools else _MISSING

    def find(self, word: str) -> Path | None:
        """Where a program is: a path is relative to the top, a name is looked for on PATH."""
        found = shutil.which(str(self.top / word) if os.sep in word else word)
        return Path(found) if found else None

    def _run(self, argv: Sequence[str]) -> process.Finished:
        env = {**CALM, **self.env}
        return process.run(argv, cwd=self.top, env=env, timeout=self.patience, stop=self.stop)

    def _silence(self, why: Stop) -> str:
        """In few words: a question to Python is a page of code."""
        return f"no answer within {self.patience:g} s" if isinstance(why, Unavailable) else why.what


def package(name: str) -> Found:
    """A package beside shipit, in whatever environment that is."""
    try:
        return Found(is_here=True, version=metadata.version(name), place=sys.prefix)
    except metadata.PackageNotFoundError:
        return _MISSING


def own_python() -> Found:
    """The Python that runs this."""
    import platform  # noqa: PLC0415 - light commands do without

    return Found(is_here=True, version=platform.python_version(), place=sys.executable)


def fits(version: str, wanted: str) -> bool:
    """Whether a version is one of those; nobody is refused for what is no specifier."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - an external library

    try:
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True


def _faulty(place: Path, fault: str) -> Found:
    return Found(is_here=True, place=str(place), fault=fault)


def _ended(finished: process.Finished) -> str:
    last = _last(f"{finished.text}\n{finished.stderr}")
    how = f"was ended by signal {-finished.code}" if finished.code < 0 else f"ended with exit code {finished.code}"
    return f"it {how}{f': {last}' if last else ''}"


def _last(said: str) -> str:
    """The last line, masked; of a long one the beginning."""
    lines = [line.strip() for line in masking.mask(said).splitlines() if line.strip()]
    return lines[-1][:_LONGEST] if lines else ""
