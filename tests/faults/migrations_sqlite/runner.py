"""Runs the real command line with every call of SQLite watched, and ends it at the one that a test names.

    python -m tests.faults.migrations_sqlite.runner

Jobs and answers are those of tests/faults/runner.py. An effect is called `words/number`: the number-th time that a
statement begins with these words, with `copy:` before them where the file is not the live one. What happens in
memory only is not counted. `during` is a moment inside of the call, so many microseconds after its beginning as
SHIPIT_STRIKE says.
"""

import os
import re
import signal
import sqlite3
from pathlib import Path
from typing import Any

from tests.faults import runner

WORDS = 60
LIVE = "acme.db"
BY_CHANCE = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")
"""The id of a run in the name of a file."""

_connect = sqlite3.connect


class Calls(runner.Doors):
    """A door for each statement, each copy of a database, and for files that get or lose their name."""

    def through(self, door: str, act: Any) -> Any:
        effect = self.counted(door)
        self.strike(effect, "before")
        is_now = self.blow is not None and (self.blow["effect"], self.blow["when"]) == (effect, "during")
        if is_now:
            _strike_soon()
        try:
            return act()
        finally:  # also after a statement that fails
            if is_now:
                os.kill(os.getpid(), signal.SIGKILL)
            self.strike(effect, "after")

    def counted(self, door: str) -> str:
        self.counts[door] += 1
        effect = f"{door}/{self.counts[door]}"
        if self.log:
            self.log.write(f"{effect}\n")
            self.log.flush()
        return effect

    def watch(self) -> None:
        sqlite3.connect = self.connect  # type: ignore[assignment]
        self._watch(Path, "replace", lambda _, target: f"place-{_kind(Path(target))}")
        self._watch(Path, "unlink", lambda path, **_: f"remove-{_kind(path)}" if path.exists() else None)

    def connect(
        self, database: Any, *arguments: Any, factory: type[sqlite3.Connection] = sqlite3.Connection, **options: Any
    ) -> sqlite3.Connection:
        if ":memory:" in str(database):
            return _connect(database, *arguments, factory=factory, **options)
        made = _connect(database, *arguments, factory=_watched(factory, self), **options)
        made.label = "" if Path(str(database).partition("?")[0]).name == LIVE else "copy: "  # type: ignore[attr-defined]
        return made


def _watched(base: Any, calls: Calls) -> type[sqlite3.Connection]:
    """A kind of connection that goes through the doors; no frame of ours holds a cursor longer than without it."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> Any:
            return calls.through(_door(self.connection, sql), lambda: sqlite3.Cursor.execute(self, sql, *values))

        def executemany(self, sql: str, *values: Any) -> Any:
            return calls.through(
                _door(self.connection, sql), lambda: sqlite3.Cursor.executemany(self, sql, *values)
            )

    class Connection(base):  # type: ignore[misc]
        label = ""

        def cursor(self, factory: Any = Cursor) -> Any:
            return base.cursor(self, factory)

        def execute(self, sql: str, *values: Any) -> Any:
            return calls.through(_door(self, sql), lambda: base.execute(self, sql, *values))

        def executemany(self, sql: str, *values: Any) -> Any:
            return calls.through(_door(self, sql), lambda: base.executemany(self, sql, *values))

        def backup(self, target: sqlite3.Connection, **options: Any) -> None:
            into = getattr(target, "label", "")
            calls.through(f"{into}backup", lambda: base.backup(self, target, **options))

    return Connection


def _door(connection: Any, sql: str) -> str:
    return f"{connection.label}{' '.join(sql.split())[:WORDS]}"


def _strike_soon() -> None:
    """Let the system end this process in a moment, also in the middle of what SQLite does."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(1, int(os.environ["SHIPIT_STRIKE"])) / 1e6)


def _kind(path: Path) -> str:
    return BY_CHANCE.sub("…", path.name)


if __name__ == "__main__":
    runner.Doors = Calls  # type: ignore[misc]
    runner.serve()
