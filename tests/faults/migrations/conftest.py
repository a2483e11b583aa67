"""A server, a command line that can be struck down, and the sample product, once for each worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.migrations import schema
from tests.faults.migrations.product import Product, Striker
from tests.support import postgres
from tests.support.postgres import Server

TEMPLATE = "prepared"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Debian's PostgreSQL 15, with the sample as a template."""
    for server in postgres.started("debian-15"):
        server.create(TEMPLATE)
        server.query(TEMPLATE, schema.START)
        yield server


@pytest.fixture(scope="session")
def striker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Striker]:
    with Striker(tmp_path_factory.mktemp("striker")) as striker:
        yield striker


@pytest.fixture
def laid(tmp_path: Path, server: Server, striker: Striker) -> Product:
    """The sample product; the databases come with the cases."""
    made = Product(tmp_path / "product", server, striker, TEMPLATE)
    made.lay_out(schema.FILES)
    return made


@pytest.fixture
def product(laid: Product) -> Iterator[Product]:
    """The sample product, with a database of its own."""
    with laid.case():
        yield laid
