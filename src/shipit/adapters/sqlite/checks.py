"""What must hold inside of a transaction before it may be committed."""

import sqlite3
from collections.abc import Mapping, Sequence

from shipit.adapters.sqlite.definitions import broken_references, quoted, rows
from shipit.adapters.sqlite.session import Session
from shipit.adapters.sqlite.spelling import words
from shipit.errors import ExternalError, Refused
from shipit.migrations.losses import Risk
from shipit.migrations.wording import counted


def check_empty(connection: sqlite3.Connection, empty: Sequence[Risk], where: str) -> None:
    """Raise Refused if rolling back would lose what somebody wrote; the transaction keeps writers out."""
    held = [line for risk in empty if (line := _held(connection, risk))]
    if held:
        raise Refused("rolling it back would destroy what was written since", where=where, evidence=held)


def _held(connection: sqlite3.Connection, risk: Risk) -> str:
    table, column = _unquoted(risk.relation), _unquoted(risk.column)
    sql = "SELECT lower(name), coalesce(dflt_value, 'NULL') FROM pragma_table_xinfo(?)"
    columns = dict(connection.execute(sql, (table,)).fetchall())
    if not columns or (column and column not in columns):
        return ""
    name = quoted(column)
    written = f" WHERE {name} IS NOT NULL AND NOT ({name} IS ({columns[column]}))" if column else ""
    number = rows(connection, quoted(table) + written)
    return f"{table}{'.' if column else ''}{column}: {counted(number, 'row')}" if number else ""


def _unquoted(name: str) -> str:
    """Without schema and quotes, in small letters."""
    *_, last = words(name) if name else ("",)
    return last.strip('"').replace('""', '"')


def check_fingerprint(found: str, expected: str | None, session: Session) -> None:
    if expected not in {None, found}:
        raise Refused(
            "the down scripts do not give the schema that was there before",
            where=str(session.path),
            evidence=[f"before: fingerprint {expected}", f"after:  fingerprint {found}"],
        )


def references(connection: sqlite3.Connection) -> Mapping[str, int] | None:
    """None where a declaration is broken: then nothing can be compared."""
    try:
        return broken_references(connection)
    except sqlite3.OperationalError:
        return None


def check_references(connection: sqlite3.Connection, before: Mapping[str, int] | None, session: Session) -> None:
    """Rows that pointed nowhere before are none of the migration's doing."""
    if before is None:
        return
    with session.limited(str(session.path), "PRAGMA foreign_key_check"):
        after = broken_references(connection)
    worse = [f"{pair}: {counted(number, 'row')}" for pair, number in after.items() if number > before.get(pair, 0)]
    if worse:
        raise ExternalError(
            "the migration leaves rows whose foreign key points nowhere",
            where=str(session.path),
            evidence=sorted(worse),
            hint="foreign keys are not enforced while a migration runs, but must hold at its end",
        )
