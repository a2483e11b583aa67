"""The keys of commitizen, and what it does where they say nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shipit.config.foreign_bump_map import types
from shipit.config.foreign_keys import FILES, MENTIONS, Found, Unable, inverted, is_line, switch
from shipit.config.mistake import is_table
from shipit.config.paths import plain
from shipit.config.sources import DEFAULT_FILES, PYPROJECT, Source

DEFAULTS: Mapping[str, Any] = {
    "version.tag-format": "{version}",
    "version.major-on-zero": True,
    "version.patch-types": ["fix", "refactor", "perf"],
}
"""What differs from shipit's own defaults: read with another tag format, its old tags would not be found."""

_CUSTOM = "cz_customize"


def found(source: Source, project: Mapping[str, Any]) -> Iterator[Found]:
    """Every key that is written there; `project` is the [project] table."""
    raw = dict(source.raw)
    if "version" in raw and "version_provider" not in raw:
        yield Found(name="version", key=FILES, value=_own_location(source))
    for name, value in raw.items():
        if name == "customize" and is_table(value):
            yield from _customized(raw, value)
        elif name == "version_files":
            for one in value if isinstance(value, list) else [value]:
                yield _place(one, project)
        elif name == "version_provider":
            yield _provider(value, source, project)
        elif name in _COUNTERPARTS:
            key, translate = _COUNTERPARTS[name]
            yield Found(name=name, key=key, value=translate(value))
        elif name != "version":
            yield Found(name=name, settles=_SETTLED.get(name, "") if value else "")


def _own_location(source: Source) -> str:
    """Where commitizen keeps the version itself."""
    key = "version" if source.file.endswith(".yaml") else f"{source.prefix}.version"
    return f"{source.file}:{key}"


def _provider(provider: Any, source: Source, project: Mapping[str, Any]) -> Found:
    name = "version_provider"
    if provider == "scm":
        # commitizen writes no file then; nor does shipit where the version is in tags alone
        return Found(name=name, settles=FILES if "version" in project else "")
    locations = {
        "pep621": DEFAULT_FILES[0],
        "uv": DEFAULT_FILES[0],
        "poetry": f"{PYPROJECT}:tool.poetry.version",
        "cargo": "Cargo.toml:package.version",
        "npm": "package.json:version",
        "composer": "composer.json:version",
        "commitizen": _own_location(source),
    }
    unable = Unable("shipit knows " + ", ".join(locations))
    return Found(name=name, key=FILES, value=locations.get(str(provider), unable))


def _place(written: Any, project: Mapping[str, Any]) -> Found:
    """The version location or the mention of a path, or of `path:regex`, in version_files."""
    name = "version_files"
    if not isinstance(written, str):
        return Found(name=name, key=MENTIONS, value=written)
    path, _, pattern = written.partition(":")
    path, variable = plain(path), pattern.removeprefix("^").rstrip(" =:")
    if not _is_regex(pattern):
        return Found(name=name, key=MENTIONS, value=Unable(f"{pattern} is no regular expression"))
    if any(mark in path for mark in "*?["):
        return Found(
            name=name, key=MENTIONS, value=Unable(f"{path} stands for several files, which shipit wants by name")
        )
    if path == PYPROJECT and variable == "version" and "version" in project:
        return Found(name=name, key=FILES, value=DEFAULT_FILES[0])
    if is_line(path, variable):
        return Found(name=name, key=FILES, value=f"{path}:{variable}")
    return Found(name=name, key=MENTIONS, value=f"{path}:{pattern}" if pattern else path)


def _is_regex(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _customized(raw: Mapping[str, Any], customize: Mapping[str, Any]) -> Iterator[Found]:
    """The rules of cz_customize; commitizen reads them only where `name` asks for them."""
    counts = raw.get("name") == _CUSTOM
    for name in customize:
        full = f"customize.{name}"
        if not counts or name not in {"bump_map", "bump_pattern", "bump_map_major_version_zero"}:
            yield Found(name=full)
        elif name == "bump_map" and not raw.get("major_version_zero"):
            yield from types(full, customize[name])
        else:
            is_read = name == "bump_pattern" and _reads_types(customize[name])
            unread = name == "bump_map_major_version_zero" and not raw.get("major_version_zero")
            yield Found(
                name=full, settles="" if is_read or unread else "version.minor-types and version.patch-types"
            )


def _reads_types(pattern: Any) -> bool:
    """Whether a pattern finds the type of a Conventional Commit at the beginning of a line."""
    return isinstance(pattern, str) and re.fullmatch(r"\^\(*[\w|\\\-+ \[\]]+\)?[^|]*", pattern) is not None


def _rules(name: Any) -> Any:
    known = name in {"cz_conventional_commits", _CUSTOM}
    return "conventional" if known else Unable("shipit reads cz_conventional_commits")


def _dollar_format(tag_format: Any) -> Any:
    """The same with {version}, which stands for the numbers one by one, too."""
    return re.sub(_VERSION, "{version}", tag_format, count=1) if isinstance(tag_format, str) else tag_format


def _spelled(name: str) -> str:
    return rf"\$(?:{name}|\{{{name}\}})"


_NUMBERS = r"\.".join(map(_spelled, ("major", "minor", "patch")))
_VERSION = rf"{_NUMBERS}(?:{_spelled('prerelease')})?(?:{_spelled('devrelease')})?|{_spelled('version')}"


def _keep(value: Any) -> Any:
    return value


_COUNTERPARTS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "name": ("version.commit-style", _rules),
    "tag_format": ("version.tag-format", _dollar_format),
    "changelog_file": ("changelog.file", _keep),
    "major_version_zero": ("version.major-on-zero", inverted),
    "gpg_sign": ("release.sign", switch),
}
_SETTLED: Mapping[str, str] = {
    "legacy_tag_formats": "version.tag-format",
    "post_bump_hooks": "notify.run",
    "pre_bump_hooks": "gates.NAME.run or distribution.run",
}
"""Keys without a counterpart, and what may be set instead."""
