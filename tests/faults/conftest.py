"""One recorded release for all crash tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.faults.matrix import ASKED, Matrix, matrix


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with matrix(tmp_path_factory.mktemp("crash")) as made:
        made.record(*ASKED, "--json")
        yield made
