"""What a setup.py that computes its version says about the file that holds it: read as text, never run."""

import ast
import posixpath
import re
from collections.abc import Iterator

from shipit.config.modules import NAMES, ROOTS, alone, variable
from shipit.config.place import Read

_LONGEST = 100
"""Characters; a path in a setup.py is shorter."""
_NAMES = (*NAMES, "version")


def imported(tree: ast.Module, version: ast.expr) -> str:
    """The dotted name that an expression stands for, where setup.py imports it; else empty."""
    name = ast.unparse(version)
    if re.fullmatch(r"\w+(?:\.\w+)*", name) is None:
        return ""
    first, _, rest = name.partition(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and rest:
            for one in node.names:
                if (one.asname or one.name.partition(".")[0]) == first:
                    return f"{one.name if one.asname else first}.{rest}"
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                if (one.asname or one.name) == first:
                    return ".".join(filter(None, (node.module, one.name, rest)))
    return ""


def file_read(tree: ast.Module, name: str, read: Read) -> str:
    """The location in the one file with a version that setup.py names; empty where it names none, or several."""
    module = re.sub(r"[-.]+", "_", name)
    found = {}
    for path in dict.fromkeys(_paths(tree, module)):
        text = read(path) if path != "setup.py" else None
        if text and alone(text):
            found[path] = path
        elif text and path.endswith(".py") and (holder := variable(text, _NAMES)):
            found[path] = f"{path}:{holder}"
    return next(iter(found.values())) if len(found) == 1 else ""


def _paths(tree: ast.Module, module: str) -> Iterator[str]:
    """What may be a path: a text, texts that are joined, and each of them in the project's module."""
    for node in ast.walk(tree):
        words = "/".join(_words(node))
        if words and len(words) <= _LONGEST and re.fullmatch(r"[\w./-]+", words):
            path = posixpath.normpath(words.lstrip("/"))
            for folder in ("", *(f"{root}{module}/" for root in ROOTS if module)):
                if not path.startswith(".."):
                    yield folder + path


def _words(node: ast.AST) -> Iterator[str]:
    """The texts of `join("a", "b")`, of `here / "a" / "b"`, or of a text alone; what is computed is left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Call):
        for one in node.args:
            yield from _words(one) if isinstance(one, ast.Constant) else ()
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield from _words(node.left)
        yield from _words(node.right)
