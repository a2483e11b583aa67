"""What Python projects need without a [project] at the top: Poetry's table, a Pipfile, a pyproject.toml below."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from shipit.adapters.scanners.pyproject import FILE, Pyproject
from shipit.scans.settings import ScanSettings

_PIPFILE = "Pipfile"
_CONDITIONS = frozenset({"optional", "markers", "python", "platform", "sys_platform", "platform_system", "os_name"})
"""Keys of a dependency that need not be installed here."""


def places(settings: ScanSettings) -> list[str]:
    """The tracked files that name dependencies of Python projects in another way than the top's [project]."""
    files = [file for file in settings.tracked if posixpath.basename(file) == FILE and _named(settings, file)]
    return [*files, *([_PIPFILE] if _PIPFILE in settings.tracked else [])]


def needed(settings: ScanSettings) -> list[str]:
    """What these files name, as requirements; of Poetry and Pipfile the names alone: versions are no PEP 440."""
    return [line for file in places(settings) for line in _named(settings, file)]


def _named(settings: ScanSettings, file: str) -> list[str]:
    found = Pyproject.read(settings, file)
    if posixpath.basename(file) == _PIPFILE:
        return list(_names(found.tables.get("packages")))
    return [*(found.dependencies or ()), *_names(found.tool("poetry").get("dependencies"))]


def _names(table: Any) -> Iterator[str]:
    """Names that must be installed whatever the machine is."""
    for name, wanted in table.items() if isinstance(table, Mapping) else ():
        is_plain = isinstance(wanted, str) or (isinstance(wanted, Mapping) and not _CONDITIONS & wanted.keys())
        if is_plain and name != "python":
            yield str(name)
