"""Python files that hold a version: found by the name of a module, and read as text, never imported."""

import re
from collections.abc import Iterable, Mapping, Sequence

from shipit.config.place import Place, Read, unknown, written

VERSION = "__version__"
NAMES = (VERSION, "VERSION")
_HOPS = 3
ROOTS = ("", "src/")
"""Folders in which packages usually lie."""


def module_paths(module: str, roots: Iterable[str] = ROOTS) -> list[str]:
    """The paths at which a module may lie: a package or a single file."""
    path = module.replace(".", "/")
    return [f"{root}{path}{end}" for root in roots for end in ("/__init__.py", ".py")]


def variable(text: str, names: Sequence[str] = NAMES) -> str:
    """The first of the names to which a text assigns a version at the margin; empty without one."""
    for name in names:
        if re.search(rf"""^{re.escape(name)}[ \t]*(?::[^=\n]+)?=[ \t]*(["'])v?\d[^"'\n]*\1""", text, re.MULTILINE):
            return name
    return ""


def in_file(path: str, read: Read, reason: str, names: Sequence[str] = NAMES) -> Place:
    """The place of one of these variables in a file."""
    text = read(path)
    if text is None:
        return unknown(f"{reason} names {path}, which is not there")
    if name := variable(text, names):
        return written(f"{path}:{name}", reason)
    return unknown(f'{reason} names {path}, which has no line like {names[0]} = "1.2.3"')


def alone(text: str) -> bool:
    """Whether a text holds nothing but a version."""
    return re.fullmatch(r"\ufeff?\s*v?\d[\w.+!-]*\s*", text) is not None


def in_module(module: str, name: str, read: Read, reason: str, folders: Mapping[str, str] | None = None) -> Place:
    """The place of a variable of a module, also where it is only imported there from another one."""
    for _ in range(_HOPS):
        found = next(((path, text) for path in _paths(module, folders) if (text := read(path)) is not None), None)
        if found is None:
            return unknown(f"{reason} names the module {module}, which is neither in . nor in src")
        path, text = found
        if variable(text, (name,)):
            return written(f"{path}:{name}", reason)
        hop = _imported(module, path, name, text)
        if hop is None:
            break
        module, name = hop
    return unknown(f'{reason} names {module}.{name}, and {path} has no line like {name} = "1.2.3"')


def attribute_place(attribute: str, read: Read, reason: str, folders: Mapping[str, str] | None = None) -> Place:
    """The place of a dotted name like `acme.about.__version__`."""
    module, _, name = attribute.strip().rpartition(".")
    return in_module(module, name, read, reason, folders)


def file_place(path: str, read: Read, reason: str) -> Place:
    """A file that holds nothing but the version."""
    text = read(path)
    if text is None:
        return unknown(f"{reason} names {path}, which is not there")
    return (
        written(path, reason) if alone(text) else unknown(f"{reason} names {path}, which holds more than a version")
    )


def _paths(module: str, folders: Mapping[str, str] | None) -> list[str]:
    """Where a module may lie if these packages lie in folders of their own; the empty name is the root of all."""
    top, _, rest = module.partition(".")
    own = (folders or {}).get(top)
    if own is None:
        root = (folders or {}).get("", "").strip("/")
        return module_paths(module, dict.fromkeys([f"{root}/" if root else "", *ROOTS]))
    base = own.strip("/")
    return module_paths(f"{base}/{rest}" if rest else base, [""])


def _imported(module: str, path: str, name: str, text: str) -> tuple[str, str] | None:
    """The module and the name there that a text imports this name from; None if it does not."""
    line = re.compile(
        rf"^from[ \t]+(?P<dots>\.*)(?P<of>[\w.]*)[ \t]+import[ \t]+\(?[^#\n]*?"
        rf"(?:\b(?P<other>\w+)[ \t]+as[ \t]+)?\b{re.escape(name)}\b",
        re.MULTILINE,
    )
    found = line.search(text)
    if found is None:
        return None
    package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
    parts = package.split(".") if package else []
    above = parts[: len(parts) - len(found["dots"]) + 1] if found["dots"] else []
    return ".".join([*above, *filter(None, [found["of"]])]), found["other"] or name
