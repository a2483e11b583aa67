"""New values of enum types: nothing in the same transaction may use them."""

from collections.abc import Iterator, Sequence

from shipit.migrations import tree
from shipit.migrations.creations import made
from shipit.migrations.footprints import added_value, enum_name
from shipit.migrations.model import Finding, Statement


def values_used(statements: Sequence[Statement]) -> Iterator[Finding]:
    """Uses of a value behind the ALTER TYPE … ADD VALUE that brings it, unless the type is new as well."""
    if not any(map(added_value, statements)):
        return
    types = made(statements).others
    for number, statement in enumerate(statements):
        value = added_value(statement)
        if not value or enum_name(statement) in types:
            continue
        for later in statements[number + 1 :]:
            if _uses(later, value):
                what = f"'{value}' is new in {enum_name(statement)}: PostgreSQL lets nobody use it before COMMIT"
                rewrite = f"-- in a migration of its own, after this one:\n{later.text};"
                yield Finding(later.place, "enum-value-used", what, rewrite)


def _uses(statement: Statement, value: str) -> bool:
    """As a constant, or in the text of a DO block; a function's body is run later."""
    if statement.kind == "DoStmt":
        return f"'{value}'" in tree.body(statement)
    return any(key == "sval" and inside.get("sval") == value for key, inside in tree.walk(statement.tree))
