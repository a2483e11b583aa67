"""Copies of a database file by SQLite's own backup, and what is read of a copy to trust it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shipit.adapters import files
from shipit.adapters.sqlite.definitions import counts, fingerprint
from shipit.adapters.sqlite.troubles import errors_translated
from shipit.errors import ExternalError

_PAGES = 2_000  # between two moments at which a signal is heard
_LOOKS = 600  # at 0.1 s each, while the other side is locked


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy that nobody else knows."""
    with errors_translated(str(path)), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a backup, which nothing may change."""
    place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with (
        errors_translated(str(path)),
        closing(sqlite3.connect(place, uri=True, isolation_level=None)) as connection,
    ):
        yield connection


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Page by page in one transaction of the target. Raises sqlite3.Error, or Trouble when nothing moves."""
    source.backup(target, pages=_PAGES, progress=_watched(), sleep=0.1)


def make(source: sqlite3.Connection, path: Path) -> None:
    """A copy in a file of its own, on disk when this returns; it needs no second file beside it."""
    with opened(path) as target:
        copy(source, target)
        target.execute("PRAGMA journal_mode = DELETE").fetchall()
    files.sync(path)


def read_back(path: Path) -> tuple[str, dict[str, int]]:
    """Read a copy whole; its fingerprint and counts. Raises ExternalError when it is damaged."""
    with opened(path) as connection:
        faults = [row[0] for row in connection.execute("PRAGMA integrity_check(5)").fetchall()]
        if faults != ["ok"]:
            raise ExternalError("the copy of the database is damaged", where=str(path), evidence=faults)
        return fingerprint(connection), counts(connection)


def _watched() -> Callable[[int, int, int], None]:
    """Python tries for ever while the other side is locked; this ends it."""
    still, last = 0, -1

    def progress(_: int, remaining: int, _total: int) -> None:
        nonlocal still, last
        still, last = (still + 1 if remaining == last else 0), remaining
        if still > _LOOKS:
            raise ExternalError("the database stays locked while it is copied")

    return progress
