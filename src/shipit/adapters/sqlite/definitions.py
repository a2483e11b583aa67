"""What is in a database: its objects with their definitions, its rows, its broken references."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256

from shipit.adapters.sqlite.ledger import OURS
from shipit.adapters.sqlite.spelling import normalised

_OBJECTS = """SELECT type, name, tbl_name, sql FROM {}.sqlite_schema
    WHERE name NOT GLOB 'sqlite_*' AND sql IS NOT NULL ORDER BY type, name"""
_COLUMNS = "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid"
_VIRTUAL = "create virtual "


def definitions(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Each object (`table a`) with its definition, in order.

    The names of columns stand beside the text, since the text is read without capital letters. Those of views
    and virtual tables are left out: asking for them fails when what they read, or their module, is not here.
    """
    for kind, name, table, sql in connection.execute(_OBJECTS.format("main")).fetchall():
        if table in OURS:
            continue
        text = normalised(sql)
        is_plain = kind == "table" and not text.startswith(_VIRTUAL)
        columns = connection.execute(_COLUMNS, (name,)).fetchall() if is_plain else []
        yield f"{kind} {name}", "\n".join([text, *(column for (column,) in columns)])


def describe(connection: sqlite3.Connection) -> dict[str, str]:
    """Each object with the sha256 of its definition."""
    return {name: sha256(text.encode()).hexdigest() for name, text in definitions(connection)}


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


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of each table."""
    return {table: rows(connection, quoted(table)) for table in tables(connection)}


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
