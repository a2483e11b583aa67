"""Name and version as a project's own files have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipit.config import sources
from shipit.config.mistake import Mistake
from shipit.config.paths import plain_locations
from shipit.config.place import Place, seen_from_top
from shipit.config.sources import DEFAULT_FILES, PYPROJECT, Documents, table
from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.config.tables import Config  # light commands do without the tables


def project_name(top: Path, config: "Config") -> str:
    """The name on the index: the configured one, else that of the project; raises UsageError if there is none."""
    name = config.name or own_name(sources.read(top))
    if name:
        return name
    is_there = (top / PYPROJECT).exists()
    what = "neither project.name nor tool.shipit.name is set" if is_there else f"there is no {PYPROJECT} at the top"
    has_table = sources.read(top).project is not None
    own = f'name = "NAME" in {sources.OWN}, or below [tool.shipit]'
    below, hint = _project_below(top), f"set project.name in {PYPROJECT}" if has_table else f"set {own}"
    evidence = [what]
    if below:
        package = next((name for name, one in config.packages.items() if one.path == below), "")
        evidence.append(f"{below}/{PYPROJECT} was not read: {package or 'no package'} has that path")
        hint = _as_package(below, package)
    raise UsageError("the project has no name", where=PYPROJECT, evidence=evidence, hint=hint)


def _as_package(folder: str, package: str) -> str:
    """What to do for the project in a folder, which may be a package already."""
    if package:
        return f"name the package: --package {package}"
    name = folder.rpartition("/")[2]
    return f'write [tool.shipit.packages.{name}] with path = "{folder}", then name it: --package {name}'


def own_name(documents: Documents) -> str:
    """The name that a project gives itself, in whatever file; empty where it has none."""
    flit = table(documents.tool("flit"), "metadata")
    inside = (
        documents.project or {},
        documents.tool("poetry"),
        {"name": flit.get("dist-name") or flit.get("module")},
    )
    for name in (one.get("name") for one in inside):
        if isinstance(name, str) and name:
            return name
    if documents.project is not None:
        return ""
    from shipit.config.setup_files import setup_name  # noqa: PLC0415 - few projects have these files alone

    return setup_name(documents.text)


def _project_below(top: Path) -> str:
    """The first folder below the top with a project that has a name; empty without one."""
    from shipit.config.folders import projects  # noqa: PLC0415 - needed only where there is a mistake

    return next((folder for folder in projects(top) if own_name(sources.read_package(top / folder))), "")


def default_files(documents: Documents) -> tuple[tuple[str, ...], str]:
    """Where the version is written if version.files is not set, and the reason."""
    place = version_place(documents)
    return place.files, place.reason


def version_place(documents: Documents, folder: str = "") -> Place:
    """Where the project's own files say that the version is, seen from the top of the repository."""
    project = documents.project
    if project is not None and not _leaves_version_to_backend(project):
        return seen_from_top(Place(files=DEFAULT_FILES, reason="default"), folder)
    from shipit.config import backends  # noqa: PLC0415 - most projects have their version in [project]

    found = backends.place_without_project(documents) if project is None else backends.dynamic_place(documents)
    return seen_from_top(found, folder)


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
