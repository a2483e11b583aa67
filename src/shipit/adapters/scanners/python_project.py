"""A Python project as git tracks it, held against the environment that it is installed in."""

import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from shipit.adapters.scanners import python_elsewhere, requirements
from shipit.adapters.scanners.installed import Environment
from shipit.adapters.scanners.pyproject import Pyproject
from shipit.adapters.scanners.requirements import Requirements
from shipit.scans.settings import ScanSettings

_OTHERS = ("setup.py", "setup.cfg", "pylock.toml", "poetry.lock", "pdm.lock", "uv.lock", "Pipfile.lock")
_TOP = "requirements.txt"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?=[\s\[(<>=!~;@]|$)")
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv"})
"""What is in an environment in which nothing of a project is installed."""


def nothing(settings: ScanSettings) -> str:
    """Tell from tracked files why no installed package can be the project's; empty if some can."""
    if requirements.files(settings.tracked) or any(name in settings.tracked for name in _OTHERS):
        return ""
    pyproject = Pyproject.read(settings)
    if not pyproject.project and python_elsewhere.places(settings):
        return ""
    if not pyproject.project:
        return "git tracks no [project] in pyproject.toml, no setup.py and no requirements file"
    groups = (pyproject.project.get("optional-dependencies"), pyproject.tables.get("dependency-groups"))
    return "the project names no dependency" if pyproject.dependencies == [] and not any(groups) else ""


def own_name(settings: ScanSettings) -> str:
    """The name under which the project itself is installed."""
    return Pyproject.read(settings).name or canonicalize_name(settings.project_name)


def lines(settings: ScanSettings, found: Environment) -> Requirements:
    """Read the tracked requirements files for the environment's Python."""
    return requirements.read(settings.tree, settings.tracked, found.markers)


def lacking(settings: ScanSettings, found: Environment, *, with_pins: bool = True) -> str:
    """Tell what the project needs and the environment does not have; empty if all is there.

    An environment in which nothing is installed has no findings, so that it must never pass as clean. Where there
    is no [project] that names dependencies, those of the requirements.txt at the top, of Poetry, of a Pipfile and
    of projects further down are looked for; pins of requirements files only `with_pins`.
    """
    if found.nameless:
        return f"{found.python} finds a package without a name: its metadata is broken"
    pyproject = Pyproject.read(settings)
    needed: Iterable[str] | None = pyproject.dependencies
    if needed is None and pyproject.project:
        own = found.packages.get(pyproject.name)
        if own is None:
            return f"{pyproject.name or 'the project'} is not installed in {found.python}"
        needed = [line for line in own.requires if "extra ==" not in line]
    if needed is None:
        needed = [*_at_the_top(settings, found, with_pins=with_pins), *python_elsewhere.needed(settings)]
    missing = [text for line in needed if (text := _missing(line, found))]
    if not missing and not pyproject.project and found.packages.keys() <= _INSTALLERS:
        missing = [] if not with_pins and lines(settings, found).pins else ["nothing of the project is installed"]
    return f"{', '.join(missing)} in {found.python}" if missing else ""


def _at_the_top(settings: ScanSettings, found: Environment, *, with_pins: bool) -> list[str]:
    """What requirements.txt names, with the files that it includes."""
    if _TOP not in settings.tracked:
        return []
    read = requirements.read(settings.tree, settings.tracked, found.markers, [_TOP])
    pins = [f"{pin.name}=={pin.version}" for pin in read.pins] if with_pins else []
    return [*pins, *read.needed]


def _missing(line: str, found: Environment) -> str:
    try:
        wanted = Requirement(line)
        applies = requirements.is_for(wanted, found.markers)
    except InvalidRequirement:
        name = _NAME.match(line)  # the rest may hold an address with a password
        return f"{name[0] if name else 'a dependency'} cannot be read and so not looked for"
    if not applies:
        return ""
    package = found.packages.get(canonicalize_name(wanted.name))
    if package is None:
        return f"{wanted.name} is not installed"
    if wanted.specifier and not wanted.specifier.contains(package.version, prereleases=True):
        return f"{wanted.name} {package.version} is installed and not {wanted.specifier}"
    return ""
