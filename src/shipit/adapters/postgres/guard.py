"""One run at a time: an advisory lock of the database, which dies with whoever holds it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.sightings import COLUMNS, in_words
from shipit.engine.plan import Say
from shipit.errors import LeaseLost

KEY = (0x73686970, 0x69740000)
"""`ship`, `it`: PostgreSQL keeps advisory locks apart by database."""
_FIRST_PAUSE, _LONGEST_PAUSE, _WORD_EVERY = 0.2, 1.0, 10.0
_LOCKS = """
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s AND l.objsubid = 2
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
"""
_HOLDER = f"SELECT {COLUMNS.replace('a.pid', 'l.pid')} {_LOCKS}"
_MINE = f"SELECT EXISTS (SELECT {_LOCKS} AND l.pid = pg_backend_pid())"
_OTHERS = f"{_LOCKS} AND l.pid <> pg_backend_pid()"
_END = f"SELECT {COLUMNS.replace('a.pid', 'l.pid')}, pg_terminate_backend(l.pid) {_OTHERS}"
_LEFT = f"SELECT EXISTS (SELECT {_OTHERS} AND l.pid = ANY(%s))"
_SINCE = "extract(epoch FROM a.backend_start)::text"  # as a timestamp it is written as DateStyle has it
_WHO = f"SELECT a.pid, {_SINCE} FROM pg_catalog.pg_stat_activity a WHERE a.pid = pg_backend_pid()"  # noqa: S608 - a constant
_END_FORMER = f"SELECT pg_terminate_backend(l.pid) {_OTHERS} AND l.pid = %s AND {_SINCE} = %s"
_DYING = 5.0
"""Seconds that a session may take to end."""


def lock_transaction(connection: Connection, patience: float, say: Say) -> None:
    """Exclude every other run until this transaction ends; call it first in each one that writes.

    A session's own lock does not stand in its way. Raises LeaseLost when `patience` seconds are over.
    """

    def mine() -> bool:
        return bool(connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", KEY).fetchall()[0][0])

    def who() -> str | None:
        connection.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the sessions of its first look
        return next(map(in_words, connection.execute(_HOLDER.encode(), KEY).fetchall()), None)

    _poll(mine, who, patience, say)


@dataclass
class Guard:
    """Plays the port Guard; errors as in `troubles`.

    Behind a transaction pooler a session's lock would stay on a server session that anybody gets next. There
    nothing is taken: `lock_transaction` alone excludes others, one transaction at a time.
    """

    session: Session
    _trusted: bool = field(default=False, init=False)
    _who: Sequence[Any] = field(default=(), init=False)

    def take(self, patience: float, say: Say) -> None:
        if self.session.pooled:
            self._trusted = True
            say("behind a pooler: the lock is taken anew in each transaction")
        elif not self.is_held():  # it counts how often it is taken
            if self._who:  # ours before: its link is lost, which the server may not have noticed
                self.session.ask(_END_FORMER, (*KEY, *self._who), doing="end the session that was ours before")
            _poll(self._try, self.holder, patience, say)
            [self._who] = self.session.ask(_WHO)

    def is_held(self) -> bool:
        if self.session.pooled:
            self.session.ask("SELECT 1", doing="look at the migration lock")  # a link that is lost must be noticed
            return self._trusted
        return bool(self.session.ask(_MINE, KEY, doing="look at the migration lock")[0][0])

    def lasts(self) -> bool:
        return not self.session.pooled

    def release(self) -> None:
        self._trusted = False
        if not self.session.is_alive() or self.session.pooled or not self.is_held():
            return
        self.session.ask("SELECT pg_advisory_unlock(%s, %s)", KEY, doing="release the migration lock")

    def holder(self) -> str | None:
        return next(map(in_words, self.session.ask(_HOLDER, KEY, doing="look at the migration lock")), None)

    def break_(self) -> str | None:
        ended = self.session.ask(_END, KEY, doing="end the session that holds the migration lock")
        pids, end = [row[0] for row in ended], time.monotonic() + _DYING
        while pids and time.monotonic() < end and self.session.ask(_LEFT, (*KEY, pids))[0][0]:
            time.sleep(_FIRST_PAUSE / 4)
        return "; ".join(map(in_words, ended)) or None

    def _try(self) -> bool:
        # never pg_advisory_lock: who waits in it has a snapshot that CREATE INDEX CONCURRENTLY waits for
        asked = "SELECT pg_try_advisory_lock(%s, %s)"
        return bool(self.session.ask(asked, KEY, doing="take the migration lock")[0][0])


def _poll(mine: Callable[[], bool], who: Callable[[], str | None], patience: float, say: Say) -> None:
    end = time.monotonic() + patience
    word, pause = 0.0, _FIRST_PAUSE
    while not mine():
        now = time.monotonic()
        holder = who() or "somebody who was gone at once"
        if now >= end:
            raise LeaseLost(
                f"another run still holds the migration lock after {patience:.0f} s",
                evidence=[holder],
                hint="wait for it, or end it with `shipit migrate unlock --env NAME`",
            )
        if now >= word:
            say(f"waiting for another run: {holder}")
            word = now + _WORD_EVERY
        time.sleep(max(0.0, min(pause, end - now)))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
