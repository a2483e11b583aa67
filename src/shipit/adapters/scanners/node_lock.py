"""npm's lock, read by shipit itself: what a project of Node is made of."""

import json
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shipit.adapters.scanners.running import Unreadable

LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
"""As npm looks for them: the first one counts."""

_OTHERS = ("yarn.lock", "pnpm-lock.yaml", "bun.lock")
_KINDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_MODULES = "node_modules/"
_SPARE = ("optional", "peer", "devOptional")
"""Marks of packages that npm may leave out."""


def folders(tree: Path, tracked: Sequence[str]) -> list[str]:
    """Give the folders with a lock, and those that no lock is for though their package.json names dependencies."""
    locked = {posixpath.dirname(file) for file in tracked if posixpath.basename(file) in LOCKS}
    packages = {posixpath.dirname(file) for file in tracked if posixpath.basename(file) == "package.json"}
    unlocked = (folder for folder in packages if not any(_is_for(tree, tracked, top, folder) for top in locked))
    alone = {folder for folder in unlocked if _needs_something(tree / folder / "package.json")}
    empty = {folder for folder in locked if _is_empty(tree, tracked, folder)}
    return sorted(folder for folder in (locked - empty) | alone if _MODULES not in f"{folder}/")


def _is_for(tree: Path, tracked: Sequence[str], top: str, folder: str) -> bool:
    """Tell whether a lock in `top` has `folder` in it, as a workspace; one that cannot be read may."""
    if folder == top:
        return True
    if top and not folder.startswith(f"{top}/"):
        return False
    try:
        return posixpath.relpath(folder, top or ".") in _entries(tree, tracked, top)
    except Unreadable:
        return True


def _needs_something(package: Path) -> bool:
    """Tell whether a package.json names dependencies; one that cannot be read may."""
    try:
        found = json.loads(package.read_bytes())
        return any(found.get(kind) for kind in _KINDS)
    except (OSError, ValueError, AttributeError):
        return True


def _is_empty(tree: Path, tracked: Sequence[str], folder: str) -> bool:
    """Tell whether a lock can be read and has no package in it, and package.json names none."""
    try:
        return not read(tree, tracked, folder) and not _needs_something(tree / folder / "package.json")
    except Unreadable:
        return False


def read(tree: Path, tracked: Sequence[str], folder: str) -> frozenset[tuple[str, str]]:
    """Read name and version of every package in the lock of a folder; raises Unreadable if there is none.

    An optional or peer package that nothing in the lock needs any more is left out: npm does not install it.
    """
    entries = _entries(tree, tracked, folder)
    needed = _needed(entries)
    return frozenset(
        _part(path, entry)
        for path, entry in entries.items()
        if _MODULES in path and not entry.get("link") and (path in needed or not any(map(entry.get, _SPARE)))
    )


def _needed(entries: Mapping[str, Any]) -> set[str]:
    """Give the places that the project and its workspaces lead to, from one package to those that it names."""
    left = [path for path in entries if _MODULES not in path]
    found = set(left)
    while left:
        path = left.pop()
        tables = [entries[path].get(kind) for kind in _KINDS]
        names = [name for some in tables if isinstance(some, dict) for name in some]
        for place in (_resolved(entries, path, name) for name in names):
            if place and place not in found:
                found.add(place)
                left.append(place)
    return found


def _resolved(entries: Mapping[str, Any], path: str, name: str) -> str:
    """Find a package as Node does, in the nearest node_modules above; empty if it is nowhere."""
    while True:
        place = posixpath.join(path, _MODULES + name)
        if place in entries:
            return place
        if not path:
            return ""
        path = posixpath.dirname(path)


def _entries(tree: Path, tracked: Sequence[str], folder: str) -> Mapping[str, Any]:
    """Read what the lock of a folder has in it, by place; raises Unreadable if there is none."""
    names = [name for name in LOCKS if posixpath.join(folder, name) in tracked]
    if not names:
        other = next((name for name in _OTHERS if posixpath.join(folder, name) in tracked), None)
        raise Unreadable(f"npm does not read {other}" if other else "package.json has no tracked lock")
    try:
        found = json.loads((tree / folder / names[0]).read_bytes())["packages"]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    if isinstance(found, dict) and all(isinstance(entry, dict) for entry in found.values()):
        return found
    raise Unreadable(f"{names[0]} has no `packages`: npm 7 or newer writes them")


def _part(path: str, entry: Mapping[str, Any]) -> tuple[str, str]:
    """An alias has its true name in the entry; the path has other names."""
    return str(entry.get("name") or path.rpartition(_MODULES)[2]), str(entry.get("version", ""))
