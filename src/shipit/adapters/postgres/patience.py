"""Waiting for locks without making others wait: give way, try again later, and say who is in the way."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, TypeVar

import psycopg

from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.sightings import COLUMNS, in_words
from shipit.adapters.postgres.troubles import state
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Stop

T = TypeVar("T")

BUSY = {"55P03": "a lock could not be had", "40P01": "a deadlock was broken"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_CANCELLED = "57014"
_OFTEN = 0.5  # seconds between two looks at who is waited for
_OF = (
    "FROM pg_stat_activity a WHERE a.pid = ANY (pg_blocking_pids(%s)) AND a.pid <> pg_backend_pid() ORDER BY a.pid"
)
_BLOCKERS = f"SELECT {COLUMNS} {_OF}"


def patiently(session: Session, what: str, attempt: Callable[["Watch"], T], say: Say) -> T:
    """Try until it works, while it fails for want of a lock and the session's patience lasts.

    From the second time on a session beside it watches who is in the way.
    """
    end = time.monotonic() + session.lock_patience
    pause = _FIRST_PAUSE
    watch = Watch(session)
    while True:
        try:
            with watch:
                return attempt(watch)
        except ExternalError as error:
            now = time.monotonic()
            if state(error) not in BUSY:
                raise
            if now >= end:
                raise _given_up(error, session, watch) from error
            rest = min(pause * random.uniform(0.5, 1.5), end - now)  # noqa: S311 - no secret: it keeps two apart
            say(f"{what}: {BUSY[state(error)]}{watch.seen_by}, trying again in {rest:.1f} s")
            time.sleep(rest)
            pause = min(pause * 2, _LONGEST_PAUSE)
            watch = Watch(session, looks=True)


@contextmanager
def telling(session: Session, what: str, say: Say) -> Iterator[None]:
    """While the block runs, which is outside of a transaction, say for whom the session waits, as an error does."""
    watch = Watch(session, looks=True, say=lambda who: say(f"{what} waits for {who}"))
    watch.pid = session.connection.info.backend_pid
    try:
        with watch:
            yield
    except ExternalError as error:
        if state(error) not in {*BUSY, _CANCELLED}:
            raise
        raise _with_blockers(error, [], watch) from error


class Watch:
    """Looks again and again at who blocks the session `pid`; the last that it saw stays.

    With `say` it looks less often, and says who it is whenever somebody else is in the way.
    """

    def __init__(self, session: Session, *, looks: bool = False, say: Say | None = None) -> None:
        self.pid = 0
        self._say = say
        self._pids: set[int] = set()
        self.seen: list[str] = []
        self._session = session.another()
        self._pause = _OFTEN if say else max(session.lock_timeout / 4, 0.02)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look) if looks else None

    @property
    def seen_by(self) -> str:
        return f" ({'; '.join(self.seen)})" if self.seen else ""

    def __enter__(self) -> None:
        if self._thread:
            self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _look(self) -> None:
        with suppress(Stop, psycopg.Error):  # who cannot look says less
            while not self._over.wait(self._pause):
                if self.pid:
                    self._see(self._session.ask(_BLOCKERS, [self.pid]))
        self._session.close()

    def _see(self, rows: Sequence[Sequence[Any]]) -> None:
        pids = {row[0] for row in rows}
        self.seen = list(map(in_words, rows)) or self.seen
        if self._say and pids - self._pids:
            self._say("; ".join(self.seen))
        self._pids = pids


def _given_up(error: ExternalError, session: Session, watch: Watch) -> ExternalError:
    tried = f"tried for {session.lock_patience:g} s, waiting {session.lock_timeout:g} s at most each time"
    return _with_blockers(error, [tried], watch)


def _with_blockers(error: ExternalError, remarks: Sequence[str], watch: Watch) -> ExternalError:
    evidence = [*error.evidence, *remarks, *(f"in the way: {one}" for one in watch.seen)]
    return type(error)(error.what, where=error.where, evidence=evidence, hint=error.hint)
