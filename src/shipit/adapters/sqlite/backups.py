"""Plays databases.Backups: the file as one transaction sees it, copied by SQLite and read back whole."""

import time
from collections.abc import Sequence
from pathlib import Path
from sqlite3 import sqlite_version

from msgspec.structs import replace

from shipit.adapters.backup_folder import BackupFolder, megabytes
from shipit.adapters.sqlite import copies
from shipit.adapters.sqlite.definitions import counts, fingerprint
from shipit.adapters.sqlite.marks import mark
from shipit.adapters.sqlite.session import Session
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError
from shipit.migrations.records import Backup

SUFFIX = ".sqlite3"
_RATE = 60e6  # bytes a second, copied, read back and hashed; on a laptop's disk


class Backups:
    """See the port."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.folder = BackupFolder(folder, SUFFIX)

    def problems(self) -> Sequence[Problem]:
        size = self.session.path.stat().st_size if self.session.exists else 0
        return self.folder.problems(size)

    def seconds(self, size: int) -> float:
        return size / (self.folder.rate() or _RATE)

    def take(self, run: str, say: Say) -> Backup:
        started = time.time()
        with self.folder.writing(run) as partial:
            backup = self._dump(run, partial)
            found = copies.read_back(partial)
            if found != (backup.fingerprint, backup.counts):
                raise ExternalError("the backup does not hold what the database holds", where=str(partial))
            kept = self.folder.keep(partial, self._timed(backup, started))
        say(f"{megabytes(kept.size)} in {kept.seconds:.1f} s, read back whole: {Path(kept.path).name}")
        return kept

    def find(self, run: str) -> Backup | None:
        return self.folder.find(run)

    def all(self) -> Sequence[Backup]:
        return self.folder.all()

    def prune(self, keep: int) -> Sequence[str]:
        return self.folder.prune(keep)

    def _dump(self, run: str, partial: Path) -> Backup:
        """All in one read transaction: the copy is the state that was counted, and nobody's later one."""
        with self.session.snapshot() as connection:
            version = mark(self.session, connection, f"{run}{SUFFIX}")
            found, rows = fingerprint(connection), counts(connection)
            copies.make(connection, partial)
        tool = f"SQLite {sqlite_version}"
        return Backup(run, "", 0, "", version, time.time(), 0.0, found, rows, tool)

    def _timed(self, backup: Backup, started: float) -> Backup:
        return replace(backup, seconds=time.time() - started)
