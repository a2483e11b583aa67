"""What makes a run safe: a rehearsal, backups, and the way back."""

from collections.abc import Sequence
from typing import Protocol

from shipit.engine.plan import Problem, Say
from shipit.migrations.model import Prepared
from shipit.migrations.records import Backup, Restored


class Rehearsal(Protocol):
    """A scratch database with the same schema and no rows, where pending migrations are tried."""

    def possible(self) -> str:
        """Empty if it is, else why not."""
        ...

    def rehearse(self, migrations: Sequence[Sequence[Prepared]], say: Say) -> None:
        """Apply group by group, then roll back what has a down script and compare; raises Refused, naming it.

        The scratch database is gone afterwards, also after a crash of an earlier rehearsal.
        """
        ...


class Backups(Protocol):
    """Backups as files in one folder, each with what is needed to trust and to restore it."""

    def problems(self) -> Sequence[Problem]:
        """No tool, a tool older than the server, a folder that cannot be written, too little space."""
        ...

    def seconds(self, size: int) -> float:
        """Predicted time for this many bytes."""
        ...

    def take(self, run: str, say: Say) -> Backup:
        """Dump, read back whole, sha256, then give it its name; raises ExternalError and leaves no half file."""
        ...

    def find(self, run: str) -> Backup | None:
        """The backup of a run, its sha256 checked now; raises Refused when the file is not what was written."""
        ...

    def all(self) -> Sequence[Backup]:
        """Newest first, as recorded; nothing is read whole."""
        ...

    def prune(self, keep: int) -> Sequence[str]:
        """Remove all but the newest `keep`; returns the names that went."""
        ...


class Restorer(Protocol):
    """Brings a backup back beside the live database and swaps their names in one transaction."""

    def possible(self) -> str:
        """Empty if the rights and the server allow it, else why not."""
        ...

    def restore(self, backup: Backup, accepted: int, say: Say) -> Restored:
        """Refused when more than `accepted` transactions of others wrote since the backup, asked while fenced.

        Ask → restore aside → compare fingerprint and counts → fence → ask again → swap → open. Until the swap the
        live database is as it was, and in use; the former one is kept. Ends every session in it, ours too: locks
        are gone afterwards.
        """
        ...
