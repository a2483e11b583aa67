"""The keys of python-semantic-release, and what it does where they say nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shipit.config.foreign_keys import FILES, MENTIONS, Found, Unable, is_line, switch
from shipit.config.mistake import dotted, is_table
from shipit.config.paths import plain
from shipit.config.sources import DEFAULT_FILES, PYPROJECT, Source, table

DEFAULTS: Mapping[str, Any] = {
    "version.tag-format": "v{version}",
    "version.initial": "1.0.0",
    "version.major-on-zero": True,
    "version.minor-types": ["feat"],
    "version.patch-types": ["fix", "perf"],
}
"""Used where its table says nothing, and before those of a tool that comes after it."""

_STYLES = ("conventional", "angular", "emoji", "scipy")
_BUILDS = r"(?:(?:\S*python3? -m|uv|poetry|hatch|pdm|flit) build(?: -[\w-]+)*)?"
"""commands after which the files are those that shipit builds itself"""
_PREPARES = (
    r"(?:\S*python3? -m )?(?:uv )?pip install(?: -[\w-]+| [\"']?(?:build|uv|poetry|hatch|pdm|flit|pip)\b[^ ]*)+"
    r"|uv lock(?: --upgrade-package \S+| -P \S+| --offline)*|git add uv\.lock"
)
"""commands before them whose effect shipit has without them: a tool that builds, a lock file in step"""
_LOCK_FILES = frozenset({"uv.lock", "Cargo.lock", "package-lock.json", "CHANGELOG.md"})


def found(source: Source, project: Mapping[str, Any]) -> Iterator[Found]:
    """Every key that is written there; `project` is the [project] table."""
    raw = dict(source.raw)
    group = _final_group(raw)
    for name, value in _flat(raw):
        if name.startswith("commit_parser_options."):
            yield _parser_option(raw, name, value)
        elif group and name == dotted("branches", group, "match"):
            yield _main_branch(name, value)
        elif name in {"version_toml", _VARIABLES}:
            yield from (_place(name, one, raw, project) for one in (value if isinstance(value, list) else [value]))
        elif name in _COUNTERPARTS:
            key, translate = _COUNTERPARTS[name]
            yield Found(name=name, key=key, value=translate(value))
        else:
            is_harmless = name not in _SETTLED or _SETTLED[name][1](value)
            yield Found(name=name, settles="" if is_harmless else _SETTLED[name][0])


def group_of(source: Source, branch: str) -> tuple[str, Mapping[str, Any]] | None:
    """The group of branches whose settings count on this branch: the first whose pattern matches its beginning."""
    groups = table(dict(source.raw), "branches") or {"main": {}}
    for name, one in groups.items():
        pattern = one.get("match", "(main|master)") if is_table(one) else None
        if isinstance(pattern, str) and _matches(".*" if pattern == "*" else pattern, branch):
            return name, one
    return None


def _main_branch(name: str, match: Any) -> Found:
    """The branch of final releases; a pattern that has shipit's default in it changes nothing."""
    branch = plain_branch(match)
    if isinstance(branch, Unable) and isinstance(match, str) and _matches(match, "main"):
        return Found(name=name, why=branch.why)
    return Found(name=name, key="branches.main", value=branch)


def plain_branch(match: Any) -> Any:
    """The one branch that a pattern means."""
    is_plain = isinstance(match, str) and re.fullmatch(r"\^?[\w/-]+(\.[\w/-]+)*\$?", match)
    return match.strip("^$") if is_plain else Unable("a pattern, not the name of one branch")


def _matches(pattern: str, branch: str) -> bool:
    try:
        return re.match(pattern, branch) is not None
    except re.error:
        return False


def _flat(raw: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        if is_table(value):
            yield from _flat(value, dotted(at, name))
        else:
            yield dotted(at, name), value


def _final_group(raw: dict[str, Any]) -> str | None:
    """The group of branches for final releases, whatever its name is."""
    groups = table(raw, "branches")
    final = [name for name, one in groups.items() if is_table(one) and one.get("prerelease") is not True]
    plain_ones = [name for name in final if not isinstance(plain_branch(groups[name].get("match")), Unable)]
    return "main" if "main" in final else next(iter(plain_ones), None)


def _parser_option(raw: dict[str, Any], name: str, value: Any) -> Found:
    """The types of commits; the marks of emoji and scipy are no types, and are read as they are by default."""
    option = name.partition(".")[2]
    marks = raw.get("commit_parser", "conventional") not in {"conventional", "angular"}
    if option == "parse_squash_commits":
        return Found(name=name, key="version.squash-bodies", value=value)
    if option in {"minor_tags", "patch_tags"} and marks:
        return Found(name=name, settles="version.commit-style")
    if option == "minor_tags":
        return Found(name=name, key="version.minor-types", value=value)
    if option == "patch_tags":
        return Found(name=name, key="version.patch-types", value=value)
    return Found(name=name, settles=_OPTIONS.get(option, "") if value else "")


def _initial(allow_zero_version: Any) -> Any:
    versions = {True: "0.1.0", False: "1.0.0"}
    known = isinstance(allow_zero_version, bool)
    return versions[allow_zero_version] if known else switch(allow_zero_version)


def _style(parser: Any) -> Any:
    return parser if parser in _STYLES else Unable("shipit reads " + ", ".join(_STYLES))


def _place(name: str, location: Any, raw: dict[str, Any], project: Mapping[str, Any]) -> Found:
    """The place of `path:name` or `path:name:nf`; of `path:name:tf` if a tag has at most a v more."""
    if not isinstance(location, str):
        return Found(name=name, key=FILES, value=location)
    path, _, rest = location.partition(":")
    path, (variable, _, form) = plain(path), rest.partition(":")
    if form == "tf" and not (name == _VARIABLES and _keeps_its_v(path, raw)):
        return Found(name=name, key=FILES, value=Unable("shipit writes the version, not the tag"))
    if name != _VARIABLES or form not in {"nf", "tf", ""}:
        return Found(name=name, key=FILES, value=f"{path}:{rest.removesuffix(':nf')}")
    if variable == "*":
        return Found(name=name, key=FILES, value=path)
    if path == PYPROJECT and variable == "version" and "version" in project:
        return Found(name=name, key=FILES, value=DEFAULT_FILES[0])
    if is_line(path, variable):
        return Found(name=name, key=FILES, value=f"{path}:{variable}")
    return Found(name=name, key=MENTIONS, value=rf"{path}:(?<![\w.-]){re.escape(variable)}")


_VARIABLES = "version_variables"


def _keeps_its_v(path: str, raw: dict[str, Any]) -> bool:
    """Whether what stands before a version in such a file is kept, and is all that a tag has before it."""
    return raw.get("tag_format", "v{version}") in {"v{version}", "{version}"} and not path.endswith(".json")


def _keep(value: Any) -> Any:
    return value


_COUNTERPARTS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "tag_format": ("version.tag-format", _keep),
    "allow_zero_version": ("version.initial", _initial),
    "major_on_zero": ("version.major-on-zero", _keep),
    "commit_parser": ("version.commit-style", _style),
    "remote.name": ("branches.remote", _keep),
    "remote.token.env": ("forge.token", lambda name: f"env:{name}"),
    "changelog.default_templates.changelog_file": ("changelog.file", _keep),
    "changelog.changelog_file": ("changelog.file", _keep),
}
_OPTIONS = {
    "default_bump_level": "version.patch-types and version.minor-types",
    "major_tags": "version.commit-style",
    "path_filters": "packages.NAME.path",
    "scope_prefix": "packages.NAME.path",
}


def _is_built_alike(command: Any) -> bool:
    if not isinstance(command, str):
        return not command
    lines = (" ".join(line.split()) for line in re.split(r"&&|;|(?<!\\)\n", command))
    *before, last = [line for line in lines if line] or [""]
    return re.fullmatch(_BUILDS, last) is not None and all(re.fullmatch(_PREPARES, line) for line in before)


def _are_committed(assets: Any) -> bool:
    return isinstance(assets, list) and all(str(one) in _LOCK_FILES for one in assets)


_SETTLED: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "add_partial_tags": ("version.tag-format", lambda value: not value),
    "assets": (f"{FILES} and version.mentions", _are_committed),
    "build_command": ("distribution.run", _is_built_alike),
    "publish.upload_to_vcs_release": ("forge.kind", lambda value: value is not False),
    "remote.type": ("forge.kind", lambda value: value == "github"),
    "repo_dir": ("packages.NAME.path", lambda value: plain(str(value)) == "."),
}
"""Keys without a counterpart: what may be set instead, and with which values nothing comes out differently."""
