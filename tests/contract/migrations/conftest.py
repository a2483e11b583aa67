"""Servers and databases for the tests of migrations."""

import itertools
from collections.abc import Iterator

import pytest

from tests.support import postgres
from tests.support.migrations import Migrated
from tests.support.postgres import Server

_numbers = itertools.count(1)
NAMES = ("debian-15", "embedded-18")


@pytest.fixture(scope="session")
def debian() -> Iterator[Server]:
    """Debian's PostgreSQL 15."""
    yield from postgres.started("debian-15")


@pytest.fixture(scope="session")
def embedded() -> Iterator[Server]:
    """PostgreSQL 18 from the package index."""
    yield from postgres.started("embedded-18")


@pytest.fixture(params=NAMES)
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers in turn."""
    found: Server = request.getfixturevalue("debian" if request.param == "debian-15" else "embedded")
    return found


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """The name of an empty database on `server`; dropped afterwards, whoever is connected."""
    name = f"t{next(_numbers)}"
    server.create(name)
    yield name
    server.drop(name)


@pytest.fixture(scope="session")
def filled_ones(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """What the tests of the promises copy instead of migrating it once more."""
    return Migrated(tmp_path_factory.mktemp("filled"), "filled", rows=50)
