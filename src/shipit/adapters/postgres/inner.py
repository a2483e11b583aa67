"""The transactions that a statement outside of any makes by itself, so that they are not taken for somebody else's.

CREATE INDEX CONCURRENTLY commits three, each with an id of its own. Which they were nobody can see afterwards; but
the server reports to the session that they belong to, at the lowest level of its messages, whenever a transaction
begins or ends. What is reported so is ours beyond doubt: our own session says it of itself, by a function of the
server that no SQL can call. What is not reported counts as somebody else's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from psycopg.errors import Diagnostic

from shipit.adapters.postgres.session import Connection, Session

LARGEST = 10 * 2**30
"""Bytes of a database beyond which a server that also reports each read from disk is not listened to."""
_TELLS_OF_READS = 180000
_REPORTER = "ShowTransactionStateRec"
_REPORTED = re.compile(r"xid/subid/cid: (\d+)/\d+/\d+(?:, children:([ \d]+))?")
_SIZE = "SELECT pg_database_size(current_database())"
_COMMITTED = """
SELECT count(*) FROM unnest(%s::bigint[]) reported, txid_snapshot_xmax(txid_current_snapshot()) present
WHERE txid_status(present - mod(present - reported + 4294967296, 4294967296)) = 'committed'
"""
# reported are ids modulo 2³², all of them before the present one
_NOTE = """
INSERT INTO shipit.own (xid)
SELECT txid_current() - mod(txid_current() - reported + 4294967296, 4294967296) FROM unnest(%s::bigint[]) reported
ON CONFLICT DO NOTHING
"""


@dataclass(kw_only=True)
class Inner:
    """What is heard on one connection is only ever noted on the same one: after a failover ids mean others."""

    session: Session
    _told: set[int] = field(default_factory=set)
    _by: Connection | None = None
    _is_deaf: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the block runs, outside of a transaction, the session's own transactions are remembered."""
        connection = self.session.connection
        if self._by is not connection:
            self._by, self._told = connection, set()
        self._is_deaf = self._too_much()
        if self._is_deaf:
            yield
            return
        connection.add_notice_handler(self._hear)
        try:
            connection.execute("SET client_min_messages = debug5")
            yield
        finally:
            with suppress(psycopg.Error):
                connection.execute("RESET client_min_messages")
            connection.remove_notice_handler(self._hear)

    def committed(self) -> int | None:
        """How many of them were committed; None if nobody has listened, or the link is lost since."""
        if self._is_deaf or self._by is not self.session.connection:
            return None
        return int(self.session.ask(_COMMITTED, [sorted(self._told)])[0][0])

    def note(self, connection: Connection) -> None:
        """Write down within the transaction of this connection that they were ours."""
        if self._told and connection is self._by:
            connection.execute(_NOTE, [sorted(self._told)])

    def _too_much(self) -> bool:
        """Eight messages for each read: 2.6 s for each GB of an index that is built."""
        return self.session.version >= _TELLS_OF_READS and self.session.ask(_SIZE)[0][0] > LARGEST

    def _hear(self, reported: Diagnostic) -> None:
        if reported.source_function == _REPORTER and (found := _REPORTED.search(reported.message_primary or "")):
            ids = [found[1], *(found[2] or "").split()]
            self._told.update(int(one) for one in ids if one != "0")
