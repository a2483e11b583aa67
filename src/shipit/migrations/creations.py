"""Which tables, indexes, columns and types a script makes: what is new needs no care, and may be dropped again."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from shipit.migrations import keywords, tree
from shipit.migrations.model import Statement
from shipit.migrations.tree import Fields, unquoted


class Creations(Struct, frozen=True):
    """Names without the schema `public`; all but `relations` cannot have been there before (IF NOT EXISTS).

    `relations` are tables, views, indexes and sequences; `others` are types, schemas and extensions.
    """

    relations: frozenset[str] = frozenset()
    surely: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    columns: frozenset[tuple[str, str]] = frozenset()
    others: frozenset[str] = frozenset()


_NAMED: Mapping[str, str] = {
    "CreateEnumStmt": "typeName",
    "CreateDomainStmt": "domainname",
    "DefineStmt": "defnames",
}
_FIELDS: Mapping[str, str] = {
    "CreateStmt": "relation",
    "ViewStmt": "view",
    "CreateSeqStmt": "sequence",
    "CreateForeignTableStmt": "relation",
}
_RELATIONS = frozenset({*_FIELDS, "IndexStmt", "CreateTableAsStmt", "SelectStmt", "RenameStmt"})
_OTHERS = frozenset({*_NAMED, "AlterTableStmt", "CreateSchemaStmt", "CreateExtensionStmt", "CompositeTypeStmt"})
_TABLES = frozenset({"CreateStmt", "CreateForeignTableStmt", "CreateTableAsStmt", "SelectStmt", "RenameStmt"})


def made(statements: Iterable[Statement]) -> Creations:
    """Everything that is new after these statements."""
    found: set[str] = set()
    surely: set[str] = set()
    tables: set[str] = set()
    columns: set[tuple[str, str]] = set()
    others: set[str] = set()
    for statement in statements:
        kind = statement.kind
        if kind not in _RELATIONS and kind not in _OTHERS:
            continue
        inside = tree.fields(statement)
        names = relations_of(statement, found)
        found |= names
        if inside.get("if_not_exists"):
            continue
        surely |= names
        if kind in _TABLES:
            tables |= names
        elif kind in _OTHERS:
            columns |= set(_columns(kind, inside))
            others |= set(_others(kind, inside))
    return Creations(frozenset(found), frozenset(surely), frozenset(tables), frozenset(columns), frozenset(others))


def relations_of(statement: Statement, before: Collection[str]) -> set[str]:
    """What the statement makes; `before` is what the script has made already, and may have renamed here."""
    name = _new(statement.kind, tree.fields(statement), before) if statement.kind in _RELATIONS else ""
    return {unquoted(name)} if name else set()


def made_by_words(statements: tuple[Statement, ...]) -> Creations:
    """The same, as far as key words tell."""
    acts = tuple(keywords.acts(statements))
    names = [act.table for act in acts if act.verb == "create table"]
    names += [act.column for act in acts if act.verb == "rename table" and act.table in names]
    tables = frozenset(names)
    columns = frozenset((act.table, act.column) for act in acts if act.verb == "add column")
    found = tables | {act.table for act in acts if act.verb == "create table if not there"}
    return Creations(found, tables, tables, columns)


def _new(kind: str, inside: Fields, before: Collection[str]) -> str:
    """The one relation that a statement makes, else empty."""
    if kind in _FIELDS:
        # a view that is replaced may have been there
        return "" if inside.get("replace") else _relation(kind, inside)
    if kind == "IndexStmt":
        name, schema = inside.get("idxname"), inside["relation"].get("schemaname")
        return tree.joined(part for part in (schema, name) if part) if name else ""
    if kind in {"CreateTableAsStmt", "SelectStmt"}:
        into = inside.get("into") or inside.get("intoClause")
        return tree.relation(into["rel"]) if into else ""
    # a table that is renamed was made by this script, or not
    if inside.get("renameType") == "OBJECT_TABLE" and unquoted(tree.relation(inside["relation"])) in before:
        return tree.relation({**inside["relation"], "relname": inside["newname"]})
    return ""


def _relation(kind: str, inside: Fields) -> str:
    # a foreign table keeps what it has in common with a table under `base`
    return tree.relation(inside.get("base", inside)[_FIELDS[kind]])


def _columns(kind: str, inside: Fields) -> Iterator[tuple[str, str]]:
    if kind != "AlterTableStmt":
        return
    table = unquoted(tree.relation(inside["relation"]))
    for name, command in tree.commands(inside):
        if name == "AddColumn" and not command.get("missing_ok"):
            yield table, str(tree.definition(command, "ColumnDef").get("colname"))


def _others(kind: str, inside: Fields) -> Iterator[str]:
    if kind in _NAMED:
        yield unquoted(tree.dotted(inside.get(_NAMED[kind], ())))
    elif kind == "CreateSchemaStmt":
        yield tree.quoted(inside.get("schemaname", ""))
    elif kind == "CreateExtensionStmt":
        yield tree.quoted(inside.get("extname", ""))
    elif kind == "CompositeTypeStmt":
        yield unquoted(tree.relation(inside["typevar"]))
