"""What a script destroys, and what cannot be rolled back by its down script."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from shipit.migrations import creations, keywords, tree
from shipit.migrations.creations import Creations
from shipit.migrations.model import Prepared, Statement
from shipit.migrations.tree import Fields, unquoted

NOTHING = Creations()
# the most frequent ones that destroy nothing
_KEEPING = frozenset({"CreateStmt", "IndexStmt"})


class Loss(Struct, frozen=True):
    """`what` in words, of which `relation`, of which `column` where it is one; `drops` if the thing is gone.

    `other` is a type, schema or extension.
    """

    what: str
    relation: str = ""
    column: str = ""
    drops: bool = False
    other: str = ""


class Risk(Struct, frozen=True):
    """Made by up and dropped by down: the rows of `relation`, or their `column`, decide whether that loses.

    `relation` is spelled as in SQL, `column` as in the catalog.
    """

    relation: str
    column: str = ""


def lossy(statements: Sequence[Statement], made: Creations = NOTHING) -> tuple[str, ...]:
    """What the script destroys of what is neither in `made` nor made by itself before."""
    lost = (
        (each, statements[:number])
        for number, statement in enumerate(statements)
        if statement.kind not in _KEEPING
        for each in found((statement,))
        if not _is_of(each, made)
    )
    return tuple(each.what for each, before in lost if not _is_of(each, _made(before)))


def down_loses(up: Sequence[Statement], down: Sequence[Statement]) -> tuple[str, ...]:
    """What the down script destroys that the up script did not make."""
    return lossy(down, _made(up))


def fills(up: Sequence[Statement]) -> tuple[str, ...]:
    """The relations that it puts rows in without having made them: no schema shows whether those are gone."""
    filled = tuple(dict.fromkeys(name for each in up for name in _filled(each)))
    made = _made(up).surely if filled else frozenset()
    return tuple(name for name in filled if name not in made)


def makes(prepared: Prepared, relation: str) -> bool:
    """Whether the up script makes the relation, so that it cannot have been there before."""
    return relation in _made(prepared.up).surely


def risks(prepared: Prepared) -> tuple[Risk, ...]:
    """What the up script made and the down script drops."""
    made = _made(prepared.up)
    drops = (each for each in found(prepared.down) if each.drops and _is_of(each, made))
    return tuple(dict.fromkeys(risk for each in drops for risk in _risks(each, made)))


def _risks(loss: Loss, made: Creations) -> Iterator[Risk]:
    """With a schema go the tables in it."""
    if loss.relation:
        yield Risk(loss.relation, loss.column)
    for table in sorted(made.tables):
        if loss.other and table.startswith(f"{loss.other}."):
            yield Risk(table)


def _made(statements: Sequence[Statement]) -> Creations:
    if any(each.tree is None for each in statements):
        return creations.made_by_words(tuple(statements))
    return creations.made(statements)


def _is_of(loss: Loss, made: Creations) -> bool:
    """Whether what is lost belongs to what was made; a table that may have been there before does not."""
    table = unquoted(loss.relation)
    return table in made.surely or (table, loss.column) in made.columns or loss.other in made.others


def found(statements: Sequence[Statement]) -> Iterator[Loss]:
    """Everything that the statements destroy, their own creations included."""
    for statement in statements:
        if statement.tree is None:
            yield from _by_words(statement)
        else:
            yield from _of(statement.kind, tree.fields(statement))
            yield from _rows(statement) if statement.kind in tree.ROWS else ()


def _of(kind: str, inside: Fields) -> Iterator[Loss]:
    if kind == "DropStmt":
        yield from _dropped(inside)
    elif kind == "AlterTableStmt":
        yield from _altered(inside)
    elif kind == "TruncateStmt":
        for each in inside.get("relations", ()):
            name = tree.relation(each["RangeVar"])
            yield Loss(f"all rows of {name}", name)
        if inside.get("behavior") == "DROP_CASCADE":
            yield Loss("all rows of every table that refers to them")
    elif kind == "DropdbStmt":
        yield Loss(f"database {tree.quoted(inside.get('dbname', ''))}")
    elif kind == "DropOwnedStmt":
        yield Loss("everything that the roles own")


_TABLES = {"OBJECT_TABLE": "table", "OBJECT_FOREIGN_TABLE": "foreign table"}
# without CASCADE they go only when no column uses them
_USED = {"OBJECT_TYPE": "type", "OBJECT_DOMAIN": "type", "OBJECT_EXTENSION": "extension", "OBJECT_SCHEMA": "schema"}


def _dropped(inside: Fields) -> Iterator[Loss]:
    kind, cascade = inside.get("removeType", ""), inside.get("behavior") == "DROP_CASCADE"
    for parts in tree.objects(inside):
        name = tree.joined(parts)
        if kind in _TABLES:
            yield Loss(f"{_TABLES[kind]} {name} with its rows", name, drops=True)
        elif kind == "OBJECT_SEQUENCE":
            yield Loss(f"sequence {name} with its number", name)
        elif kind in _USED and cascade:
            yield Loss(
                f"{_USED[kind]} {unquoted(name)} and all that depends on it", drops=True, other=unquoted(name)
            )


def _altered(inside: Fields) -> Iterator[Loss]:
    table = tree.relation(inside["relation"])
    for name, command in tree.commands(inside):
        column = str(command.get("name", ""))
        if name == "DropColumn":
            yield Loss(f"column {table}.{tree.quoted(column)} with its values", table, column, drops=True)
        elif name == "AlterColumnType":
            yield Loss(
                f"the former type of {table}.{tree.quoted(column)} and what does not fit the new one", table, column
            )


def _rows(statement: Statement) -> Iterator[Loss]:
    """Rows that are deleted or overwritten, at any depth."""
    for key, inside in tree.nodes(statement):
        if key == "DeleteStmt":
            name = tree.relation(inside["relation"])
            yield Loss(f"rows of {name}", name)
        elif key in {"UpdateStmt", "MergeStmt"}:
            yield from _overwritten(inside)
        elif key == "onConflictClause" and inside.get("action") == "ONCONFLICT_UPDATE":
            name = tree.relation(tree.fields(statement)["relation"])
            yield Loss(f"former values of {name}", name)


def _overwritten(inside: Fields) -> Iterator[Loss]:
    name = tree.relation(inside["relation"])
    columns = [str(each["ResTarget"].get("name", "")) for each in inside.get("targetList", ())]
    for column in columns:
        yield Loss(f"former values of {name}.{tree.quoted(column)}", name, column)
    if not columns:
        yield Loss(f"former values of {name}", name)


def _filled(statement: Statement) -> Iterator[str]:
    if statement.tree is None:
        yield from (act.table for act in keywords.acts((statement,)) if act.verb == "insert")
    elif statement.kind in tree.ROWS:
        for key, inside in tree.nodes(statement):
            if key == "InsertStmt" or (key == "CopyStmt" and inside.get("is_from")):
                yield unquoted(tree.relation(inside["relation"]))


_WORDS = {"delete": "rows of {}", "replace": "former values of {}", "update": "former values of {}"}


def _by_words(statement: Statement) -> Iterator[Loss]:
    for act in keywords.acts((statement,)):
        if act.verb == "drop table":
            yield Loss(f"table {act.table} with its rows", act.table, drops=True)
        elif act.verb == "drop column":
            yield Loss(f"column {act.table}.{act.column} with its values", act.table, act.column, drops=True)
        elif act.verb in _WORDS:
            yield Loss(_WORDS[act.verb].format(act.table), act.table)
