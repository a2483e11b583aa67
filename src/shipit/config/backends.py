"""Where each build backend takes a version from that pyproject.toml calls dynamic, or has no [project] for."""

import posixpath
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from shipit.config import regular_source
from shipit.config.modules import VERSION, attribute_place, file_place, in_file, in_module
from shipit.config.place import Place, from_tags, unknown, written
from shipit.config.sources import PYPROJECT, Documents, table

NOWHERE = Place(reason=f"no [project] in {PYPROJECT}")
"""No file says that there is a project."""
_TAG_PLUGINS = (
    "setuptools-scm",
    "setuptools-git-versioning",
    "versioningit",
    "versioneer",
    "pbr",
    "vcs-versioning",
)
"""Plugins of setuptools that take the version from the tag once they are installed, by their names on the index."""
_TAG_SOURCES = {"vcs", "uv-dynamic-versioning", "versioningit"}
"""Sources of hatch that take it from the tag."""

_DEPTH = 5
"""So many folders, a crate's own among them, may hold its workspace."""


def dynamic_place(documents: Documents) -> Place:
    """The place of a version that [project] calls dynamic."""
    backend = str(table(documents.pyproject or {}, "build-system").get("build-backend") or "setuptools.build_meta")
    for start, find in _BACKENDS.items():
        if backend.startswith(start):
            return find(documents)
    return unknown(f"the build backend {backend} is not known to shipit")


def place_without_project(documents: Documents) -> Place:
    """The place of a version where there is no [project]."""
    if documents.tool("poetry"):
        return _poetry(documents)
    if flit := table(documents.tool("flit"), "metadata"):
        return in_module(str(flit.get("module", "")), VERSION, documents.text, "tool.flit.metadata.module")
    return _of_setuptools(documents) or NOWHERE


def requirements(documents: Documents) -> set[str]:
    """What the project needs to be built, by normal names."""
    listed = table(documents.pyproject or {}, "build-system").get("requires", ())
    names = (re.match(r"[\w.-]+", str(one).strip()) for one in listed if isinstance(listed, list))
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


def _hatch(documents: Documents) -> Place:
    version = table(documents.tool("hatch"), "version") or table(_toml(documents.text("hatch.toml")), "version")
    source, key = str(version.get("source", "regex")), "tool.hatch.version"
    if source in _TAG_SOURCES:
        return from_tags(f"{key}.source = {source}")
    path, expression = str(version.get("path", "")), str(version.get("expression", VERSION))
    if source == "nodejs":
        return written(f"{path or 'package.json'}:version", f"{key}.source = nodejs")
    is_plain = source in {"regex", "regex_commit"} or (source == "code" and expression.isidentifier())
    if not is_plain:
        return unknown(f'{key} has source = "{source}"' + f', expression = "{expression}"' * (source == "code"))
    if not path:
        return unknown(f"{key}.path is not set")
    if source == "code":
        return in_file(path, documents.text, f"{key}.path", (expression,))
    return regular_source.place(
        path, version.get("pattern"), documents.text, f"{key}.path", usual=regular_source.HATCHLING
    )


def _setuptools(documents: Documents) -> Place:
    return _of_setuptools(documents) or unknown("neither tool.setuptools.dynamic nor setup.cfg nor setup.py has it")


def _of_setuptools(documents: Documents) -> Place | None:
    own, key = documents.tool("setuptools"), "tool.setuptools.dynamic.version"
    version, where = table(own, "dynamic", "version"), table(own, "packages", "find").get("where")
    found_in = {"": where[0]} if isinstance(where, list) and len(where) == 1 and isinstance(where[0], str) else {}
    folders = found_in | table(own, "package-dir")
    if isinstance(attribute := version.get("attr"), str):
        return attribute_place(attribute, documents.text, f"{key}.attr", folders)
    file = version.get("file")
    if isinstance(file, list) and len(file) == 1:
        file = file[0]
    if isinstance(file, str):
        return file_place(file, documents.text, f"{key}.file")
    if file is not None:
        return unknown(f"{key}.file names several files")
    known = requirements(documents) | {name.replace("_", "-") for name in table(documents.pyproject or {}, "tool")}
    plugin = next((one for one in _TAG_PLUGINS if one in known), None)
    if plugin:
        return from_tags(plugin)
    from shipit.config.setup_files import setup_place  # noqa: PLC0415 - reading Python takes as long as a light command

    return setup_place(documents.text)


def _pdm(documents: Documents) -> Place:
    version, key = table(documents.tool("pdm"), "version"), "tool.pdm.version"
    source = version.get("source")
    if source == "scm" or version.get("use_scm") is True:
        return from_tags(f"{key}.source = scm")
    path = version.get("path" if source == "file" else "from")
    if isinstance(path, str):
        pattern = version.get("pattern") if source == "file" else None
        return regular_source.place(
            path, pattern, documents.text, f"{key}.path", usual=regular_source.PDM, groups=(1,)
        )
    return unknown(f'{key} has source = "{source}"' if source else f"{key} is not set")


def _poetry(documents: Documents) -> Place:
    """Poetry's own table, unless a plugin puts the version of the tag there for the time of a build."""
    if documents.tool("poetry-dynamic-versioning").get("enable") is True:
        return from_tags("poetry-dynamic-versioning")
    if "version" in documents.tool("poetry"):
        return written(f"{PYPROJECT}:tool.poetry.version", f"{PYPROJECT} tool.poetry.version")
    return unknown("tool.poetry.version is not set")


def _flit(documents: Documents) -> Place:
    name = (documents.project or {}).get("name", "")
    module = table(documents.tool("flit"), "module").get("name") or str(name).replace("-", "_")
    return in_module(str(module), VERSION, documents.text, "flit's module")


def _maturin(documents: Documents) -> Place:
    """The package in Cargo.toml, or the workspace that it is a member of."""
    manifest = str(documents.tool("maturin").get("manifest-path", "Cargo.toml"))
    version = table(_toml(documents.text(manifest)), "package").get("version")
    if isinstance(version, str):
        return written(f"{manifest}:package.version", manifest)
    inherits = isinstance(version, dict) and version.get("workspace") is True
    for steps in range(_DEPTH if inherits else 0):
        above = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), "../" * steps, "Cargo.toml"))
        if isinstance(table(_toml(documents.text(above)), "workspace", "package").get("version"), str):
            return written(f"{above}:workspace.package.version", above)
    return unknown(f"{manifest} has no package.version, nor has a workspace around it")


def _meson(documents: Documents) -> Place:
    text = documents.text("meson.build") or ""
    found = re.search(
        r"""^[ \t]*project[ \t]*\([^#]*?(?<![\w])version[ \t]*:[ \t]*(["'])v?\d[^"'\n]*\1""", text, re.MULTILINE
    )
    return (
        written("meson.build:version", "meson.build") if found else unknown("meson.build has no version: '1.2.3'")
    )


def _scikit_build(documents: Documents) -> Place:
    version, key = (
        table(documents.tool("scikit-build"), "metadata", "version"),
        "tool.scikit-build.metadata.version",
    )
    provider = str(version.get("provider", ""))
    if provider.endswith("setuptools_scm"):
        return from_tags(f"{key}.provider")
    if provider == "scikit_build_core.metadata.regex" and isinstance(version.get("input"), str):
        return regular_source.place(
            version["input"],
            version.get("regex"),
            documents.text,
            f"{key}.input",
            usual=regular_source.SCIKIT_BUILD,
        )
    return unknown(f'{key} has provider = "{provider}"' if provider else f"{key}.provider is not set")


def _uv(_: Documents) -> Place:
    return unknown("uv_build takes no dynamic version: write project.version")


def _toml(text: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text or "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


_BACKENDS: Mapping[str, Callable[[Documents], Place]] = {
    "hatchling": _hatch,
    "setuptools": _setuptools,
    "pdm.": _pdm,
    "poetry": _poetry,
    "flit": _flit,
    "maturin": _maturin,
    "mesonpy": _meson,
    "scikit_build_core": _scikit_build,
    "uv_build": _uv,
}
"""By what `build-backend` begins with."""
