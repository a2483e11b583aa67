"""What the contract tests of targets share: a service that is installed once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import served


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> served.Service:
    return served.installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def service(installed: served.Service, tmp_path: Path) -> Iterator[served.Service]:
    """Nothing of it may be left after the test."""
    with served.copied(installed, tmp_path) as own:
        yield own
