"""What the steps of a migration may ask of a database. PostgreSQL and SQLite play these ports in adapters."""

from collections.abc import Callable

from msgspec import Struct

from shipit.databases.around import Adoption, Files, Notifier, Parsed, Syntax, Tool
from shipit.databases.running import Catalog, Guard, Health, Ledger, Needs, Runner
from shipit.databases.safety import Backups, Rehearsal, Restored, Restorer

__all__ = [
    "Adoption",
    "Backups",
    "Catalog",
    "Database",
    "Files",
    "Guard",
    "Health",
    "Ledger",
    "Needs",
    "Notifier",
    "Parsed",
    "Rehearsal",
    "Restored",
    "Restorer",
    "Runner",
    "Syntax",
    "Tool",
]


class Database(Struct, frozen=True):
    """One database as every port that it plays; `dialect` is postgresql or sqlite."""

    dialect: str
    health: Health
    ledger: Ledger
    guard: Guard
    runner: Runner
    catalog: Catalog
    rehearsal: Rehearsal
    backups: Backups
    restorer: Restorer
    adoption: Adoption
    close: Callable[[], None]
