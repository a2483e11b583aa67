"""SQLite plays every port of shipit.databases, from the standard library."""

from pathlib import Path

from shipit.adapters.sqlite.adoption import Adoption
from shipit.adapters.sqlite.backups import Backups
from shipit.adapters.sqlite.catalog import Catalog
from shipit.adapters.sqlite.guard import Guard
from shipit.adapters.sqlite.health import Health
from shipit.adapters.sqlite.ledger import Ledger
from shipit.adapters.sqlite.rehearsal import Rehearsal
from shipit.adapters.sqlite.restorer import Restorer
from shipit.adapters.sqlite.runner import Runner
from shipit.adapters.sqlite.session import Session
from shipit.databases import Database

__all__ = ["open_database"]


def open_database(path: Path, *, lock_patience: float, statement_timeout: float, backups: Path) -> Database:
    """The database in the file `path`, which need not be there; nothing is opened before it is asked for.

    Times in seconds; a `statement_timeout` of 0 is none. `backups` is the folder that backups are put into.
    """
    session = Session(path, lock_patience=lock_patience, statement_timeout=statement_timeout)
    guard = Guard(session.path)

    def close() -> None:
        guard.release()
        session.close()

    return Database(
        dialect="sqlite",
        health=Health(session),
        ledger=Ledger(session),
        guard=guard,
        runner=Runner(session),
        catalog=Catalog(session, backups),
        rehearsal=Rehearsal(session),
        backups=Backups(session, backups),
        restorer=Restorer(session, backups),
        adoption=Adoption(session),
        close=close,
    )
