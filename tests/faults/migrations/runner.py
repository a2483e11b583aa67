"""Runs the real command line with every message to PostgreSQL watched, and ends it at the one that a test names.

    python -m tests.faults.migrations.runner

Jobs and answers are those of tests/faults/runner.py. An effect is called `words/number`: the number-th time that a
message begins with these words. `during` is the moment in which the message is sent and no answer has come; what is
no message has none.
"""

import re
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from shipit.adapters import process
from shipit.adapters.postgres import ledger_rows, sending
from tests.faults import runner

WORDS = 60
BY_CHANCE = re.compile(r"[0-9a-f]{8,}[0-9a-f_]*")
"""In the names of scratch databases and the like: another in each run."""


class Messages(runner.Doors):
    """A door for each message to the server, for pg_dump and pg_restore, and for files that get their name.

    Threads that only watch are not counted: what they ask depends on how fast the machine is.
    """

    def through(self, door: str, act: Any) -> Any:
        if _watches():
            return act()
        effect = self.counted(door)
        self.strike(effect, "before")
        outer, self.inside = self.inside, effect
        try:
            answer = act()
        finally:
            self.inside = outer
        self.strike(effect, "after")
        return answer

    def counted(self, door: str) -> str:
        self.counts[door] += 1
        effect = f"{door}/{self.counts[door]}"
        if self.log:
            self.log.write(f"{effect}\n")
            self.log.flush()
        return effect

    def watch(self) -> None:
        self._watch(psycopg.Cursor, "execute", lambda cursor, query, *_, **__: _words(query, cursor.connection))
        self._watch(sending, "send", lambda connection, text: _words(text, connection))
        self._watch_sending()
        self._watch_commands()
        self._watch(process, "_start", lambda argv, *_, **__: _program(argv))
        self._watch(Path, "replace", lambda source, target: f"place-{Path(target).suffix}")

    def _watch_sending(self) -> None:
        """A message was handed to the kernel here, and nobody has waited for the answer."""
        real = psycopg.Cursor._execute_send

        def send(*args: Any, **kwargs: Any) -> None:
            real(*args, **kwargs)
            self.sent()

        psycopg.Cursor._execute_send = send  # type: ignore[method-assign]
        answered = sending.answered

        def sent(connection: Any) -> int:
            self.sent()
            return answered(connection)

        sending.answered = sent

    def sent(self) -> None:
        if not _watches():
            self.strike(self.inside, "during")

    def _watch_commands(self) -> None:
        """BEGIN, COMMIT and ROLLBACK of psycopg's own go past its cursors."""
        real = psycopg.Connection._exec_command

        def command(connection: Any, text: Any, *args: Any) -> Generator[Any, Any, Any]:
            if _watches():
                return (yield from real(connection, text, *args))
            effect = self.counted(_words(text, connection))
            self.strike(effect, "before")
            steps = real(connection, text, *args)
            first = next(steps)
            self.strike(effect, "during")
            answer = yield from _going_on(steps, first)
            self.strike(effect, "after")
            return answer

        psycopg.Connection._exec_command = command  # type: ignore[assignment,method-assign]


def _watches() -> bool:
    return threading.current_thread() is not threading.main_thread()


def _going_on(steps: Generator[Any, Any, Any], wanted: Any) -> Generator[Any, Any, Any]:
    while True:
        ready = yield wanted
        try:
            wanted = steps.send(ready)
        except StopIteration as end:
            return end.value


def _words(query: Any, connection: Any) -> str:
    """How a message begins, without the note of the ledger that it is ours."""
    text = query.as_string(connection) if isinstance(query, sql.Composable) else query
    text = text.decode() if isinstance(text, bytes) else text
    text = " ".join(text.removeprefix(ledger_rows._NOTED).split())
    return BY_CHANCE.sub("…", text)[:WORDS]


def _program(argv: Sequence[str]) -> str | None:
    name = Path(argv[0]).name
    return name if name.startswith("pg_") else None


if __name__ == "__main__":
    runner.Doors = Messages  # type: ignore[misc]
    runner.serve()
