"""Migrations in Python, read and never run here: which of up, down and verify they define, and where they begin."""

import ast
import re
import warnings

from msgspec import Struct

from shipit.migrations.model import Finding, Position, Script

_INK = re.compile(r"\S")


class Outline(Struct, frozen=True):
    """`head` is what stands before the first statement, with the docstring made blank."""

    head: str
    roles: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def outline(script: Script) -> Outline:
    """Read a script's shape; errors where it could not run."""
    try:
        with warnings.catch_warnings():  # an unusual escape in their file is not our business
            warnings.simplefilter("ignore")
            module = ast.parse(script.text)
    except SyntaxError as error:
        where = Position(script.path, error.lineno or 1, max(error.offset or 1, 1))
        return Outline("", findings=(Finding(where, "python-syntax", f"no Python: {error.msg}"),))
    except (ValueError, RecursionError, MemoryError) as error:
        return Outline("", findings=(Finding(Position(script.path), "python-syntax", f"no Python: {error}"),))
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    ours = {node.name: node for node in functions if node.name in {"up", "down", "verify"}}
    found = [finding for node in ours.values() if (finding := _uncallable(script, node))]
    if "up" not in ours:
        where = Position(script.path, script.text.count("\n") or 1)
        what = "the file defines no function up(connection)"
        found.append(Finding(where, "python-without-up", what, "def up(connection): …"))
    return Outline(_head(script.text, module), frozenset(ours), tuple(found))


def _uncallable(script: Script, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Finding | None:
    given = node.args
    most = len(given.posonlyargs) + len(given.args)
    optional = len(given.defaults)
    fits = most - optional <= 1 <= most or (not most and given.vararg)
    keywords = any(default is None for default in given.kw_defaults)
    if isinstance(node, ast.FunctionDef) and fits and not keywords:
        return None
    what = f"`{node.name}` is not called: it must be a plain function that takes the connection alone"
    where = Position(script.path, node.lineno, node.col_offset + 1)
    return Finding(where, "python-signature", what, f"def {node.name}(connection): …")


def _head(text: str, module: ast.Module) -> str:
    lines = text.split("\n")
    body = module.body
    if ast.get_docstring(module, clean=False) is not None:
        first, *body = body
        for number in range(first.lineno - 1, first.end_lineno or first.lineno):
            lines[number] = _INK.sub(" ", lines[number])
    if not body:
        return "\n".join(lines)
    decorators: list[ast.expr] = getattr(body[0], "decorator_list", [])  # they stand above what they decorate
    start = min([body[0].lineno, *(decorator.lineno for decorator in decorators)])
    return "".join(f"{line}\n" for line in lines[: start - 1])
