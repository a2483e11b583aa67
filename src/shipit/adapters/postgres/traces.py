"""What a statement that can be in no transaction leaves in the catalog: all, a half, or nothing."""

from collections.abc import Collection, Sequence
from enum import Enum

from shipit.adapters.postgres.session import Connection
from shipit.engine.plan import Say
from shipit.migrations import tree
from shipit.migrations.model import Prepared, Statement

REPEATABLE = frozenset({"VacuumStmt", "ReindexStmt", "ClusterStmt", "AlterSystemStmt"})
"""Run twice they do what they do once."""

_NAMED = """
SELECT format('%%I.%%I', n.nspname, i.relname), x.indisvalid
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class i ON i.relnamespace = n.oid AND i.relname = %s
JOIN pg_index x ON x.indexrelid = i.oid AND x.indrelid = t.oid
WHERE t.oid = to_regclass(%s)
"""
_PRESENT = "SELECT count(*) FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL"
# REINDEX CONCURRENTLY builds beside and swaps: what it leaves is not valid and has these names
_BESIDE = """
SELECT format('%%I.%%I', n.nspname, i.relname)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname !~ '^pg_' AND (%s = ''
  OR x.indrelid = to_regclass(%s)
  OR x.indrelid = (SELECT o.indrelid FROM pg_index o WHERE o.indexrelid = to_regclass(%s)))
ORDER BY 1
"""


class Trace(Enum):
    """`UNKNOWN`: nobody can tell by looking."""

    DONE = "done"
    HALF = "half"
    NONE = "none"
    UNKNOWN = "unknown"


def statement_of(one: Prepared, way: str) -> Statement | None:
    """The one statement of a solo script; None if it is Python."""
    return next(iter(getattr(one, way)), None)


def look(connection: Connection, statement: Statement | None) -> Trace:
    """Whether its effect is there."""
    if statement is None:
        return Trace.UNKNOWN
    inside = tree.fields(statement)
    if statement.kind == "IndexStmt" and inside.get("idxname"):
        rows = _index(connection, statement)
        return (Trace.DONE if rows[0][1] else Trace.HALF) if rows else Trace.NONE
    if statement.kind == "DropStmt":
        names = [tree.joined(parts) for parts in tree.objects(inside)]
        [[present]] = connection.execute(_PRESENT, [names]).fetchall()
        return Trace.NONE if present else Trace.DONE
    return Trace.UNKNOWN


def stays(statement: Statement | None) -> bool:
    """Whether nobody removes what it has committed before it failed: that of a script which commits by itself."""
    if statement is None:
        return True
    is_named = bool(tree.fields(statement).get("idxname"))
    return statement.kind not in REPEATABLE | {"DropStmt"} and not (statement.kind == "IndexStmt" and is_named)


def made(connection: Connection, statement: Statement | None) -> list[str]:
    """The index that it makes, valid or not."""
    if statement is None or statement.kind != "IndexStmt" or not tree.fields(statement).get("idxname"):
        return []
    return [name for name, _ in _index(connection, statement)]


def residue(connection: Connection, statement: Statement | None) -> list[str]:
    """Invalid indexes that it leaves when it fails; whose they are the intent must tell."""
    if statement is None:
        return []
    if statement.kind == "ReindexStmt":
        of = tree.relation(tree.fields(statement).get("relation", {}))
        return [name for (name,) in connection.execute(_BESIDE, [of, of, of]).fetchall()]
    return made(connection, statement) if look(connection, statement) is Trace.HALF else []


def remove(connection: Connection, names: Sequence[str], kept: Collection[str], say: Say) -> None:
    """Drop these indexes, but those in `kept`, without making anybody wait."""
    for name in names:
        if name not in kept:
            connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}".encode())
            say(f"dropped the index {name} that was left half-built")


def _index(connection: Connection, statement: Statement) -> list[tuple[str, bool]]:
    inside = tree.fields(statement)
    asked = [inside["idxname"], tree.relation(inside["relation"])]
    rows: list[tuple[str, bool]] = connection.execute(_NAMED, asked).fetchall()
    return rows
