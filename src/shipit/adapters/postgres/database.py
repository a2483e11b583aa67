"""PostgreSQL as a database to migrate."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from shipit.adapters.postgres import address
from shipit.adapters.postgres.health import Health
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.session import Session
from shipit.config import Migrations

__all__ = ["PostgresDatabase", "open_database"]


class PostgresDatabase(Struct, frozen=True):
    """Plays migrate.ports.Database; what is Any is loaded once it is asked something."""

    health: Health
    ledger: Ledger
    guard: Any
    runner: Any
    catalog: Any
    rehearsal: Any
    backups: Any
    restorer: Any
    adoption: Any
    close: Callable[[], None]
    dialect: str = "postgresql"


def open_database(url: str, settings: Migrations, backups: Path) -> PostgresDatabase:
    """The database behind an address, which is a secret; nothing is opened before it is asked for.

    `backups` is the folder that backups are put into. Raises UsageError for an address that nobody can read.
    """
    session = Session(
        address.read(url),
        lock_timeout=settings.lock_timeout,
        lock_patience=settings.lock_patience,
        statement_timeout=settings.statement_timeout,
    )
    return PostgresDatabase(
        health=Health(session),
        ledger=Ledger(session),
        guard=_Player("guard", lambda room: room.Guard(session)),
        runner=_Player("runner", lambda room: room.Runner(session, _load)),
        catalog=_Player("catalog", lambda room: room.Catalog(session)),
        rehearsal=_Player("rehearsal", lambda room: room.Rehearsal(session, _load)),
        backups=_Player("backups", lambda room: room.PostgresBackups(session, _catalog, backups)),
        restorer=_Player("restorer", lambda room: room.PostgresRestorer(session, _catalog)),
        adoption=_Player("adoption", lambda room: room.PostgresAdoption(session)),
        close=session.close,
    )


class _Player:
    """Plays a port once it is asked something: where nothing is pending most of the rooms need not be loaded."""

    def __init__(self, room: str, make: Callable[[Any], Any]) -> None:
        self._room = room
        self._make = make

    def __getattr__(self, name: str) -> Any:
        """Only asked for what is not there yet: the player itself, once, and its methods."""
        if name == "_player":
            self._player = self._make(import_module(f"shipit.adapters.postgres.{self._room}"))
            return self._player
        return getattr(self._player, name)


def _catalog(session: Session) -> Any:
    return import_module("shipit.adapters.postgres.catalog").Catalog(session)


def _load(path: str, text: str) -> Any:
    return import_module("shipit.adapters.python_scripts").load(path, text)
