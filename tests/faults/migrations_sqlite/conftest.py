"""A command line that can be struck down, and the sample database, once for each worker."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.migrations_sqlite import schema
from tests.faults.migrations_sqlite.product import Product, Striker


@pytest.fixture(scope="session")
def striker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Striker]:
    with Striker(tmp_path_factory.mktemp("striker")) as striker:
        yield striker


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "acme.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema.START)
    return path


@pytest.fixture
def product(tmp_path: Path, striker: Striker, template: Path) -> Product:
    """The sample product with its ten migrations, before the first run."""
    made = Product(tmp_path / "product", striker, template)
    made.lay_out(schema.FILES)
    made.begin()
    return made
