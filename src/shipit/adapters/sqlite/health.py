"""Plays databases.Health: what would make a run on this file fail or hurt."""

import os
from collections.abc import Iterator, Sequence
from sqlite3 import sqlite_version, sqlite_version_info

from shipit.adapters.sqlite.holders import holders
from shipit.adapters.sqlite.session import Session
from shipit.engine.plan import Problem
from shipit.errors import Denied
from shipit.migrations.records import Address, Needs

OLDEST = (3, 37, 0)
"""Since then ALTER TABLE … DROP COLUMN is there (3.35) and `sqlite_schema` is known by every pragma."""


class Health:
    """See the port."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def address(self) -> Address:
        return Address("", None, str(self.session.path), "")

    def server(self) -> str:
        if not self.session.exists:
            return f"SQLite {sqlite_version}, no file yet"
        [(mode,)] = self.session.ask("PRAGMA journal_mode")
        return f"SQLite {sqlite_version}, journal mode {mode}"

    def size(self) -> int:
        if not self.session.exists:
            return 0
        [(size,)] = self.session.ask("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(size)

    def problems(self, needs: Needs) -> Sequence[Problem]:
        return tuple(self._problems())

    def remarks(self, needs: Needs) -> Sequence[str]:
        if not self.session.exists:
            return (f"{self.session.path} is not there and will be made",)
        return tuple(f"{holder} has the database open" for holder in holders(self.session.path))

    def _problems(self) -> Iterator[Problem]:
        if sqlite_version_info < OLDEST:
            yield Problem("SQLite is too old", f"{sqlite_version} is older than 3.37", "use a newer Python")
        yield from self._forbidden()
        if self.session.exists:
            yield from self._unreadable()

    def _forbidden(self) -> Iterator[Problem]:
        """Both file and folder: the journal is a file beside the database."""
        path, folder = self.session.path, self.session.path.parent
        while not os.path.exists(folder):  # noqa: PTH110 - False also where a folder above may not be entered
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            yield Problem("the folder of the database may not be written", str(folder))
        is_file = os.path.isfile(path)  # noqa: PTH113 - the same
        if self.session.exists and not is_file:
            yield Problem("the database is no plain file", str(path), "name another file in database.url")
        if is_file and not os.access(path, os.R_OK | os.W_OK):
            yield Problem("the database may not be written", str(path))

    def _unreadable(self) -> Iterator[Problem]:
        try:
            self.session.ask("SELECT count(*) FROM sqlite_schema")
        except Denied as denied:
            yield Problem(denied.what, "; ".join([str(self.session.path), *denied.evidence]))
