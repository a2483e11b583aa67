"""SQLite as a database to migrate, from the standard library."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from shipit.adapters.sqlite.adoption import Adoption
from shipit.adapters.sqlite.backups import Backups
from shipit.adapters.sqlite.catalog import Catalog
from shipit.adapters.sqlite.emptying import Emptying
from shipit.adapters.sqlite.guard import Guard
from shipit.adapters.sqlite.health import Health
from shipit.adapters.sqlite.ledger import Ledger
from shipit.adapters.sqlite.rehearsal import Rehearsal
from shipit.adapters.sqlite.restorer import Restorer
from shipit.adapters.sqlite.runner import Runner
from shipit.adapters.sqlite.session import Session
from shipit.config import DatabaseOptions

__all__ = ["SqliteDatabase", "open_database"]


class SqliteDatabase(Struct, frozen=True):
    """Plays migrate.ports.Database."""

    health: Health
    ledger: Ledger
    guard: Guard
    runner: Runner
    catalog: Catalog
    rehearsal: Rehearsal
    backups: Backups
    restorer: Restorer
    adoption: Adoption
    emptying: Emptying
    close: Callable[[], None]
    dialect: str = "sqlite"


def open_database(path: Path, options: DatabaseOptions, backups: Path) -> SqliteDatabase:
    """The database in the file `path`, which need not be there; nothing is opened before it is asked for.

    `backups` is the folder that backups are put into.
    """
    session = Session(path, lock_patience=options.lock_patience, statement_timeout=options.statement_timeout)
    guard = Guard(session.path)

    def close() -> None:
        guard.release()
        session.close()

    return SqliteDatabase(
        health=Health(session),
        ledger=Ledger(session),
        guard=guard,
        runner=Runner(session),
        catalog=Catalog(session, backups),
        rehearsal=Rehearsal(session),
        backups=Backups(session, backups),
        restorer=Restorer(session, backups),
        adoption=Adoption(session),
        emptying=Emptying(session),
        close=close,
    )
