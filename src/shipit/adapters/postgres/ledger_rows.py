"""What others write into the ledger within their own transaction; each also notes that the transaction is ours."""

import codecs
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.json import encode

from shipit.adapters.postgres.session import Connection
from shipit.migrations.records import Applied

_NOTED = "WITH own AS (INSERT INTO shipit.own (xid) VALUES (txid_current()) ON CONFLICT DO NOTHING) "
_INSERT = """
INSERT INTO shipit.migration (version, name, sha256, run, applied_at, milliseconds, fingerprint)
SELECT version, name, sha256, run, to_timestamp(at), milliseconds, fingerprint
FROM ROWS FROM (json_to_recordset(%s::json) AS (version text, name text, sha256 text, run text, at float8,
    milliseconds bigint, fingerprint text)) WITH ORDINALITY
    AS given (version, name, sha256, run, at, milliseconds, fingerprint, place)
ORDER BY place
"""
_INTENT = """
INSERT INTO shipit.intent (version, sha256, run, statement) VALUES (%s, %s, %s, %s)
ON CONFLICT (version) DO UPDATE SET sha256 = excluded.sha256, run = excluded.run,
    statement = excluded.statement, begun_at = excluded.begun_at
"""


class Intent(Struct, frozen=True):
    """A solo statement that was begun and of which nobody wrote down how it ended; `begun` since the epoch."""

    version: str
    sha256: str
    run: str
    statement: str
    begun: float


def note_own(connection: Connection) -> None:
    """Remember the id of the running transaction as one of ours: what is not noted is somebody else's."""
    connection.execute("INSERT INTO shipit.own (xid) VALUES (txid_current()) ON CONFLICT DO NOTHING")


def write(connection: Connection, statement: str, parameters: Sequence[Any]) -> None:
    """One statement that writes, and the note that it was us, in one message."""
    connection.execute((_NOTED + statement).encode(), parameters)


def fitting(connection: Connection, value: Any) -> Any:
    """A text with a question mark for each character that the encoding of the database lacks."""
    encoding = connection.info.parameter_status("server_encoding") or "UTF8"
    if not isinstance(value, str) or encoding in {"UTF8", "SQL_ASCII"}:
        return value
    try:
        known = codecs.lookup(encoding.replace("WIN", "cp")).name
    except LookupError:
        known = "ascii"
    return value.encode(known, "replace").decode(known)


def insert_applied(connection: Connection, rows: Sequence[Applied], *, keep: bool = False) -> None:
    """Record these, in this order; with `keep` those that are there stay, else that is an error (23505)."""
    if rows:
        write(connection, _INSERT + (" ON CONFLICT (version) DO NOTHING" if keep else ""), [encode(rows).decode()])


def delete_applied(connection: Connection, versions: Sequence[str]) -> None:
    write(connection, "DELETE FROM shipit.migration WHERE version = ANY(%s)", [list(versions)])


def newest_fingerprint(connection: Connection) -> str:
    """Of the catalog as the last migration left it; empty where nobody wrote it down."""
    rows = connection.execute("SELECT fingerprint FROM shipit.migration ORDER BY position DESC LIMIT 1").fetchall()
    return str(rows[0][0]) if rows else ""


def note_fingerprint(connection: Connection, fingerprint: str) -> None:
    """The catalog as a way back left it: columns that came back stand last, so it may be another than it was."""
    newest = "(SELECT max(position) FROM shipit.migration)"
    write(connection, f"UPDATE shipit.migration SET fingerprint = %s WHERE position = {newest}", [fingerprint])  # noqa: S608 - a constant


def put_intent(connection: Connection, version: str, sha256: str, run: str, statement: str) -> None:
    """Before the solo statement: its run and text; one that was left by a dead run is replaced."""
    write(connection, _INTENT, [version, sha256, run, statement])


def drop_intent(connection: Connection, version: str) -> None:
    write(connection, "DELETE FROM shipit.intent WHERE version = %s", [version])


def intents(connection: Connection) -> list[Intent]:
    """Oldest first; the ledger must be there."""
    rows = connection.execute(
        "SELECT version, sha256, run, statement, extract(epoch FROM begun_at)::float8"
        " FROM shipit.intent ORDER BY begun_at, version"
    )
    return [Intent(*row) for row in rows]
