"""A product on real servers for every scenario."""

from collections.abc import Iterator

import pytest

from tests.support.place import Place, Stage, stage

collect_ignore = ["shapes", "strangers"]  # projects with tests of their own


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both servers, once for all scenarios of a worker."""
    with stage(tmp_path_factory.mktemp("scenarios")) as made:
        yield made


@pytest.fixture
def place(theatre: Stage) -> Iterator[Place]:
    """The product with GitHub, a directory as index, and a user with work in hand."""
    made = theatre.place()
    yield made
    theatre.server.heal()
    theatre.clear(made)
