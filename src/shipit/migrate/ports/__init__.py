"""What the steps of a migration may ask of a database. PostgreSQL and SQLite play these ports in adapters."""

from collections.abc import Callable
from typing import Protocol

from shipit.migrate.ports.around import Adoption, BackupStore, Files, Syntax, Tool
from shipit.migrate.ports.running import Catalog, Emptying, Guard, Health, Ledger, Runner
from shipit.migrate.ports.safety import Backups, Rehearsal, Restorer
from shipit.notification.ports import Notifier

__all__ = [
    "Adoption",
    "BackupStore",
    "Backups",
    "Catalog",
    "Database",
    "Emptying",
    "Files",
    "Guard",
    "Health",
    "Ledger",
    "Notifier",
    "Rehearsal",
    "Restorer",
    "Runner",
    "Syntax",
    "Tool",
]


class Database(Protocol):
    """One database as every port that it plays; `dialect` is postgresql or sqlite."""

    @property
    def dialect(self) -> str: ...

    @property
    def health(self) -> Health: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def guard(self) -> Guard: ...

    @property
    def runner(self) -> Runner: ...

    @property
    def catalog(self) -> Catalog: ...

    @property
    def rehearsal(self) -> Rehearsal: ...

    @property
    def backups(self) -> Backups: ...

    @property
    def restorer(self) -> Restorer: ...

    @property
    def adoption(self) -> Adoption: ...

    @property
    def emptying(self) -> Emptying: ...

    @property
    def close(self) -> Callable[[], None]:
        """Ends the session, and with it the lock."""
        ...
