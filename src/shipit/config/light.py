"""The configuration of light commands, read without the tables where only a few usual keys are set.

Importing the tables takes as long as the rest of such a command. Here only values are accepted that are certainly
right; everything else is left to the tables, which also report what is wrong.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct, field

from shipit.config import sources
from shipit.config.mistake import is_table
from shipit.config.pyproject import default_files, version_mistakes
from shipit.config.sources import DEFAULT_FILES, Documents

if TYPE_CHECKING:
    from shipit.config.tables import Config


class Branches(Struct, frozen=True):
    """The key of [tool.shipit.branches] that light commands use."""

    remote: str = "origin"


class Versioning(Struct, frozen=True, kw_only=True):
    """The keys of [tool.shipit.version] that light commands use."""

    files: tuple[str, ...] = DEFAULT_FILES
    tag_format: str = "v{version}"
    initial: str = "0.1.0"
    major_on_zero: bool = False
    commit_style: str = "conventional"
    squash_bodies: bool = True
    minor_types: tuple[str, ...] = ("feat",)
    patch_types: tuple[str, ...] = ("fix", "perf")


def _sections() -> dict[str, str]:
    return {
        "feat": "Features",
        "fix": "Fixes",
        "perf": "Performance",
        "revert": "Reverted",
        "docs": "Documentation",
    }


class Changelog(Struct, frozen=True, kw_only=True):
    """The keys of [tool.shipit.changelog] that light commands use."""

    style: str = "keep-a-changelog"
    template: None = None
    sections: Mapping[str, str] = field(default_factory=_sections)


class Forge(Struct, frozen=True):
    """The keys of [tool.shipit.forge] that light commands use."""

    kind: str = "auto"
    repository: str | None = None


class Light(Struct, frozen=True, kw_only=True):
    """The part of a Config that light commands use, with the same names and defaults."""

    branches: Branches = Branches()
    version: Versioning = Versioning()
    changelog: Changelog = Changelog()
    forge: Forge = Forge()


def load(start: Path) -> "tuple[Path, Config]":
    """Like `loading.load`, but the Config is a Light where the few keys known here are enough; raises the same."""
    top = sources.find_top(start)
    found = read(sources.read_from(start, top))
    if found is None:
        from shipit.config import loading  # noqa: PLC0415 - imports the tables

        return loading.load(start)
    return top, cast("Config", found)


def read(documents: Documents) -> Light | None:
    """The configuration; None if it has other keys or values than are known here, or another tool's table."""
    raw = documents.own.raw
    files, _ = default_files(documents)
    if not is_table(raw) or documents.has_peers or any(version_mistakes(documents, files)):
        return None
    known = {f"{name}.{key}": value for name, inner in raw.items() for key, value in _items(inner)}
    if not all(key in _ACCEPTED and _ACCEPTED[key](value) for key, value in known.items()):
        return None
    return Light(
        version=Versioning(
            files=files,
            tag_format=known.get("version.tag-format", "v{version}"),
            major_on_zero=known.get("version.major-on-zero", False),
            squash_bodies=known.get("version.squash-bodies", True),
        ),
        changelog=Changelog(style=known.get("changelog.style", "keep-a-changelog")),
        forge=Forge(kind=known.get("forge.kind", "auto"), repository=known.get("forge.repository")),
    )


def _items(inner: object) -> list[tuple[str, Any]]:
    """The items of a table; for an empty one and for any other value one item with an unknown key."""
    return list(inner.items()) if is_table(inner) and inner else [("", inner)]


def _is_tag_format(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(?:\w[\w/-]*)?\{version\}[\w/-]*", value, re.ASCII) is not None


def _is_slug(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w-]+/[\w-]+", value, re.ASCII) is not None


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _one_of(*words: str) -> Callable[[object], bool]:
    return words.__contains__


_ACCEPTED: Mapping[str, Callable[[object], bool]] = {
    "branches.follow": _one_of("auto", "always", "never"),  # about what comes after a release: not used here
    "version.tag-format": _is_tag_format,
    "version.major-on-zero": _is_bool,
    "version.squash-bodies": _is_bool,
    "changelog.style": _one_of("keep-a-changelog", "conventional"),
    "forge.kind": _one_of("auto", "github", "none"),
    "forge.repository": _is_slug,
}
