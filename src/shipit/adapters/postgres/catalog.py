"""What the schema is and how much is in it, asked of the catalog; and who wrote since."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import TypeAlias

from psycopg import errors

from shipit.adapters.postgres import definitions
from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.troubles import translated
from shipit.errors import Refused
from shipit.migrations.drift import Schema
from shipit.migrations.records import Baseline

_Rows: TypeAlias = Sequence[tuple[str, str, str]]

FARTHEST = 1_000_000
"""Transactions since a mark beyond which nobody asks for each of them."""

_AT_ONCE = 200  # tables counted by one statement; their locks are given back after it
_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname),
    format('SELECT %L, count(*) FROM ONLY %I.%I', format('%I.%I', n.nspname, c.relname), n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'shipit')
ORDER BY n.nspname, c.relname
"""
# The txid_ functions are the ones that PostgreSQL 12 has too
_MARK = "SELECT txid_current_snapshot()::text"
_NEXT = "SELECT txid_current(), txid_current() - txid_snapshot_xmin(%s::text::txid_snapshot)"
_WRITERS = """
WITH mark AS MATERIALIZED (SELECT %s::text::txid_snapshot AS former),
candidate AS MATERIALIZED (
  SELECT txid_snapshot_xip(former) AS xid FROM mark
  UNION ALL
  SELECT generate_series(txid_snapshot_xmax(former), %s::bigint - 1) FROM mark),
judged AS MATERIALIZED (SELECT xid, txid_status(xid) AS status FROM candidate)
SELECT count(*) FILTER (WHERE status IS NULL), count(*) FILTER (WHERE status <> 'aborted'
  AND NOT (status = 'in progress' AND mod(xid, 4294967296) IN (
    SELECT a.backend_xid::text::bigint FROM pg_stat_activity a
    WHERE a.backend_xid IS NOT NULL AND a.datname <> current_database()))
  {but_ours})
FROM judged
"""
_BUT_OURS = "AND NOT EXISTS (SELECT FROM shipit.own o WHERE o.xid = judged.xid)"


def fingerprint_of(connection: Connection) -> str:
    """sha256 over every definition, as the transaction sees them, if there is one."""
    return definitions.digest(connection)


def schema_of(connection: Connection) -> Schema:
    """The same fingerprint and what it stands for, as the transaction sees it."""
    return _schema(definitions.read(connection))


class Catalog:
    """See the port."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def fingerprint(self) -> str:
        with self._reading("read the catalog") as connection:
            return fingerprint_of(connection)

    def describe(self) -> Mapping[str, str]:
        return _described(self._definitions())

    def schema(self) -> Schema:
        return _schema(self._definitions())

    def _definitions(self) -> _Rows:
        with self._reading("read the catalog") as connection:
            return definitions.read(connection)

    def counts(self, only: Collection[str] | None = None) -> Mapping[str, int]:
        """Without what row level security would hide: then the server says no, and nothing is counted wrong."""
        if only is not None and not only:
            return {}
        with self._snapshot("count rows") as connection:
            return _counted(connection, only)

    def baseline(self) -> Baseline:
        with self._snapshot("read the catalog and count rows") as connection:
            [[mark]] = connection.execute(_MARK).fetchall()
            return Baseline(fingerprint_of(connection), _counted(connection), mark)

    def foreign_since(self, mark: str) -> int:
        """How many transactions of others may have written since: never too few, sometimes too many.

        The server hands out one sequence of transaction ids to all its databases, only to transactions that
        change something. Each id that the mark did not see finished is asked for; what was rolled back did
        nothing. Counted although they may have changed nothing here: committed transactions of other databases,
        autovacuum's ANALYZE, and of our own savepoints and exception blocks that wrote (each has an id of its own,
        which the ledger does not know; those of solo statements it knows, see `inner`).
        """
        query = self._writers()
        with self._reading("ask who wrote since the backup") as connection:
            try:
                # its own id, which is rolled back, lies behind that of everybody who runs now
                with connection.transaction(force_rollback=True):
                    connection.execute("SET LOCAL jit = off")
                    [[ours, distance]] = connection.execute(_NEXT, [mark]).fetchall()
                    if not 0 <= distance <= FARTHEST:
                        raise _unknown(f"{distance:,} transactions lie between the mark {mark} and now")
                    [[forgotten, foreign]] = connection.execute(query, [mark, ours]).fetchall()
            except (errors.InvalidParameterValue, errors.InvalidTextRepresentation) as error:
                raise _unknown(f"the mark {mark} is not of this server: {error.diag.message_primary}") from error
        if forgotten:
            raise _unknown(f"the server no longer knows how {forgotten:,} transactions since {mark} ended")
        return int(foreign)

    def _writers(self) -> bytes:
        [[known]] = self._session.ask("SELECT to_regclass('shipit.own') IS NOT NULL")
        return _WRITERS.replace("{but_ours}", _BUT_OURS if known else "").encode()

    @contextmanager
    def _reading(self, doing: str) -> Iterator[Connection]:
        with translated(self._session.address, doing):
            yield self._session.connection

    @contextmanager
    def _snapshot(self, doing: str) -> Iterator[Connection]:
        """A transaction in which all that is asked is as of one moment."""
        with self._reading(doing) as connection, connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self._session.watch()
            yield connection


def _counted(connection: Connection, only: Collection[str] | None = None) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    connection.execute("SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL jit = off")
    tables = connection.execute(_TABLES).fetchall()
    asked = [question for table, question in tables if only is None or table in only]
    for questions in _batches(asked):
        with connection.transaction(force_rollback=True):  # gives the locks back: thousands fill the lock table
            counts.update(connection.execute(" UNION ALL ".join(questions).encode()).fetchall())
    return counts


def _batches(questions: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(questions), _AT_ONCE):
        yield questions[start : start + _AT_ONCE]


def _schema(rows: _Rows) -> Schema:
    return Schema(_hashed("\0".join(row) for row in rows), _described(rows))


def _described(rows: _Rows) -> Mapping[str, str]:
    return {f"{kind} {name}": _hashed(_parts(kind, text)) for kind, name, text in rows}


def _parts(kind: str, text: str) -> Sequence[str]:
    """A table's columns in any order: no script can put back in its old place what it dropped."""
    return sorted(text.splitlines()) if kind == "table" else (text,)


def _hashed(texts: "Iterator[str] | Sequence[str]") -> str:
    return sha256("\1".join(texts).encode()).hexdigest()


def _unknown(evidence: str) -> Refused:
    return Refused(
        "nobody can tell any more who wrote since the backup",
        evidence=[evidence],
        hint="compare the data yourself, and then say with --accept-loss how much may be lost",
    )
