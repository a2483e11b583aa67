"""One transaction of a run: how it begins, that it is still the same, and whether its COMMIT came through."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from shipit.adapters.postgres.guard import lock_transaction
from shipit.adapters.postgres.scripts import ended
from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.troubles import explained, is_lost, translated
from shipit.engine.plan import Say
from shipit.errors import Stop, Unavailable

PATIENCE = 60.0
"""Seconds to find out what became of a COMMIT whose answer was lost."""
_GRACE = 2.0  # seconds in which the server may still finish it; then its session is ended
_BEGIN = """
BEGIN; SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement};
SELECT set_config('shipit.transaction', '{mark}', true), pg_backend_pid(),
    current_setting('client_connection_check_interval', true)
"""
_RESET = b"RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"
_AFRESH = """
SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement};
SELECT set_config('shipit.transaction', '{mark}', true)
"""
_SAME = "SELECT current_setting('shipit.transaction', true) = %s, txid_current_if_assigned()"
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid::text::bigint = mod(%s, 4294967296)"
)


@dataclass(kw_only=True)
class Transaction:
    """An open one; `pid` is that of the server's session that it runs in; not `kept`, it is rolled back."""

    session: Session
    what: str
    kept: bool = True
    pid: int = 0
    xid: int | None = None
    _mark: str = ""
    _watch: str | None = None

    @property
    def connection(self) -> Connection:
        return self.session.connection

    def begin(self) -> None:
        self._mark = token_hex(8)
        cursor = self.connection.execute(self._filled(_BEGIN))
        while cursor.nextset():
            pass
        [[_, self.pid, self._watch]] = cursor.fetchall()
        self.session.watch()

    def check(self) -> None:
        """Raise Refused if it is not the one that was begun: a COMMIT AND CHAIN can be seen only so."""
        [[same, self.xid]] = self.connection.execute(_SAME, [self._mark]).fetchall()
        if not same:
            ended(self.what, str(self.session.address))

    def settings_afresh(self) -> None:
        """What a migration set for the session is not for the next one."""
        self.check()
        self.connection.execute(_RESET)
        self.session.watch()
        self.session.keep_alive()
        self.connection.execute(self._filled(_AFRESH))  # last: a SET for the session would overwrite it
        if self._watch and not self.session.pooled:
            self.connection.execute(
                "SELECT set_config('client_connection_check_interval', %s, false)", [self._watch]
            )

    def _filled(self, text: str) -> bytes:
        lock, statement = self.session.lock_timeout, self.session.statement_timeout
        return text.format(lock=_milliseconds(lock), statement=_milliseconds(statement), mark=self._mark).encode()


@contextmanager
def transaction(session: Session, what: str, done: Callable[[Connection], bool], say: Say) -> Iterator[Transaction]:
    """Everything in it is there when this ends, and nothing if it raises.

    No other run can be in one. `done` asks on a new connection whether it came through, after the answer to
    COMMIT was lost; `what` names it. Raises Unavailable when that could not be found out.
    """
    opened = Transaction(session=session, what=what)
    try:
        with translated(session.address, f"begin {what}"):
            opened.begin()
            lock_transaction(session.connection, session.lock_patience, say)
        with translated(session.address, f"finish {what}"):  # a script's own errors are reported already
            yield opened
            opened.check()
    except BaseException:
        leave(session)
        raise
    if opened.kept:
        _commit(opened, done, say)
    else:
        leave(session)


def leave(session: Session) -> None:
    """Roll back, whatever state the connection is in; one that cannot is closed, and the server rolls back."""
    with suppress(psycopg.Error):
        if session.connection.info.transaction_status is TransactionStatus.ACTIVE:
            session.connection.cancel_safe(timeout=5)
            session.close()
        else:
            session.connection.rollback()


def calm(session: Session) -> None:
    """End what runs after a signal, and keep the session with its lock; raises psycopg.Error if that fails."""
    connection = session.connection
    if connection.info.transaction_status is TransactionStatus.ACTIVE:
        connection.cancel_safe(timeout=5)
        while connection.pgconn.get_result() is not None:
            pass
    connection.rollback()


def _commit(opened: Transaction, done: Callable[[Connection], bool], say: Say) -> None:
    session = opened.session
    try:
        answer = session.connection.execute("COMMIT").statusmessage
    except psycopg.Error as error:
        if not is_lost(error):
            leave(session)
            raise explained(error, session.address, f"commit {opened.what}") from error
        say(f"{opened.what}: the answer to COMMIT was lost, asking whether it came through")
        if not _came_through(opened, done):
            lost = "the link to the database was lost"
            raise _not_committed(session, opened.what, lost) from error
    except BaseException:  # a signal: the server decides, and the next run looks
        leave(session)
        raise
    else:
        if answer != "COMMIT":
            raise _not_committed(session, opened.what, f"the server answered {answer}")


def _came_through(opened: Transaction, done: Callable[[Connection], bool]) -> bool:
    began = time.monotonic()
    while True:
        waited = time.monotonic() - began
        try:
            opened.session.reconnect()
            with translated(opened.session.address, "look whether it was committed"):
                if not _is_running(opened, end=waited > _GRACE):
                    return done(opened.session.connection)
        except Stop as problem:
            if waited > PATIENCE:
                raise _nobody_knows(opened, problem.evidence) from problem
        else:
            if waited > PATIENCE:
                raise _nobody_knows(opened, ["the server still works on it"])
        time.sleep(0.1 if waited < _GRACE else 1)


def _is_running(opened: Transaction, *, end: bool) -> bool:
    """Whether the server still has it open; with `end` its session is ended, which never gets another word."""
    connection = opened.session.connection
    try:
        [[status]] = connection.execute("SELECT txid_status(%s)", [opened.xid]).fetchall()
    except errors.InvalidParameterValue:  # of the future: this is another server, a former replica
        return False
    if status == "in progress" and end:
        connection.execute(_END, [opened.xid])
    return bool(status == "in progress")


def _not_committed(session: Session, what: str, why: str) -> Unavailable:
    return Unavailable(
        f"{what} was not committed",
        where=str(session.address),
        evidence=[f"{why}, and nothing of it is there"],
        hint="run the same command again",
    )


def _nobody_knows(opened: Transaction, evidence: "tuple[str, ...] | list[str]") -> Unavailable:
    return Unavailable(
        f"nobody knows whether {opened.what} was committed",
        where=str(opened.session.address),
        evidence=[f"the answer to COMMIT was lost, and for {PATIENCE:.0f} s nobody could be asked", *evidence],
        hint="run the same command again when the database answers: it looks first, and applies nothing twice",
    )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
