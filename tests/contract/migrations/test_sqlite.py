"""SQLite keeps every promise of the ports, with a rollback journal and with a write-ahead log."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.sqlite.database import open_database
from shipit.migrate.ports import Database
from tests.contract.migrations import contracts
from tests.contract.migrations.contracts import Scene, options


@pytest.fixture(params=["delete", "wal"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    path = tmp_path / "var" / "acme db.sqlite"
    path.parent.mkdir()
    opened: list[Database] = []

    def run(sql: str) -> Sequence[tuple[Any, ...]]:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as connection:
            return connection.execute(sql).fetchall()

    def another() -> Database:
        made = open_database(path, options(1, 0), tmp_path / "backups")
        opened.append(made)
        return made

    run(f"PRAGMA journal_mode = {request.param}")
    yield Scene(another(), run, another)
    for database in opened:
        database.close()


class TestLedger(contracts.LedgerContract):
    pass


class TestGuard(contracts.GuardContract):
    pass


class TestRunner(contracts.RunnerContract):
    pass


class TestCatalog(contracts.CatalogContract):
    pass


class TestBackups(contracts.BackupsContract):
    pass


class TestRestorer(contracts.RestorerContract):
    pass


class TestRehearsal(contracts.RehearsalContract):
    pass
