"""Keys of python-semantic-release and commitizen, used where shipit's own key is not set."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from shipit.config.checking import key_mistakes
from shipit.config.mistake import dotted, is_table
from shipit.config.paths import plain, plain_location
from shipit.config.sources import DEFAULT_FILES, PYPROJECT, Documents, table

FILES = "version.files"


class Taken(Struct, frozen=True, kw_only=True):
    """shipit's key, the value for it, and the tool whose configuration has it."""

    key: str
    value: Any
    origin: str


class NotTaken(Struct, frozen=True):
    """A key of another tool that has no effect here, and why."""

    key: str
    why: str


def take_over(documents: Documents, own: Collection[str]) -> tuple[list[Taken], list[NotTaken]]:
    """The values that are used and the keys that are not; `own` are the keys that shipit's own table sets."""
    taken: dict[str, Taken] = {}
    ignored: list[NotTaken] = []
    for tool, (prepare, counterparts) in _TOOLS.items():
        written = documents.tool(tool)
        known = {**counterparts, **(_of_branch_group(written) if tool == "semantic_release" else {})}
        for name, value in _flat(prepare(written)):
            key, translate = known.get(name, ("", _keep))
            for part in value if key == FILES and isinstance(value, list) else [value]:
                one = Taken(key=key, value=translate(part), origin=tool)
                if why := _objection(one, own, taken, documents):
                    ignored += [NotTaken(f"tool.{tool}.{name}", why)] if name.split(".")[0] in written else []
                else:
                    taken[key] = _added(taken.get(key), one)
    return list(taken.values()), ignored


def _objection(one: Taken, own: Collection[str], taken: Mapping[str, Taken], documents: Documents) -> str | None:
    """Why this value is not used; None if it is."""
    before = taken.get(one.key)
    if not one.key:
        return "shipit has no such setting"
    if isinstance(one.value, _Unable):
        return one.value.why
    if one.key in own:
        return f"shipit's own {one.key} wins"
    if before and (before.origin != one.origin or one.key != FILES):
        return f"{one.key} is taken from {before.origin} already"
    if found := key_mistakes([one.value] if one.key == FILES else one.value, one.key):
        return found[0].what
    if one.value == DEFAULT_FILES[0] and "version" not in (documents.project or {}):
        return f"{PYPROJECT} has no project.version"
    return None


def _added(before: Taken | None, one: Taken) -> Taken:
    """`one`, for version.files with the locations before it, each of them once."""
    if one.key != FILES:
        return one
    locations = before.value if before else []
    return Taken(key=one.key, value=list(dict.fromkeys([*locations, one.value])), origin=one.origin)


def _flat(raw: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        if is_table(value):
            yield from _flat(value, dotted(at, name))
        else:
            yield dotted(at, name), value


class _Unable(Struct, frozen=True):
    """Stands for a value that has no counterpart in shipit, with the reason."""

    why: str


_NO_SWITCH = _Unable("expected true or false")


def _keep(value: Any) -> Any:
    return value


def _invert(value: Any) -> Any:
    return not value if isinstance(value, bool) else _NO_SWITCH


def _initial(allow_zero_version: Any) -> Any:
    versions = {True: "0.1.0", False: "1.0.0"}
    return versions[allow_zero_version] if isinstance(allow_zero_version, bool) else _NO_SWITCH


def _plain_branch(match: Any) -> Any:
    plain = isinstance(match, str) and re.fullmatch(r"\^?[\w/-]+(\.[\w/-]+)*\$?", match)
    return match.strip("^$") if plain else _Unable("a pattern, not the name of one branch")


def _of_branch_group(written: Mapping[str, Any]) -> "_Counterparts":
    """The counterpart of python-semantic-release's group of branches for final releases, whatever its name is."""
    groups = table(dict(written), "branches").items()
    final = [name for name, one in groups if is_table(one) and one.get("prerelease") is not True]
    plain = [name for name in final if not isinstance(_plain_branch(dict(groups)[name].get("match")), _Unable)]
    name = "main" if "main" in final else next(iter(plain), None)
    return {f"branches.{name}.match": ("branches.main", _plain_branch)} if name else {}


def _style(parser: Any) -> Any:
    known = ("conventional", "angular", "emoji", "scipy")
    return parser if parser in known else _Unable("shipit reads " + ", ".join(known))


def _rules(name: Any) -> Any:
    known = name == "cz_conventional_commits"
    return "conventional" if known else _Unable("shipit reads cz_conventional_commits")


def _variable_location(location: Any) -> Any:
    """`path:name` of `path:name` and `path:name:nf`; `:tf` means the whole tag, which shipit does not write."""
    if isinstance(location, str) and location.endswith(":tf"):
        return _Unable("shipit writes the version, not the tag")
    return plain_location(location.removesuffix(":nf")) if isinstance(location, str) else location


def _filtered_location(location: Any) -> Any:
    """The version location of commitizen's `path:regex`, where the pattern is the plain name of a variable."""
    path, _, name = str(location).partition(":")
    path, name = plain(path), name.removeprefix("^")
    if path == PYPROJECT and name == "version":
        return DEFAULT_FILES[0]
    if path.endswith(".toml") or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return _Unable("not the name of one variable")
    return f"{path}:{name}"


def _provider_location(provider: Any) -> Any:
    locations = {
        "pep621": DEFAULT_FILES[0],
        "uv": DEFAULT_FILES[0],
        "poetry": f"{PYPROJECT}:tool.poetry.version",
        "cargo": "Cargo.toml:package.version",
        "npm": "package.json:version",
        "composer": "composer.json:version",
        "commitizen": f"{PYPROJECT}:tool.commitizen.version",
    }
    return locations.get(str(provider), _Unable("shipit knows " + ", ".join(locations)))


def _dollar_format(tag_format: Any) -> Any:
    parts = ("$major.$minor.$patch$prerelease", "${major}.${minor}.${patch}${prerelease}")
    for spelling in (*parts, "${version}", "$version"):
        if isinstance(tag_format, str) and spelling in tag_format:
            return tag_format.replace(spelling, "{version}")
    return tag_format


def _with_defaults(commitizen: dict[str, Any]) -> dict[str, Any]:
    """The keys of commitizen with its defaults: read with another tag format, its old tags would not be found."""
    if not commitizen:
        return {}
    rest = {name: value for name, value in commitizen.items() if name != "version"}
    provider = {"version_provider": "commitizen"} if "version" in commitizen else {}
    return {"tag_format": "$version"} | provider | rest


_Counterparts = Mapping[str, tuple[str, Callable[[Any], Any]]]
_SEMANTIC_RELEASE: _Counterparts = {
    "tag_format": ("version.tag-format", _keep),
    "version_toml": (FILES, _variable_location),
    "version_variables": (FILES, _variable_location),
    "allow_zero_version": ("version.initial", _initial),
    "major_on_zero": ("version.major-on-zero", _keep),
    "commit_parser": ("version.commit-style", _style),
    "commit_parser_options.minor_tags": ("version.minor-types", _keep),
    "commit_parser_options.patch_tags": ("version.patch-types", _keep),
    "commit_parser_options.parse_squash_commits": ("version.squash-bodies", _keep),
    "remote.name": ("branches.remote", _keep),
    "remote.token.env": ("forge.token", lambda name: f"env:{name}"),
    "changelog.default_templates.changelog_file": ("changelog.file", _keep),
    "changelog.changelog_file": ("changelog.file", _keep),
}
_COMMITIZEN: _Counterparts = {
    "name": ("version.commit-style", _rules),
    "tag_format": ("version.tag-format", _dollar_format),
    "version_provider": (FILES, _provider_location),
    "version_files": (FILES, _filtered_location),
    "changelog_file": ("changelog.file", _keep),
    "major_version_zero": ("version.major-on-zero", _invert),
}
_TOOLS: Mapping[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], _Counterparts]] = {
    "semantic_release": (_keep, _SEMANTIC_RELEASE),
    "commitizen": (_with_defaults, _COMMITIZEN),
}
