"""Plays databases.Restorer: brings a backup back into the very file that is live, which keeps owner and mode.

No other file takes the name: whoever has the live one open would go on writing into the one that was put away.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shipit.adapters import files
from shipit.adapters.backup_folder import megabytes, sha256
from shipit.adapters.sqlite import copies, ledger
from shipit.adapters.sqlite.beside import KEPT, RESTORE, beside
from shipit.adapters.sqlite.holders import holders
from shipit.adapters.sqlite.marks import changes_since, differing_rows
from shipit.adapters.sqlite.session import Session
from shipit.adapters.sqlite.troubles import BUSY, code, errors_translated
from shipit.engine.plan import Say
from shipit.errors import ExternalError, LeaseLost, Refused
from shipit.migrations.records import Backup, Restored
from shipit.migrations.wording import counted


class Restorer:
    """See the port."""

    def __init__(self, session: Session, backups: Path) -> None:
        self.session = session
        self.backups = backups

    def possible(self) -> str:
        """Empty if it is; two copies stand beside the live file for a while, and one of them stays."""
        path, folder = self.session.path, self.session.path.parent
        if not self.session.exists:
            return f"{path} is not there"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder} may not be written, so the former database cannot be kept"
        needed, free = 2 * path.stat().st_size, shutil.disk_usage(folder).free
        short = f"{folder} has {megabytes(free)} free, and about {megabytes(needed)} are needed"
        return short if free < needed else ""

    def restore(self, backup: Backup, accepted: int, say: Say) -> Restored:
        if reason := self.possible():
            raise Refused("the backup cannot be brought back", where=str(self.session.path), evidence=[reason])
        copy = beside(self.session.path, RESTORE)
        try:
            self._bring(backup, copy)
            started = time.monotonic()
            with self._fenced() as live:
                lost = self._lost(live, backup, accepted)
                kept = self._keep(live, backup)
                self._swap(live, copy)
            gap = time.monotonic() - started
        finally:
            copy.unlink(missing_ok=True)
        say(f"restored from {Path(backup.path).name}; the former database is {kept.name}")
        return Restored(str(kept), gap, lost)

    def _bring(self, backup: Backup, copy: Path) -> None:
        """A copy beside the live file, read whole, that is what the backup was when it was taken."""
        path = Path(backup.path)
        copy.unlink(missing_ok=True)
        with errors_translated(str(path)), copies.reading(path) as source:
            copies.make(source, copy)
        found = copies.read_back(copy)
        if sha256(path) != backup.sha256 or found != (backup.fingerprint, dict(backup.counts)):
            raise Refused("the backup is not what was written", where=backup.path)

    @contextmanager
    def _fenced(self) -> Iterator[sqlite3.Connection]:
        """Hold the file's exclusive lock without a transaction, since SQLite copies into no open one.

        In WAL mode nobody else may have the file open at all: a writer could not be held off otherwise.
        """
        live = self.session.connection
        try:
            try:
                self._exclude(live)
            except sqlite3.OperationalError as error:
                raise self._contested(error) from error
            with errors_translated(str(self.session.path)):
                yield live
        finally:
            self.session.close()

    def _exclude(self, live: sqlite3.Connection) -> None:
        """The mode is changed while the lock is held: in that mode an attempt that fails keeps its shared lock.

        A writer that waits for that one to go would wait for us, and we for the writer.
        """
        self.session.patiently(lambda: live.execute("BEGIN EXCLUSIVE"))
        live.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        live.execute("COMMIT")
        self.session.patiently(lambda: live.execute("BEGIN EXCLUSIVE"))  # the lock of the file, in WAL mode too
        live.execute("COMMIT")

    def _contested(self, error: sqlite3.OperationalError) -> ExternalError:
        if code(error) not in BUSY:
            return ExternalError(str(error), where=str(self.session.path))
        return LeaseLost(
            "others have the database open, and nothing keeps them from writing",
            where=str(self.session.path),
            evidence=holders(self.session.path) or [str(error)],
            hint="stop what uses the database, then: shipit migrate restore RUN",
        )

    def _lost(self, live: sqlite3.Connection, backup: Backup, accepted: int) -> int:
        """Asked while nobody can write."""
        lost = changes_since(self.session, backup.mark, self.backups)
        if lost <= accepted:
            return lost
        rows = differing_rows(live, Path(backup.path))
        raise Refused(
            f"restoring would take away {counted(lost, 'change')} made since the backup",
            where=str(self.session.path),
            evidence=[f"{table}: {counted(number, 'row')} not as in the backup" for table, number in rows.items()],
            hint=f"shipit migrate restore {backup.run} --env NAME --accept-loss {lost}",
        )

    def _keep(self, live: sqlite3.Connection, backup: Backup) -> Path:
        kept, number = beside(self.session.path, f"{KEPT}{backup.run}"), 1
        while kept.exists():
            number += 1
            kept = beside(self.session.path, f"{KEPT}{backup.run}-{number}")
        partial = kept.with_name(f"{kept.name}.partial")
        partial.unlink(missing_ok=True)
        try:
            copies.make(live, partial)
            files.rename(partial, kept)
        finally:
            partial.unlink(missing_ok=True)
        return kept

    def _swap(self, live: sqlite3.Connection, copy: Path) -> None:
        """One transaction of SQLite: killed in the middle, the live file is as it was."""
        runs = ledger.all_runs(live)
        with copies.opened(copy) as source:
            source.execute("BEGIN")
            ledger.create(source)
            ledger.write_runs(source, runs)  # what happened since is history, also if its effect is gone
            source.execute("COMMIT")
            copies.copy(source, live)
