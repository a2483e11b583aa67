"""Statements that can be in no transaction: intent, statement, a look at the catalog, and only then the row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

from shipit.adapters.postgres import solo_stops, traces
from shipit.adapters.postgres.catalog import fingerprint_of
from shipit.adapters.postgres.guard import lock_transaction
from shipit.adapters.postgres.inner import Inner
from shipit.adapters.postgres.ledger_rows import (
    delete_applied,
    drop_intent,
    insert_applied,
    newest_fingerprint,
    note_fingerprint,
    note_own,
    put_intent,
)
from shipit.adapters.postgres.patience import BUSY, telling
from shipit.adapters.postgres.records import Records, applied, intent, recorded, require_success
from shipit.adapters.postgres.scripts import Load, Scripts, Way
from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.traces import Trace
from shipit.adapters.postgres.transaction import calm, leave, transaction
from shipit.adapters.postgres.troubles import is_lost, state, translated
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Stop
from shipit.migrations.model import Prepared
from shipit.migrations.transactions import alone

_ATTEMPTS = 3
_HURRY = 0.5  # seconds to wait for a lock once a signal came
_BEFORE = "\n-- invalid before: "  # in the text of an intent: what is not ours to drop


def settled(connection: Connection, one: Prepared) -> bool | None:
    """True recorded, False absent, None begun by a run that died."""
    if one.version in recorded(connection, [one]):
        return True
    return None if intent(connection, one.version) else False


def goes_back_alone(one: Prepared) -> bool:
    """Whether its down script can be in no transaction."""
    return any(alone(statement) for statement in one.down)


@dataclass(kw_only=True)
class Solo:
    """One such migration at a time; no other run may be in between, so the guard must be held."""

    session: Session
    load: Load
    say: Say
    _inner: Inner = field(init=False)

    def __post_init__(self) -> None:
        self._inner = Inner(session=self.session)

    def apply(self, one: Prepared, run: str) -> None:
        if self.session.pooled:
            raise solo_stops.pooled(one)
        with self._asking(one) as connection:
            if one.version in recorded(connection, [one]):
                return
            there, kept = self._settle(one, "up", intent(connection, one.version))
        spent = self._attempt(one, run, "up", kept, built=True) if there else self._run(one, run, "up", kept)
        records = Records(run, [one.version])
        with self._finishing(one, records.are_there) as connection:
            insert_applied(connection, [applied(one, run, spent, fingerprint_of(connection))])

    def revert(self, one: Prepared, run: str, expected: str | None) -> None:
        """Without a transaction the way back stays gone, also where the schema is then another than expected."""
        if self.session.pooled:
            raise solo_stops.pooled(one)
        if len(one.down) != 1:
            raise solo_stops.halves(one)
        with self._asking(one) as connection:
            if one.version not in recorded(connection, [one]):
                return
            there, kept = self._settle(one, "down", intent(connection, one.version))
            is_as_left = not there and newest_fingerprint(connection) == fingerprint_of(connection)
        if not there:
            self._run(one, run, "down", kept)
        with self._finishing(one, Records("", [one.version]).are_gone) as connection:
            delete_applied(connection, [one.version])
            found = fingerprint_of(connection)
            if is_as_left:
                note_fingerprint(connection, found)
        if expected is not None:
            require_success(found, expected, one.label)

    def _settle(self, one: Prepared, way: Way, left: tuple[str, str] | None) -> tuple[bool, Sequence[str]]:
        """Whether the effect is there already, and the invalid indexes that are somebody else's."""
        connection, statement = self.session.connection, traces.statement_of(one, way)
        trace = traces.look(connection, statement)
        begun, _, others = left[1].partition(_BEFORE) if left else ("", "", "")
        kept = others.split(", ") if left else ()
        if left is None:
            if trace is Trace.HALF:
                raise solo_stops.not_ours(one, traces.residue(connection, statement))
            return False, [*traces.residue(connection, statement), *traces.made(connection, statement)]
        may_run_again = trace is Trace.UNKNOWN and one.migration.directives.idempotent
        if left[0] != self._sha256(one, way) and not may_run_again:
            raise solo_stops.begun_otherwise(one, begun, known=trace is not Trace.UNKNOWN)
        if trace is Trace.DONE:
            self.say(f"{one.label}: a run that died had finished it")
            return True, kept
        repeatable = one.migration.directives.idempotent or (statement and statement.kind in traces.REPEATABLE)
        if trace is Trace.UNKNOWN and not repeatable:
            raise solo_stops.nobody_knows(one, begun)
        self.say(f"{one.label}: a run that died had begun it")
        return False, kept

    def _run(self, one: Prepared, run: str, way: Way, kept: Sequence[str]) -> int:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._attempt(one, run, way, kept)
            except ExternalError as error:
                if state(error) not in BUSY or attempt == _ATTEMPTS:
                    raise
                self.say(f"{one.label}: {BUSY[state(error)]}, attempt {attempt + 1} of {_ATTEMPTS}")
        raise AssertionError  # the last attempt returned or raised

    def _attempt(self, one: Prepared, run: str, way: Way, kept: Sequence[str], *, built: bool = False) -> int:
        """Milliseconds; `built`: the statement itself was done by a run that died, perhaps before it looked."""
        self._intend(one, run, way, kept)
        try:
            return (0 if built else self._do(one, way, kept)) + self._verify(one, way)
        except Exception as error:
            if is_lost(error):
                raise solo_stops.lost(one, self.session.address, getattr(error, "evidence", ())) from error
            if traces.stays(traces.statement_of(one, way)) and (count := self._inner.committed()) != 0:
                with suppress(Stop, psycopg.Error), self.session.transaction() as connection:
                    note_own(connection)
                    self._inner.note(connection)
                raise solo_stops.half_done(one, error, count) from error
            if left := self._clean_up(one, way, kept):
                raise solo_stops.with_remark(error, left) from error
            raise
        except BaseException:  # a signal
            self._stop(one, way, kept)
            raise

    def _stop(self, one: Prepared, way: Way, kept: Sequence[str]) -> None:
        """End it and drop what it left, if both are soon done; of what is left the next run sees the intent."""
        try:
            calm(self.session)
            if traces.look(self.session.connection, traces.statement_of(one, way)) is not Trace.UNKNOWN:
                self._clean_up(one, way, kept, hurried=True)
        except psycopg.Error:
            leave(self.session)

    def _do(self, one: Prepared, way: Way, kept: Sequence[str]) -> int:
        with self._inner.listening():
            self._remove_ruins(one, way, kept)
            with self._timeouts(one), telling(self.session, one.label, self.say):
                spent = Scripts(session=self.session, load=self.load, say=self.say, alone=True).run(one, way)
        self._insist_on_effect(one, way)
        return spent

    def _verify(self, one: Prepared, way: Way) -> int:
        """In a transaction, as the verify scripts of others are; it leaves nothing."""
        if way == "down" or not one.migration.verify:
            return 0
        with self.session.connection.transaction(force_rollback=True):
            return Scripts(session=self.session, load=self.load, say=self.say).run(one, "verify")

    def _intend(self, one: Prepared, run: str, way: Way, kept: Sequence[str]) -> None:
        text = "; ".join(statement.text for statement in getattr(one, way)) or f"{way}()"
        with self.session.transaction(f"begin {one.label}") as connection:
            lock_transaction(connection, self.session.lock_patience, self.say)
            put_intent(connection, one.version, self._sha256(one, way), run, text + _BEFORE + ", ".join(kept))

    def _insist_on_effect(self, one: Prepared, way: Way) -> None:
        """What the catalog says counts, not what the statement answered: IF NOT EXISTS is content with a ruin."""
        with self._asking(one) as connection:
            trace = traces.look(connection, traces.statement_of(one, way))
        if trace in {Trace.HALF, Trace.NONE}:
            said = "an invalid index" if trace is Trace.HALF else "nothing of it"
            raise ExternalError(
                f"{one.label} went well, but its effect cannot be seen", evidence=[f"the catalog shows {said}"]
            )

    def _remove_ruins(self, one: Prepared, way: Way, kept: Sequence[str]) -> None:
        """What an earlier attempt left and could not drop, since somebody was in the way."""
        connection, statement = self.session.connection, traces.statement_of(one, way)
        with translated(self.session.address, f"remove what {one.label} left"), self._timeouts(one):
            traces.remove(connection, traces.residue(connection, statement), kept, self.say)

    def _clean_up(self, one: Prepared, way: Way, kept: Sequence[str], *, hurried: bool = False) -> str:
        """Drop what a failed attempt left, and then its intent; says what could not be dropped now."""
        connection, statement = self.session.connection, traces.statement_of(one, way)
        try:
            with self._inner.listening(), self._timeouts(one, hurried=hurried):
                names = {*traces.residue(connection, statement), *traces.made(connection, statement)}
                traces.remove(connection, sorted(names), kept, self.say)
            with self.session.transaction(f"give up {one.label}") as connection:
                drop_intent(connection, one.version)
                self._inner.note(connection)
        except (Stop, psycopg.Error) as error:
            why = BUSY.get(state(error), type(error).__name__)
            return f"what it left half-built is still there ({why}): the next run removes it"
        return ""

    @contextmanager
    def _finishing(self, one: Prepared, done: Callable[[Connection], bool]) -> Iterator[Connection]:
        with (
            transaction(self.session, one.label, done, self.say) as opened,
            translated(self.session.address, f"record {one.label}"),
        ):
            yield opened.connection
            drop_intent(opened.connection, one.version)
            self._inner.note(opened.connection)

    @contextmanager
    def _timeouts(self, one: Prepared, *, hurried: bool = False) -> Iterator[None]:
        """Settings of the session for a while: there is no transaction that they could be local to.

        A statement that lets others read and write while it waits may wait as long as our patience lasts.
        """
        waits = _HURRY if hurried else self.session.lock_timeout
        if waits and not hurried and not self._blocks(one):
            waits = max(waits, self.session.lock_patience)
        lock, statement = round(waits * 1000), round(self.session.statement_timeout * 1000)
        connection = self.session.connection
        connection.execute(f"SET lock_timeout = {lock}; SET statement_timeout = {statement}".encode())
        try:
            yield
        finally:
            with suppress(psycopg.Error):
                connection.execute("RESET statement_timeout")
                self.session.keep_alive()

    @contextmanager
    def _asking(self, one: Prepared) -> Iterator[Connection]:
        with translated(self.session.address, f"look how far {one.label} is"):
            yield self.session.connection

    @staticmethod
    def _blocks(one: Prepared) -> bool:
        return "ACCESS EXCLUSIVE" in one.footprint.locks.values()

    @staticmethod
    def _sha256(one: Prepared, way: Way) -> str:
        script = one.migration.down if way == "down" and one.migration.down else one.migration.up
        return script.sha256
