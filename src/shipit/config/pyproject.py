"""Name and version as pyproject.toml's [project] has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipit.config.mistake import Mistake
from shipit.config.paths import plain_locations
from shipit.config.sources import DEFAULT_FILES, PYPROJECT, Documents, read_toml, table
from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.config.tables import Config  # light commands do without the tables


def project_name(top: Path, config: "Config") -> str:
    """The name on the index: the configured one, else project.name; raises UsageError if there is neither."""
    name = config.name or table(read_toml(top / PYPROJECT) or {}, "project").get("name")
    if isinstance(name, str) and name:
        return name
    raise UsageError(
        "the project has no name",
        where=PYPROJECT,
        evidence=["neither project.name nor tool.shipit.name is set"],
        hint=f"set project.name in {PYPROJECT}",
    )


def default_files(documents: Documents) -> tuple[tuple[str, ...], str]:
    """Where the version is written if version.files is not set, and the reason."""
    project = documents.project
    if project is None:
        if "version" in documents.tool("poetry"):
            return (f"{PYPROJECT}:tool.poetry.version",), f"{PYPROJECT} tool.poetry.version"
        return (), f"no [project] in {PYPROJECT}"
    if _leaves_version_to_backend(project):
        return (), "project.version is dynamic"
    return DEFAULT_FILES, "default"


def version_mistakes(documents: Documents, files: Any) -> Iterator[Mistake]:
    """The mistake of naming project.version in version.files where pyproject.toml has none."""
    project = documents.project or {}
    if DEFAULT_FILES[0] not in plain_locations(files) or "version" in project:
        return
    if _leaves_version_to_backend(project):
        wanted = "where the version is written, or an empty list if only the tag holds it"
        what = f"expected {wanted}; found {DEFAULT_FILES[0]}, which is dynamic"
    else:
        wanted = f"`version` in [project] of {PYPROJECT}, or version.files to name other locations"
        what = f"expected {wanted}; found no version in {PYPROJECT}"
    yield Mistake(key="version.files", what=what)


def _leaves_version_to_backend(project: dict[str, Any]) -> bool:
    dynamic = project.get("dynamic")
    return "version" not in project and isinstance(dynamic, list) and "version" in dynamic
