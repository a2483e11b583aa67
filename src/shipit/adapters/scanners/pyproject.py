"""What a tracked pyproject.toml says that scanners need: dependencies, and the options of tools."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from shipit.errors import UsageError
from shipit.scans.settings import ScanSettings

FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Pyproject:
    """The tables of a pyproject.toml; none where git tracks no such file."""

    tables: Mapping[str, Any]

    @classmethod
    def read(cls, settings: ScanSettings, file: str = FILE) -> "Pyproject":
        """Read that of the tree, or another tracked file; raises UsageError if it is not TOML."""
        if file not in settings.tracked:
            return cls({})
        try:
            return cls(tomllib.loads((settings.tree / file).read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} cannot be read: {error}", where=file) from None

    @property
    def project(self) -> Mapping[str, Any]:
        found = self.tables.get("project", {})
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """The name of the project, spelled as indexes compare it; empty if it has none."""
        return canonicalize_name(str(self.project.get("name", "")))

    @property
    def dependencies(self) -> Sequence[str] | None:
        """What [project] says it needs; None if that is decided when it is built, or there is no [project].

        Raises UsageError if it is no list.
        """
        if not self.project or "dependencies" in listed(self.project, "dynamic"):
            return None
        return [str(line) for line in listed(self.project, "dependencies")]

    def tool(self, name: str) -> Mapping[str, Any]:
        """The options of a tool; empty if there are none."""
        tools = self.tables.get("tool", {})
        found = tools.get(name, {}) if isinstance(tools, dict) else {}
        return found if isinstance(found, dict) else {}


def listed(table: Mapping[str, Any], key: str) -> Sequence[Any]:
    """The list that a key of a table holds, empty without one; raises UsageError if it is no list."""
    found = table.get(key, [])
    if isinstance(found, list):
        return found
    raise UsageError(f"`{key}` is no list", where=FILE)
