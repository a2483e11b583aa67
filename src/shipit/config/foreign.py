"""Keys of python-semantic-release and commitizen, used where shipit's own key is not set."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from shipit.config import foreign_commitizen, foreign_semantic_release
from shipit.config.checking import key_mistakes
from shipit.config.foreign_keys import LISTS, Found, Unable
from shipit.config.sources import DEFAULT_FILES, PEERS, PYPROJECT, Documents, Source

_DEFAULTS = {"semantic_release": foreign_semantic_release.DEFAULTS, "commitizen": foreign_commitizen.DEFAULTS}


class Taken(Struct, frozen=True, kw_only=True):
    """shipit's key, the value for it, and the tool whose configuration has it."""

    key: str
    value: Any
    origin: str


class NotTaken(Struct, frozen=True):
    """A key of another tool that has no effect here, and why.

    `settles` is the key of shipit's that decides instead, where something comes out differently; else empty.
    """

    key: str
    why: str
    settles: str = ""


def take_over(documents: Documents, own: Collection[str]) -> tuple[list[Taken], list[NotTaken]]:
    """The values that are used and the keys that are not; `own` are the keys that shipit's own table sets."""
    taken: dict[str, Taken] = {}
    ignored: list[NotTaken] = []
    peers = {name: source for name in PEERS if (source := documents.peer(name)) is not None}
    for tool, source in peers.items():
        for found in _found(tool, source, documents):
            one = Taken(key=found.key, value=found.value, origin=tool)
            if why := found.why if not found.key else _objection(one, own, taken, documents):
                ignored.append(
                    NotTaken(_place(source, found.name), why, _settles(found, why, own, taken.get(one.key)))
                )
            else:
                taken[one.key] = _added(taken.get(one.key), one)
    for tool in peers:
        for key, value in _DEFAULTS[tool].items():
            if key not in own:
                taken.setdefault(key, Taken(key=key, value=value, origin=f"default of {tool}"))
    return list(taken.values()), ignored


def _found(tool: str, source: Source, documents: Documents) -> Iterator[Found]:
    project = documents.project or {}
    is_commitizen = tool == "commitizen"
    return (
        foreign_commitizen.found(source, project)
        if is_commitizen
        else foreign_semantic_release.found(source, project)
    )


def _place(source: Source, name: str) -> str:
    """A key with its full dotted path, and the file unless it is pyproject.toml."""
    return f"{source.prefix}.{name}" if source.file == PYPROJECT else source.locate(name)


def _objection(one: Taken, own: Collection[str], taken: Mapping[str, Taken], documents: Documents) -> str | None:
    """Why this value is not used; None if it is."""
    before = taken.get(one.key)
    if isinstance(one.value, Unable):
        return one.value.why
    if one.key in own:
        return f"shipit's own {one.key} wins"
    if before and (before.origin != one.origin or one.key not in LISTS):
        return f"{one.key} is taken from {before.origin} already"
    if found := key_mistakes([one.value] if one.key in LISTS else one.value, one.key):
        return found[0].what
    if one.value == DEFAULT_FILES[0] and "version" not in (documents.project or {}):
        return _NO_VERSION
    return None


_NO_VERSION = f"{PYPROJECT} has no project.version"


def _settles(found: Found, why: str, own: Collection[str], before: Taken | None) -> str:
    """The key to name wherever a version is decided; empty where nothing comes out differently."""
    if not found.key:
        return "" if any(_sets(key, own) for key in re.split(" and | or ", found.settles)) else found.settles
    same = before is not None and (
        found.value in before.value if before.key in LISTS else found.value == before.value
    )
    return "" if found.key in own or why == _NO_VERSION or same else found.key


def _sets(key: str, own: Collection[str]) -> bool:
    """Whether one of shipit's own keys is this one; NAME is any."""
    start, is_any, _ = key.partition("NAME")
    return any(one.startswith(start) for one in own) if is_any else key in own


def _added(before: Taken | None, one: Taken) -> Taken:
    """`one`, for a list with the places before it, each of them once."""
    if one.key not in LISTS:
        return one
    places = before.value if before else []
    return Taken(key=one.key, value=list(dict.fromkeys([*places, one.value])), origin=one.origin)
