"""Reading nodes of PostgreSQL's parse tree: names as SQL writes them, options, and everything below a node."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from shipit.migrations.model import Node, Statement

Fields = Mapping[str, Any]
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# names that stand for something else unless they are quoted (SQL key words, appendix C, "reserved")
_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
    leading limit localtime localtimestamp not null offset on only or order placing primary references returning
    select session_user some symmetric system_user table then to trailing true union unique user using variadic when
    where window with""".split()  # noqa: SIM905 - a text is easier to read
)

_CHANGES = {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}
ROWS = frozenset({*_CHANGES, "SelectStmt", "CreateTableAsStmt", "CopyStmt", "ExplainStmt"})
"""Statements that may read or change rows, at any depth (WITH)."""


def fields(statement: Statement) -> Fields:
    """What stands in the statement's node; empty without a tree."""
    return statement.tree[statement.kind] if statement.tree else {}


def opened(node: Node) -> tuple[str, Fields]:
    """A node as its kind and what stands in it."""
    return next(iter(node.items()))


@cache  # a script names few things, and each of them again and again
def quoted(name: str) -> str:
    """A name as SQL writes it, in double quotes where it must be."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def relation(range_variable: Fields) -> str:
    """Name a RangeVar, with its schema where that is written."""
    if "schemaname" in range_variable:
        return f"{quoted(range_variable['schemaname'])}.{quoted(range_variable['relname'])}"
    return quoted(range_variable["relname"]) if "relname" in range_variable else ""


def unquoted(name: str) -> str:
    """The same name without the schema `public`: `a` and `public.a` are taken for one table."""
    return name.removeprefix("public.")


def strings(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The values of a list of String nodes."""
    return tuple(str(node["String"].get("sval", "")) for node in nodes if "String" in node)


def dotted(nodes: Iterable[Node]) -> str:
    return ".".join(quoted(part) for part in strings(nodes))


def objects(drop: Fields) -> tuple[tuple[str, ...], ...]:
    """What a DropStmt names, each as the parts of its name."""
    return tuple(_parts(node) for node in drop.get("objects", ()))


def _parts(node: Node) -> tuple[str, ...]:
    kind, inside = opened(node)
    if kind == "List":
        return strings(inside.get("items", ()))
    if kind == "String":
        return strings((node,))
    return strings(inside.get("names", inside.get("objname", ())))


def joined(parts: Iterable[str]) -> str:
    return ".".join(quoted(part) for part in parts)


def options(nodes: Iterable[Node]) -> dict[str, str]:
    """DefElem nodes as name to value; one that has no value says `true`."""
    return {node["DefElem"].get("defname", ""): _value(node["DefElem"].get("arg")) for node in nodes}


def _value(node: Node | None) -> str:
    if not node:
        return "true"
    inside = opened(node)[1]
    return str(inside.get("sval", inside.get("ival", inside.get("boolval", ""))))


def walk(node: object) -> Iterator[tuple[str, Fields]]:
    """Every dictionary below, with the key that it stands under: a node's kind, or the name of a field."""
    waiting: list[tuple[str, object]] = [("", node)]  # no recursion: 1 + 1 + 1 … is a deep tree
    while waiting:
        key, value = waiting.pop()
        if type(value) is dict:  # from json: asking for Mapping takes five times as long, a thousand files over
            if key:
                yield key, value
            waiting += reversed(value.items())
        elif type(value) is list:
            waiting += [("", item) for item in reversed(value)]


def nodes(statement: Statement) -> tuple[tuple[str, Fields], ...]:
    """`walk` through the whole statement, once for all judges that ask."""
    kept = vars(statement)
    if "nodes" not in kept:
        kept["nodes"] = tuple(walk(statement.tree))
    found: tuple[tuple[str, Fields], ...] = kept["nodes"]
    return found


def constraints(definition: Fields) -> tuple[Fields, ...]:
    """The constraints that stand in a column's definition."""
    return tuple(node["Constraint"] for node in definition.get("constraints", ()) if "Constraint" in node)


def constraint(definition: Fields, kind: str) -> Fields | None:
    return next((each for each in constraints(definition) if each.get("contype") == kind), None)


def type_name(definition: Fields) -> str:
    """The last part of the column's type: int4, text, serial."""
    names = strings(definition.get("typeName", {}).get("names", ()))
    return names[-1] if names else ""


def commands(alter: Fields) -> Iterator[tuple[str, Fields]]:
    """The sub-commands of an ALTER TABLE, each with its name without `AT_`."""
    for node in alter.get("cmds", ()):
        command = node["AlterTableCmd"]
        yield command.get("subtype", "").removeprefix("AT_"), command


def definition(command: Fields, kind: str) -> Fields:
    """What a sub-command of ALTER TABLE brings, if it is of this kind; else empty."""
    found: Fields = command.get("def", {}).get(kind, {})
    return found


def element(inside: Fields, name: str) -> Fields:
    """The option of a DO block or a function that has this name; empty if there is none."""
    options_given = (*inside.get("args", ()), *inside.get("options", ()))
    return next((node["DefElem"] for node in options_given if node.get("DefElem", {}).get("defname") == name), {})


def body(statement: Statement) -> str:
    """The text between the quotes of a DO block, a function or a procedure; empty if there is none."""
    argument = element(fields(statement), "as").get("arg", {})
    return next(iter(strings((argument, *argument.get("List", {}).get("items", ())))), "")
