"""What is installed where the project is: asked of that Python itself."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from shipit.adapters import process
from shipit.adapters.scanners.running import Unreadable, ended
from shipit.errors import UsageError
from shipit.scans.settings import ScanSettings

# the folder that -c puts first is the current one: an egg-info in it is no installed package
_ASK = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
import json, os, platform
from importlib.metadata import distributions
found = []
for one in distributions():
    url = json.loads(one.read_text("direct_url.json") or "{}")
    found.append({"name": one.metadata["Name"], "version": one.metadata["Version"], "local": "dir_info" in url,
                  "requires": one.requires or []})
print(json.dumps({"packages": found, "markers": {
    "implementation_name": sys.implementation.name,
    "implementation_version": "%d.%d.%d" % sys.implementation.version[:3],
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "python_version": "%d.%d" % sys.version_info[:2],
    "sys_platform": sys.platform,
}}))
"""
_NO_NAME = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One installed package; `local` was installed from a folder, such as an editable project."""

    name: str
    version: str
    local: bool = False
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The packages that a Python finds; the first of a name, as an import would."""

    python: str
    packages: Mapping[str, Package]
    markers: Mapping[str, str]
    nameless: int = 0

    def others(self, project: str) -> list[Package]:
        """Every package but the project itself and what was installed from a folder, by name."""
        found = (self.packages[name] for name in sorted(self.packages))
        return [package for package in found if not package.local and package.name != project]

    def left_out(self, project: str) -> list[str]:
        """The names that `others` leaves out."""
        return sorted(name for name, package in self.packages.items() if package.local or name == project)


def python_of(environment: Mapping[str, str | None]) -> str:
    """Find the Python where the project is installed: that of VIRTUAL_ENV, else the first on PATH."""
    variables = {**os.environ, **environment}
    virtual = variables.get("VIRTUAL_ENV")
    if virtual and (Path(virtual) / "bin" / "python").exists():
        return str(Path(virtual) / "bin" / "python")
    path = variables.get("PATH") or os.defpath
    found = shutil.which("python", path=path) or shutil.which("python3", path=path)
    if not found:
        raise UsageError("no `python` is on PATH", hint="activate the environment where the project is installed")
    return found


def look(settings: ScanSettings, folder: Path) -> Environment:
    """Ask the project's Python what it finds; it runs in `folder`, where no package lies.

    Raises Unreadable if it does not answer.
    """
    python = python_of(settings.environment)
    argv = (python, "-c", _ASK)
    env, timeout = settings.environment, settings.timeout
    return read(python, process.run(argv, cwd=folder, env=env, timeout=timeout, stop=settings.stopping))


def read(python: str, finished: process.Finished) -> Environment:
    """Read the answer; raises Unreadable if it is none."""
    try:
        answer: dict[str, Any] = json.loads(finished.stdout)
        packages: dict[str, Package] = {}
        for found in answer["packages"]:
            package = _package(found)
            packages.setdefault(package.name, package)
        nameless = packages.pop(_NO_NAME, None)
        return Environment(
            python=python, packages=packages, markers=answer["markers"], nameless=int(nameless is not None)
        )
    except (ValueError, KeyError, TypeError):
        raise Unreadable(f"{python} could not list its packages, it {ended(finished)}") from None


def _package(found: Mapping[str, Any]) -> Package:
    return Package(
        name=canonicalize_name(found["name"] or _NO_NAME),
        version=str(found["version"] or ""),
        local=bool(found["local"]),
        requires=tuple(found["requires"]),
    )
