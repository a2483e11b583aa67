"""Name and version as setup.cfg and setup.py have them: read as text, never run."""

import ast
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as CannotBeRead
from textwrap import shorten

from shipit.config.modules import alone, attribute_place, file_place
from shipit.config.place import Place, Read, from_tags, unknown, written
from shipit.config.setup_clues import file_read, imported

SETUP_CFG = "setup.cfg"
SETUP_PY = "setup.py"
_OF_TAGS = ("use_scm_version", "pbr", "setuptools_git_versioning", "version_config")
"""Arguments of setup() by which plugins take the version from the tag."""


def setup_name(read: Read) -> str:
    """The name of the project; empty where neither file has one."""
    name = options(read).get("metadata", {}).get("name") or _constant(_arguments(read).get("name"))
    return name if isinstance(name, str) else ""


def setup_place(read: Read) -> Place | None:
    """Where these files say that the version is; None if they say nothing about it."""
    try:
        return _in_cfg(read) or _in_script(read)
    except RecursionError:
        return unknown(f"{SETUP_PY} is nested too deeply to be read")


def _in_cfg(read: Read) -> Place | None:
    sections = options(read)
    version = sections.get("metadata", {}).get("version", "").strip()
    reason = f"{SETUP_CFG} metadata.version"
    kind, colon, rest = version.partition(":")
    if colon and kind.strip() == "attr":
        lines = (line.split("=", 1) for line in sections.get("options", {}).get("package_dir", "").splitlines())
        folders = {one[0].strip(): one[1].strip() for one in lines if len(one) == 2}
        where = sections.get("options.packages.find", {}).get("where", "").strip()
        folders = ({"": where} if where else {}) | folders
        return attribute_place(rest, read, reason, folders)
    if colon and kind.strip() == "file":
        return file_place(rest.strip(), read, reason)
    return written(f"{SETUP_CFG}:metadata.version", reason) if alone(version) else None


def options(read: Read) -> Mapping[str, Mapping[str, str]]:
    """The sections of setup.cfg; none where it cannot be read."""
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string((read(SETUP_CFG) or "").removeprefix("\ufeff"))
    except CannotBeRead:
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _in_script(read: Read) -> Place | None:
    arguments = _arguments(read)
    if any(name in arguments for name in _OF_TAGS) or "versioneer" in ast.dump(
        arguments.get("version", ast.Pass())
    ):
        return from_tags(SETUP_PY)
    version = arguments.get("version")
    if version is None:
        return None
    if isinstance(_constant(version), str):
        return written(f"{SETUP_PY}:version", SETUP_PY)
    if isinstance(version, ast.Name) and version.id in _assigned(read):
        return written(f"{SETUP_PY}:{version.id}", SETUP_PY)
    if attribute := imported(_tree(read), version):
        return attribute_place(attribute, read, SETUP_PY, _folders(arguments.get("package_dir")))
    if location := file_read(_tree(read), setup_name(read), read):
        return written(location, f"{SETUP_PY} reads {location.partition(':')[0]}")
    return unknown(f"{SETUP_PY} computes it: version={shorten(ast.unparse(version), 60)}")


def _folders(argument: ast.expr | None) -> Mapping[str, str]:
    """The folders of packages as setup() has them; none where they are computed."""
    try:
        found = ast.literal_eval(argument) if argument else {}
    except ValueError:
        return {}
    is_plain = isinstance(found, dict) and all(isinstance(one, str) for pair in found.items() for one in pair)
    return found if is_plain else {}


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _arguments(read: Read) -> Mapping[str, ast.expr]:
    """The named arguments of setup() in setup.py."""
    for node in ast.walk(_tree(read)):
        if isinstance(node, ast.Call) and _is_setup(node.func):
            return {one.arg: one.value for one in node.keywords if one.arg}
    return {}


def _is_setup(function: ast.expr) -> bool:
    """Whether it is `setup`, by itself or of a module such as setuptools."""
    return getattr(function, "id", getattr(function, "attr", "")) == "setup"


def _assigned(read: Read) -> Iterator[str]:
    """The variables of setup.py that hold a text."""
    for node in _tree(read).body:
        if isinstance(node, ast.Assign) and isinstance(_constant(node.value), str):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _tree(read: Read) -> ast.Module:
    try:
        return ast.parse((read(SETUP_PY) or "").removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])
