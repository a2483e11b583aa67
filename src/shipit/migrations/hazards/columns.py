"""Hazards of columns: added, dropped, renamed, given another type, or forbidden to be empty."""

from shipit.migrations import effects, tree
from shipit.migrations.hazards.context import Change, Findings, Subject
from shipit.migrations.model import Finding
from shipit.migrations.tree import Fields

_REWRITTEN = "every row is written anew while nobody can read {table}"


def added(change: Change) -> Findings:
    column = tree.definition(change.command, "ColumnDef")
    name = tree.quoted(str(column.get("colname")))
    if effects.number_generator(column):
        yield _numbered(change, name)
    elif effects.volatile_default(column) or effects.stored_expression(column):
        yield _computed(change, column, name)
    elif _is_required(column):
        yield _required(change, column, name)
    yield from _constrained(change, column, name)


def _numbered(change: Change, name: str) -> Finding:
    what = f"{change.table}.{name} gets a number for each row: {_REWRITTEN.format(table=change.table)}"
    sequence = change.named(name, "seq")
    rewrite = (
        f"CREATE SEQUENCE {sequence};\n"
        f"ALTER TABLE {change.table} ADD COLUMN {name} bigint;\n"
        f"ALTER TABLE {change.table} ALTER COLUMN {name} SET DEFAULT nextval('{sequence}');\n"
        "-- next: fill the old rows in batches, then make it NOT NULL and unique"
    )
    return change.warn("adding-serial-primary-key-field", what, rewrite)


def _computed(change: Change, column: Fields, name: str) -> Finding:
    generated = effects.stored_expression(column)
    source = "is stored for each row" if generated else "has a default that differs from row to row"
    what = f"{change.table}.{name} {source}: {_REWRITTEN.format(table=change.table)}"
    rewrite = (
        f"ALTER TABLE {change.table} ADD COLUMN {name} {_type(column)};\n"
        f"ALTER TABLE {change.table} ALTER COLUMN {name} SET DEFAULT …;\n"
        "-- next: fill the old rows in batches"
    )
    return change.warn("adding-field-with-default", what, rewrite)


def _is_required(column: Fields) -> bool:
    kinds = {each.get("contype") for each in tree.constraints(column)}
    return bool(kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"}) and not kinds & {"CONSTR_DEFAULT", "CONSTR_GENERATED"}


def _required(change: Change, column: Fields, name: str) -> Finding:
    what = f"{change.table}.{name} is required and has no default: this fails as soon as {change.table} has a row"
    rewrite = (
        f"ALTER TABLE {change.table} ADD COLUMN {name} {_type(column)};\n"
        f"-- next: fill the old rows in batches\n{_prove_not_null(change, name)}"
    )
    return change.refuse("adding-required-field", what, rewrite)


def _constrained(change: Change, column: Fields, name: str) -> Findings:
    """Constraints that are written with the column."""
    plain = f"ALTER TABLE {change.table} ADD COLUMN {name} {_type(column)};"
    for constraint in tree.constraints(column):
        kind = constraint.get("contype")
        if kind in {"CONSTR_UNIQUE", "CONSTR_PRIMARY"}:
            what = f"the index for {change.table}.{name} is built while nobody can read {change.table}"
            index = f"CREATE UNIQUE INDEX CONCURRENTLY {change.named(name, 'key')} ON {change.table} ({name});"
            yield change.warn("disallowed-unique-constraint", what, f"{plain}\n-- in a file of its own:\n{index}")
        elif kind == "CONSTR_FOREIGN":
            other = tree.relation(constraint["pktable"])
            what = f"{change.table} and {other} are blocked while every row is checked against {other}"
            key = f"ALTER TABLE {change.table} ADD FOREIGN KEY ({name}) REFERENCES {other} NOT VALID;"
            yield change.warn(
                "adding-foreign-key-constraint", what, f"{plain}\n{key}\n-- next: VALIDATE CONSTRAINT"
            )
        elif kind == "CONSTR_CHECK":
            what = f"every row of {change.table} is checked while nobody can read it"
            check = f"ALTER TABLE {change.table} ADD CHECK (…) NOT VALID;"
            yield change.warn(
                "constraint-missing-not-valid", what, f"{plain}\n{check}\n-- next: VALIDATE CONSTRAINT"
            )


def dropped(change: Change) -> Findings:
    if change.context.directives.contract:
        return
    what = f"{change.table}.{change.column} and its values are gone, and what still asks for it fails"
    rewrite = "-- shipit: contract\n-- once no running version of the product uses it"
    yield change.warn("ban-drop-column", what, rewrite)


def made_required(change: Change) -> Findings:
    if tree.unquoted(change.table) in change.context.validated:
        return
    what = f"all of {change.table} is read for {change.column} while nobody else can read it"
    yield change.warn("adding-not-nullable-field", what, _prove_not_null(change, change.column))


def _prove_not_null(change: Change, column: str) -> str:
    name = change.named(column, "filled")
    return (
        f"ALTER TABLE {change.table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;\n"
        "-- in the next migration:\n"
        f"ALTER TABLE {change.table} VALIDATE CONSTRAINT {name};\n"
        f"ALTER TABLE {change.table} ALTER COLUMN {column} SET NOT NULL;\n"
        f"ALTER TABLE {change.table} DROP CONSTRAINT {name};"
    )


def retyped(change: Change) -> Findings:
    new = tree.quoted(change.column.strip('"') + "_new")
    kind = _type(tree.definition(change.command, "ColumnDef"))
    what = f"{change.table}.{change.column} gets another type: {_REWRITTEN.format(table=change.table)}"
    rewrite = (
        f"ALTER TABLE {change.table} ADD COLUMN {new} {kind};\n"
        "-- next: write both columns, fill the old rows in batches, read the new one, drop the old one"
    )
    yield change.warn("changing-column-type", what, rewrite)


def renamed(subject: Subject) -> Findings:
    inside = subject.inside
    if inside.get("renameType") != "OBJECT_COLUMN" or "relation" not in inside:
        return
    table = tree.relation(inside["relation"])
    if subject.is_new(table):
        return
    old, new = (tree.quoted(str(inside.get(key))) for key in ("subname", "newname"))
    what = f"the running version still asks for {table}.{old}, which is gone at once"
    rewrite = f"-- add {new} beside it, write both, move the readers, then drop {old} with: -- shipit: contract"
    yield subject.warn("renaming-column", what, rewrite)


_USUAL = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "float4": "real",
    "float8": "double precision",
    "bpchar": "char",
}


def _type(column: Fields) -> str:
    """The type as SQL writes it, with its numbers: numeric(10,2), text[]."""
    kind = column.get("typeName", {})
    name = tree.joined(name for name in tree.strings(kind.get("names", ())) if name != "pg_catalog")
    numbers = [str(tree.opened(each)[1].get("ival", {}).get("ival", 0)) for each in kind.get("typmods", ())]
    size = f"({', '.join(numbers)})" if numbers else ""
    return _USUAL.get(name, name) + size + "[]" * len(kind.get("arrayBounds", ()))
