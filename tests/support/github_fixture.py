"""The fixture for tests/conftest.py: a stand-in GitHub that fails the test on any violation."""

from collections.abc import Iterator

import pytest

from tests.support.github import GitHubServer


@pytest.fixture
def github_server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server
