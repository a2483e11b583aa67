"""Keeping everybody out of a database for a moment, and proving that nobody wrote before that.

The fence is a lock and not a setting: `ALTER DATABASE … RENAME` takes an exclusive lock on the database, for which
every new connection waits, and is carried out only when no session is left in it. Nothing of it is committed until
both names are swapped, so whoever dies in between leaves the database open, under its name; ALLOW_CONNECTIONS false
would be committed, and would outlive us. It needs no more than the rights of an owner.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from shipit.adapters.postgres.session import Session
from shipit.errors import ExternalError

_EVERY = 0.02  # seconds

# Whom we may end, as pg_terminate_backend judges it; autovacuum has no user, and gives way by itself
_MAY_END = """
(pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))
AND (NOT u.rolsuper OR current_setting('is_superuser') = 'on')
"""
_SESSIONS = """
FROM pg_stat_activity a JOIN pg_roles u ON u.oid = a.usesysid
WHERE a.datname = ANY(%s) AND a.pid <> pg_backend_pid() AND {whom}
"""
_END = "SELECT count(pg_terminate_backend(a.pid)) " + _SESSIONS.replace("{whom}", _MAY_END)
_NOT_OURS_TO_END = (
    "SELECT format('pid %%s of %%s (%%s)', a.pid, a.usename, coalesce(nullif(a.application_name, ''), 'no name')) "
    + _SESSIONS.replace("{whom}", f"NOT ({_MAY_END})")
)
_WRITTEN = """
WITH mark AS MATERIALIZED (SELECT %s::text::txid_snapshot AS before, txid_current_snapshot() AS now),
candidate AS MATERIALIZED (
  SELECT txid_snapshot_xip(before) AS xid FROM mark
  UNION ALL
  SELECT generate_series(txid_snapshot_xmax(before), txid_snapshot_xmax(now) - 1) FROM mark)
SELECT count(*) FROM candidate
WHERE coalesce(txid_status(xid), 'committed') = 'committed' AND xid %% 4294967296 <> ALL(%s::bigint[])
"""


@contextmanager
def ending(session: Session, databases: Sequence[str]) -> Iterator[None]:
    """While the block runs, every session in these databases is ended as soon as it is seen.

    `session` is in another database and becomes ours alone.
    """
    over = threading.Event()

    def end() -> None:
        session.ask(_END, [list(databases)], doing="end the sessions in the database")

    def go_on() -> None:
        with suppress(ExternalError):  # whoever waits for them to end hears from the server that they did not
            while not over.wait(_EVERY):
                end()

    with closing(session):
        end()
        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def unendable(session: Session, database: str) -> list[str]:
    """The sessions in a database that this role has no right to end."""
    return [who for (who,) in session.ask(_NOT_OURS_TO_END, [[database]])]


def moment(session: Session) -> str:
    """A mark of now, for `written_since`; any database of the server gives the same."""
    [[mark]] = session.ask("SELECT txid_current_snapshot()::text")
    return str(mark)


def written_since(session: Session, mark: str, own: Collection[int]) -> int:
    """How many transactions were committed on the server since the mark, but for our `own` (modulo 2³²).

    Exact for a database in which nobody is any more; what other databases of the server did is counted too.
    """
    [[count]] = session.ask(_WRITTEN, [mark, sorted(own)], doing="ask who wrote since")
    return int(count)


def usable(session: Session, databases: Sequence[str]) -> str | None:
    """The first of these databases of the server that lets us in."""
    for database in databases:
        with suppress(ExternalError), closing(session.another(database)) as another:
            another.ask("SELECT 1")
            return database
    return None
