"""PostgreSQL as a database to migrate."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from shipit.adapters.postgres import address
from shipit.adapters.postgres.health import Health
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.session import Session
from shipit.config import DatabaseOptions

if TYPE_CHECKING:
    from shipit.adapters.postgres.adoption import PostgresAdoption
    from shipit.adapters.postgres.backups import PostgresBackups
    from shipit.adapters.postgres.catalog import Catalog
    from shipit.adapters.postgres.emptying import Emptying
    from shipit.adapters.postgres.guard import Guard
    from shipit.adapters.postgres.rehearsal import Rehearsal
    from shipit.adapters.postgres.restorer import PostgresRestorer
    from shipit.adapters.postgres.runner import Runner

__all__ = ["PostgresDatabase", "open_database"]


class PostgresDatabase(Struct, frozen=True):
    """Plays migrate.ports.Database; most of its parts are loaded when they are first asked something."""

    health: Health
    ledger: Ledger
    guard: "Guard"
    runner: "Runner"
    catalog: "Catalog"
    rehearsal: "Rehearsal"
    backups: "PostgresBackups"
    restorer: "PostgresRestorer"
    adoption: "PostgresAdoption"
    emptying: "Emptying"
    close: Callable[[], None]
    dialect: str = "postgresql"


def open_database(url: str, options: DatabaseOptions, backups: Path) -> PostgresDatabase:
    """The database behind an address, which is a secret; nothing is opened before it is asked for.

    `backups` is the folder that backups are put into. Raises UsageError for an address that nobody can read.
    """
    session = Session(
        address.read(url),
        lock_timeout=options.lock_timeout / 1000,
        lock_patience=options.lock_patience,
        statement_timeout=options.statement_timeout,
    )
    return PostgresDatabase(
        health=Health(session),
        ledger=Ledger(session),
        guard=_later("guard", lambda module: module.Guard(session)),
        runner=_later("runner", lambda module: module.Runner(session, _load)),
        catalog=_later("catalog", lambda module: module.Catalog(session)),
        rehearsal=_later("rehearsal", lambda module: module.Rehearsal(session, _load)),
        backups=_later("backups", lambda module: module.PostgresBackups(session, _catalog, backups)),
        restorer=_later("restorer", lambda module: module.PostgresRestorer(session, _catalog)),
        adoption=_later("adoption", lambda module: module.PostgresAdoption(session)),
        emptying=_later("emptying", lambda module: module.Emptying(session)),
        close=session.close,
    )


class _Later:
    """Something of a module that is imported when it is first asked something: most runs find nothing pending."""

    def __init__(self, module: str, make: Callable[[Any], Any]) -> None:
        self._module = module
        self._make = make

    def __getattr__(self, name: str) -> Any:
        """Only asked for what is not there yet: the thing itself, once, and its methods."""
        if name == "_made":
            self._made = self._make(import_module(f"shipit.adapters.postgres.{self._module}"))
            return self._made
        return getattr(self._made, name)


def _later(module: str, make: Callable[[Any], Any]) -> Any:
    return _Later(module, make)


def _catalog(session: Session) -> Any:
    return import_module("shipit.adapters.postgres.catalog").Catalog(session)


def _load(path: str, text: str) -> Any:
    return import_module("shipit.adapters.python_scripts").load(path, text)
