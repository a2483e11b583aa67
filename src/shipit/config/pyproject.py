"""What pyproject.toml's [project] says about name and version."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipit.config.mistake import Mistake
from shipit.config.sources import DEFAULT_FILES, PYPROJECT, Documents, parse_toml, read_toml, table
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


def is_dynamic(pyproject_text: str) -> bool:
    """Whether project.version is left to the build backend; raises UsageError for malformed TOML."""
    return _leaves_version_to_backend(table(parse_toml(pyproject_text, PYPROJECT), "project"))


def default_files(documents: Documents) -> tuple[tuple[str, ...], str]:
    """The places that hold the version where nobody names them, and the reason."""
    project = documents.project
    if project is None:
        if "version" in documents.tool("poetry"):
            return (f"{PYPROJECT}:tool.poetry.version",), f"{PYPROJECT} tool.poetry.version"
        return (), f"no [project] in {PYPROJECT}"
    if _leaves_version_to_backend(project):
        return (), "project.version is dynamic"
    return DEFAULT_FILES, "default"


def version_mistakes(documents: Documents, files: Any) -> Iterator[Mistake]:
    """version.files names project.version, and pyproject.toml does not hold it."""
    project = documents.project or {}
    if not isinstance(files, list | tuple) or DEFAULT_FILES[0] not in files or "version" in project:
        return
    if _leaves_version_to_backend(project):
        wanted = "a place that holds the version, or an empty list: the tag alone holds it"
        yield Mistake("version.files", f"expected {wanted}; found {DEFAULT_FILES[0]}, which is dynamic")
    else:
        wanted = f"`version` in [project] of {PYPROJECT}, or version.files to name other places"
        yield Mistake("version.files", f"expected {wanted}; found no version in {PYPROJECT}")


def _leaves_version_to_backend(project: dict[str, Any]) -> bool:
    dynamic = project.get("dynamic")
    return "version" not in project and isinstance(dynamic, list) and "version" in dynamic
