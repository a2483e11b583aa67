"""The proof that nobody else wrote: this connection's data version, or else the rows of a backup."""

import sqlite3
from pathlib import Path

from shipit.adapters.sqlite.definitions import quoted, rows, tables
from shipit.adapters.sqlite.session import Session
from shipit.adapters.sqlite.troubles import errors_translated
from shipit.errors import Refused


def mark(session: Session, connection: sqlite3.Connection, backup: str = "") -> str:
    """As of the open transaction; `backup` is the name of the file in the folder of backups, if there is one.

    SQLite counts no transactions that outlive a process (in WAL mode the file's change counter stands still),
    but shows a connection whether another one wrote.
    """
    [(version,)] = connection.execute("PRAGMA data_version").fetchall()
    return f"{session.token}/{version}/{backup}"


def changes_since(session: Session, mark: str, backups: Path) -> int:
    """How many changes of others: 0 if this connection knows of none, else the rows that differ from the backup.

    Rows that our own migrations changed are among them: never too few. Raises Refused where neither is left.
    """
    token, version, backup = mark.split("/", 2)
    connection = session.connection
    is_ours = token == session.token
    if is_ours:
        if session.ask("PRAGMA data_version") == [(int(version),)]:
            return 0
        if not backup:
            return 1
    file = backups / backup
    if not backup or not file.is_file():
        raise Refused(
            "nobody can know any more who wrote since",
            where=str(session.path),
            evidence=["only the connection that took the mark can know, and there is no backup to compare with"],
            hint="compare by hand; the file can be copied back when nothing has it open",
        )
    return max(sum(differing_rows(connection, file).values()), int(is_ours))


def differing_rows(connection: sqlite3.Connection, backup: Path) -> dict[str, int]:
    """For each table the rows that bringing the backup back would take away or change; what is equal is left out.

    A changed row counts twice, once as it is and once as it was. Outside of a transaction only.
    """
    with errors_translated(str(backup)):
        connection.execute("ATTACH ? AS former", (f"{backup.absolute().as_uri()}?mode=ro&immutable=1",))
        try:
            there = set(tables(connection, "former"))
            found = {
                table: _differences(connection, table) if table in there else rows(connection, quoted(table))
                for table in list(tables(connection))
            }
        finally:
            connection.execute("DETACH former")
    return {table: number for table, number in found.items() if number}


def _differences(connection: sqlite3.Connection, table: str) -> int:
    now, then = _columns(connection, table, "main"), _columns(connection, table, "former")
    name = quoted(table)
    both = ", ".join(f"{quoted(column)} COLLATE BINARY" for column in now if column in then) or "NULL"
    ours, theirs = f"SELECT {both} FROM main.{name}", f"SELECT {both} FROM former.{name}"  # noqa: S608 - quoted
    differing = rows(connection, f"({ours} EXCEPT {theirs})") + rows(connection, f"({theirs} EXCEPT {ours})")
    more = rows(connection, f"main.{name}") - rows(connection, f"former.{name}")
    filled = [f"NOT ({quoted(column)} IS {default})" for column, default in now.items() if column not in then]
    if filled:
        differing += rows(connection, f"main.{name} WHERE {' OR '.join(filled)}")
    return max(differing, abs(more))


def _columns(connection: sqlite3.Connection, table: str, schema: str) -> dict[str, str]:
    """Those that hold something of their own, with what a row has there that says nothing."""
    sql = "SELECT name, coalesce(dflt_value, 'NULL') FROM pragma_table_xinfo(?, ?) WHERE hidden = 0"
    return {name: f"({default})" for name, default in connection.execute(sql, (table, schema)).fetchall()}
