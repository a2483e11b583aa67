"""Runs one script of a migration statement by statement, and says exactly where it failed."""

import re
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus

from shipit import masking
from shipit.adapters.postgres import sending
from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.troubles import explained
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused, Stop
from shipit.migrations.model import Position, Prepared, Script, Statement
from shipit.migrations.wording import counted

Load: TypeAlias = Callable[[str, str], Mapping[str, Callable[..., Any]]]
"""Makes the functions `up`, `down` and `verify` of a Python script out of its path and its text."""
Way: TypeAlias = Literal["up", "down", "verify"]

_SHOWN = 60
_SECRET = re.compile(r"(password\s+)'(?:[^']|'')*'?", re.IGNORECASE)
_SETS = re.compile(r"set_config", re.IGNORECASE)
_MAY_SET = {"VariableSetStmt", "DoStmt", "CallStmt", ""}
_DOING = {"up": "apply", "down": "roll back", "verify": "verify"}
_HINTS = {
    "25001": "put it into a file of its own with the line `-- shipit: solo`",
    "55P03": "somebody holds a lock on it: run the same command again when they are done",
}


@dataclass(kw_only=True)
class Scripts:
    """Runs scripts on the connection of a session, within its transaction unless `alone`."""

    session: Session
    load: Load
    say: Say
    alone: bool = False
    _statements: int = field(default=0, init=False)
    _rows: int = field(default=0, init=False)
    _began: float = field(default_factory=time.perf_counter, init=False)

    def run(self, one: Prepared, way: Way) -> int:
        """One script of it; returns milliseconds. Raises ExternalError, or Refused if it ends the transaction."""
        began = time.perf_counter()
        script: Script | None = getattr(one.migration, way)
        if script is not None and script.language == "python":
            self._call(one.label, script, way)
        else:
            for statement in getattr(one, way):
                self._execute(one.label, statement, way)
        return round((time.perf_counter() - began) * 1000)

    def _execute(self, label: str, statement: Statement, way: Way) -> None:
        connection = self.session.connection
        began = time.perf_counter()
        try:
            if way == "verify":
                rows = self._ask(connection, label, statement)
            else:
                rows = sending.send(connection, statement.text.encode())
        except psycopg.Error as error:
            raise self._failed(error, label, statement, way) from error
        self._statements += 1
        self._rows += rows
        took = (time.perf_counter() - began) * 1000
        self.say(f"{label}: {shown(statement.text)}  {took:.0f} ms, {counted(rows, 'row')}")
        # asked of libpq itself: this is once for each statement
        if connection.pgconn.transaction_status != TransactionStatus.INTRANS and not self.alone:
            in_transaction(connection, label, str(statement.place))

    def _ask(self, connection: Connection, label: str, statement: Statement) -> int:
        """A statement of a verify script, whose answer counts; returns its rows."""
        cursor = connection.execute(statement.text.encode())
        if cursor.description:
            self._judge(label, statement, cursor.fetchall())
        return max(cursor.rowcount, 0)

    def _judge(self, label: str, statement: Statement, rows: Sequence[tuple[Any, ...]]) -> None:
        for number, row in enumerate(rows, 1):
            if row and (row[0] is None or row[0] is False):
                raise ExternalError(
                    f"{label} does not do what its verify script asks for",
                    where=str(statement.place),
                    evidence=[shown(statement.text), f"row {number} begins with {row[0]}"],
                    hint="look at both scripts: the answer must be neither false nor null",
                )

    def _call(self, label: str, script: Script, way: Way) -> None:
        functions = self.load(script.path, script.text)
        if way not in functions:
            raise Refused(f"{label} has no function `{way}`", where=script.path)
        connection = self.session.connection
        began = time.perf_counter()
        try:
            with _ours_to_end(connection, script.path):
                answer = functions[way](connection)
        except (Exception, SystemExit) as error:  # exit() would end us with a code of its own
            raise self._broke(error, label, script, way) from error
        self._statements += 1
        self.say(f"{label}: {way}()  {(time.perf_counter() - began) * 1000:.0f} ms")
        if not self.alone:
            in_transaction(connection, label, script.path)
        if way == "verify" and answer is not None and not answer:
            raise ExternalError(f"{label} does not do what its verify function asks for", where=script.path)

    def _failed(self, error: psycopg.Error, label: str, statement: Statement, way: Way) -> ExternalError:
        stopped = explained(error, self.session.address, f"{_DOING[way]} {label}")
        return type(stopped)(
            stopped.what,
            where=str(place_of(error, statement)),
            evidence=[shown(statement.text), *stopped.evidence, self._so_far()],
            hint=_HINTS.get(error.sqlstate or "", stopped.hint),
        )

    def _broke(self, error: BaseException, label: str, script: Script, way: Way) -> Stop:
        if isinstance(error, Stop):
            return error
        where = str(Position(script.path, _line(error, script)))
        if isinstance(error, psycopg.Error):
            stopped = explained(error, self.session.address, f"{_DOING[way]} {label}")
            return type(stopped)(
                stopped.what, where=where, evidence=[*stopped.evidence, self._so_far()], hint=stopped.hint
            )
        said = masking.mask(f"{type(error).__name__}: {error}")
        return ExternalError(f"could not {_DOING[way]} {label}", where=where, evidence=[said, self._so_far()])

    def _so_far(self) -> str:
        seconds = time.perf_counter() - self._began
        well = f"{counted(self._statements, 'statement')} went well before it ({counted(self._rows, 'row')})"
        return f"{well}, {seconds:.1f} s in all"


def shown(text: str) -> str:
    """The beginning of a statement on one line, without a password that it sets, or a secret cut in two."""
    line = " ".join(masking.mask(text)[: 8 * _SHOWN].split())
    if "password" in line.lower():
        line = _SECRET.sub(r"\1'***'", line)
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 2]} …"


def sets(one: Prepared, way: Way) -> bool:
    """Whether it may change settings of the session, which the next migration must not inherit."""
    script: Script | None = getattr(one.migration, way)
    if script is not None and script.language == "python":
        return True
    return any(s.kind in _MAY_SET or _SETS.search(s.text) for s in getattr(one, way))


def place_of(error: psycopg.Error, statement: Statement) -> Position:
    """Where in the file PostgreSQL points at; the beginning of the statement if it points nowhere."""
    start = statement.place
    position = error.diag.statement_position
    before = statement.text[: int(position) - 1] if position else ""
    lines = before.count("\n")
    column = len(before) - before.rfind("\n") if lines else start.column + len(before)
    return Position(start.path, start.line + lines, column)


def in_transaction(connection: Connection, label: str, where: str) -> None:
    """Raise Refused unless the connection is in a transaction that can still be committed."""
    status = connection.info.transaction_status
    if status is TransactionStatus.INERROR:
        raise Refused(
            f"{label} hides an error of the database",
            where=where,
            evidence=["the transaction can no longer be committed, and nothing of it is there"],
            hint="let the error through, or use `with connection.transaction():` around what may fail",
        )
    if status is not TransactionStatus.INTRANS:
        ended(label, where)


def ended(label: str, where: str) -> NoReturn:
    raise Refused(
        f"{label} ends the transaction that it runs in",
        where=where,
        evidence=["what was done before may be committed, and is not in the ledger"],
        hint="take COMMIT, ROLLBACK and close() out: shipit commits, together with the row of the ledger",
    )


@contextmanager
def _ours_to_end(connection: Connection, path: str) -> Iterator[None]:
    """A script that calls commit() is stopped before it does."""

    def refuse(*_: object) -> NoReturn:
        raise Refused(
            "a migration may not end the transaction that it runs in",
            where=path,
            evidence=["it calls commit(), rollback() or close()"],
            hint="take it out: shipit commits, together with the row of the ledger",
        )

    names = ("commit", "rollback", "close")
    vars(connection).update(dict.fromkeys(names, refuse))
    try:
        yield
    finally:
        for name in names:
            vars(connection).pop(name, None)


def _line(error: BaseException, script: Script) -> int:
    """The last line of the script that was on its way to the error, 1 if none was."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == script.path), 1)
