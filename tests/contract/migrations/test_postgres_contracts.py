"""PostgreSQL keeps every promise of the ports, on both servers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shipit.adapters.postgres.database import open_database
from shipit.migrate.ports import Database
from tests.contract.migrations import contracts
from tests.contract.migrations.contracts import Scene, options
from tests.support.postgres import Server


@pytest.fixture
def scene(server: Server, database: str, tmp_path: Path) -> Iterator[Scene]:
    url = server.url(database)
    opened: list[Database] = []

    def run(sql: str) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def another() -> Database:
        made = open_database(url, options(1), tmp_path / "backups")
        opened.append(made)
        return made

    yield Scene(another(), run, another)
    for each in opened:
        each.close()
    for (name,) in server.query(
        "postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{database}_kept_%'"
    ):
        server.drop(str(name))


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
