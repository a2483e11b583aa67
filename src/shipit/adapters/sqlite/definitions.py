"""What is in a database: its objects with their definitions, its rows, its broken references."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256

from shipit.adapters.sqlite.ledger import OURS
from shipit.adapters.sqlite.spelling import normalised

_OBJECTS = """SELECT type, name, tbl_name, sql FROM {}.sqlite_schema
    WHERE name NOT GLOB 'sqlite_*' AND sql IS NOT NULL ORDER BY type, name"""
_COLUMNS = "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid"
_BETWEEN = "\x1e"  # no migration may hold it
_STATE = "SELECT coalesce(group_concat(sql, char(30)), '') FROM main.sqlite_schema"
_OBJECT = "SELECT type, name, tbl_name FROM main.sqlite_schema WHERE sql = ? LIMIT 1"
_VIRTUAL = "create virtual "


def definitions(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Each object (`table a`) with its definition, in order.

    The names of columns stand beside the text, since the text is read without capital letters. Those of views
    and virtual tables are left out: asking for them fails when what they read, or their module, is not here.
    """
    for kind, name, table, sql in connection.execute(_OBJECTS.format("main")).fetchall():
        if table in OURS:
            continue
        yield f"{kind} {name}", definition(connection, kind, name, sql)


def definition(connection: sqlite3.Connection, kind: str, name: str, sql: str) -> str:
    """The definition of one object whose statement is `sql`."""
    text = normalised(sql)
    is_plain = kind == "table" and not text.startswith(_VIRTUAL)
    columns = connection.execute(_COLUMNS, (name,)).fetchall() if is_plain else []
    return "\n".join([text, *(column for (column,) in columns)])


def describe(connection: sqlite3.Connection) -> dict[str, str]:
    """Each object with the sha256 of its definition."""
    return {name: sha256(text.encode()).hexdigest() for name, text in definitions(connection)}


class Snapshots:
    """States of a schema that is looked at again and again: only what is new in one is read and described."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        """the statement of an object to its name and its definition"""
        self._last = ""

    def take(self, connection: sqlite3.Connection, expected: str | None = None) -> str:
        """The state of all objects as one text, which is to be given to `described` unless it is `expected`."""
        [[state]] = connection.execute(_STATE).fetchall()
        if state != expected:
            new = state.removeprefix(self._last)  # most migrations add to the end
            self._last = state
            for sql in set(new.split(_BETWEEN)).difference(self._known, ("",)):
                self._known[sql] = self._read(connection, sql)
        return str(state)

    def described(self, state: str) -> dict[str, str]:
        """Each object of a state that was taken, with its definition."""
        found = (self._known[sql] for sql in state.split(_BETWEEN) if sql)
        return {name: text for name, text in found if text}

    def _read(self, connection: sqlite3.Connection, sql: str) -> tuple[str, str]:
        """Name and definition; the definition of what is not the product's is empty."""
        rows = connection.execute(_OBJECT, (sql,)).fetchall()
        if not rows:
            return sql, sql  # a part of a statement in which somebody else has put a separator
        [(kind, name, table)] = rows
        is_theirs = table not in OURS and not name.startswith("sqlite_")
        return f"{kind} {name}", definition(connection, kind, name, sql) if is_theirs else ""


def fingerprint(connection: sqlite3.Connection) -> str:
    """sha256 of all definitions, as the open transaction sees them."""
    return fingerprint_of(describe(connection))


def fingerprint_of(objects: Mapping[str, str]) -> str:
    """Sha256 of these objects with their sha256."""
    lines = (f"{name} {digest}\n" for name, digest in sorted(objects.items()))
    return sha256("".join(lines).encode()).hexdigest()


def tables(connection: sqlite3.Connection, schema: str = "main") -> Iterator[str]:
    """Those that hold rows: the content of a virtual one is in tables of its own, or nowhere."""
    for kind, name, table, sql in connection.execute(_OBJECTS.format(schema)).fetchall():
        if kind == "table" and table not in OURS and not normalised(sql).startswith(_VIRTUAL):
            yield name


def counts(connection: sqlite3.Connection, only: Collection[str] | None = None) -> dict[str, int]:
    """Rows of each table, or only of these."""
    asked = [table for table in tables(connection) if only is None or table in only]
    return {table: rows(connection, quoted(table)) for table in asked}


def rows(connection: sqlite3.Connection, source: str) -> int:
    """How many; `source` is a table, a query in brackets or a table with a condition, with its names quoted."""
    [(number,)] = connection.execute(f"SELECT count(*) FROM {source}").fetchall()  # noqa: S608 - quoted
    return int(number)


def broken_references(connection: sqlite3.Connection) -> Mapping[str, int]:
    """Rows whose foreign key points nowhere: `child → parent` to their number."""
    found = connection.execute("PRAGMA foreign_key_check").fetchall()
    return Counter(f"{child} → {parent}" for child, _, parent, _ in found)


def quoted(name: str) -> str:
    """A name as SQL can read it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
