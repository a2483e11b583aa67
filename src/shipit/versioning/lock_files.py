"""Lock files that repeat the version of a version file: uv's, Cargo's and npm's, beside it or in a folder above."""

import copy
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from shipit.errors import Refused, UsageError
from shipit.versioning.files import VersionLocation, loaded, parse_location, read_version, refused, replaced
from shipit.versioning.number import written

Read = Callable[[str], str | None]
"""The text of a file, by its path from the top; None if there is no such file."""
Rewrite = Callable[[str], str]
"""The text of a lock file with the new version in the entries that repeat it."""


def rewrites(locations: Sequence[str], read: Read, version: str) -> Iterator[tuple[str, Rewrite]]:
    """Each lock file that may be there, with what puts a SemVer version into its entries for a location."""
    for location in locations:
        where = parse_location(location)
        names, rewrite = _kind(where, read)
        home = posixpath.dirname(where.path)
        for folder in _and_above(home):
            for name in names:
                path = posixpath.join(folder, name)
                source = posixpath.relpath(home or ".", folder or ".")
                yield path, partial(rewrite, VersionLocation(path, ""), source, version)


_Kind = tuple[tuple[str, ...], Callable[[VersionLocation, str, str, str], str]]


def _kind(where: VersionLocation, read: Read) -> _Kind:
    """The names of the lock files that repeat a location, and what rewrites one of them."""
    match posixpath.basename(where.path), where.key:
        case "pyproject.toml", "project.version":
            return ("uv.lock",), partial(_uv, where, read)
        case "Cargo.toml", "package.version" | "workspace.package.version":
            return ("Cargo.lock",), partial(_cargo, where, read)
        case "package.json", "version":
            return ("package-lock.json", "npm-shrinkwrap.json"), _npm
    return (), _npm


def _and_above(folder: str) -> list[str]:
    """A folder, then those that it lies in, up to the top, which is empty."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _uv(where: VersionLocation, read: Read, lock: VersionLocation, source: str, version: str, text: str) -> str:
    """The lock beside a project must have an entry for it, one further up may be that of another project."""
    data, name = loaded(lock, text), _normal(_toml(where.path, read).get("project", {}).get("name"))
    entries = enumerate(data.get("package", ()))
    found = [number for number, one in entries if _lies_in(source, one) and _normal(one.get("name")) == name]
    if len(found) > 1 or (not found and source == "."):
        place = VersionLocation(lock.path, f"package.{name}.version")
        raise refused(place, f"{len(found)} entries of {name} in this folder", "run `uv lock` and commit it")
    return _with_entries(lock, text, data, {number: written(version) for number in found})


def _lies_in(folder: str, entry: dict[str, Any]) -> bool:
    source = entry.get("source", {})
    return any(source.get(kind) == folder for kind in ("editable", "virtual", "directory"))


def _normal(name: object) -> str:
    """A name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", str(name)).lower()


def _cargo(where: VersionLocation, read: Read, lock: VersionLocation, _source: str, version: str, text: str) -> str:
    """The entries without a source are packages of this workspace."""
    data = loaded(lock, text)
    entries = enumerate(data.get("package", ()))
    is_own = _of_workspace(where, read) if where.key.startswith("workspace") else _of_package(where, read)
    own = [number for number, entry in entries if "source" not in entry and is_own(entry)]
    return _with_entries(lock, text, data, dict.fromkeys(own, version))


def _of_package(where: VersionLocation, read: Read) -> Callable[[dict[str, Any]], bool]:
    name = _toml(where.path, read).get("package", {}).get("name")
    return lambda entry: bool(entry.get("name") == name)


def _of_workspace(where: VersionLocation, read: Read) -> Callable[[dict[str, Any]], bool]:
    """Whether a package has the version of the workspace: as its manifest says, if it lies where it is named."""
    home, old = posixpath.dirname(where.path), read_version(str(where), read(where.path) or "")
    members = [".", *_toml(where.path, read).get("workspace", {}).get("members", ())]

    def is_own(entry: dict[str, Any]) -> bool:
        name = str(entry.get("name"))
        for pattern in members:
            path = posixpath.normpath(posixpath.join(home, pattern.replace("*", name), "Cargo.toml"))
            package = _toml(path, read).get("package", {})
            if package.get("name") == name:
                return _inherits(package)
        return bool(entry.get("version") == old)

    return is_own


def _inherits(package: dict[str, Any]) -> bool:
    version = package.get("version")
    return isinstance(version, dict) and version.get("workspace") is True


def _toml(path: str, read: Read) -> dict[str, Any]:
    """A TOML file, empty where there is none that can be read."""
    try:
        found: dict[str, Any] = loaded(VersionLocation(path, ""), read(path) or "")
    except (Refused, UsageError):
        return {}
    return found


def _with_entries(lock: VersionLocation, text: str, data: dict[str, Any], new: dict[int, str]) -> str:
    """The text with these versions in the entries of these numbers; one without a version is a dynamic one."""
    wanted = copy.deepcopy(data)
    for number, version in new.items():
        entry = wanted["package"][number]
        if "version" in entry:
            old, entry["version"] = entry["version"], version
            text = replaced(lock, text, (old, version), wanted, _span(text, number))
    return text


def _span(text: str, number: int) -> tuple[int, int]:
    """Where the n-th [[package]] begins and ends."""
    starts = [match.start() for match in re.finditer(r"^\[\[package\]\]", text, re.MULTILINE)]
    return list(pairwise([*starts, len(text)]))[number]


def _npm(lock: VersionLocation, source: str, version: str, text: str) -> str:
    """The version stands at the top and in the entry without a name, or in that of a folder of a workspace."""
    data = loaded(lock, text)
    packages = data.get("packages", {})
    if source == "." and "version" in data:
        text, data = _with_version(lock, text, (data, data, 0), version)
        packages = data.get("packages", {})
    entry = packages.get("" if source == "." else source, {})
    if "version" in entry:
        start = max(text.find('"packages"' if source == "." else f'"{source}"'), 0)
        text, _ = _with_version(lock, text, (data, entry, start), version)
    return text


def _with_version(
    lock: VersionLocation, text: str, found: tuple[dict[str, Any], dict[str, Any], int], version: str
) -> tuple[str, dict[str, Any]]:
    """The text and its data with the version in this entry of the data, which stands from this place on."""
    data, entry, start = found
    old, entry["version"] = entry["version"], version
    return replaced(lock, text, (old, version), data, (start, len(text))), data
