"""A release under way on an ill-behaved GitHub; `scene` is a fixture of tests/contract."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shipit.adapters.github.forge import GitHub
from shipit.model import ForgeRelease
from tests.support.github import GitHubServer
from tests.support.github_state import Repository
from tests.support.misbehaviour import Kind

DONE_ANYWAY = [Kind.ERROR_AFTER, Kind.DROP_AFTER]
NOT_DONE = [Kind.ERROR_BEFORE, Kind.DROP_BEFORE, Kind.TOO_MANY, Kind.SECONDARY_LIMIT, Kind.NO_JSON]
REFUSED = [Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.INVALID, Kind.ECHO]
SHAPE = "v{version}"
SENTINEL = "S3NTINEL/+=&%~token'\"?"


@dataclass
class Scene:
    server: GitHubServer
    repository: Repository
    github: GitHub
    pauses: list[float]
    wheel: Path

    def draft(self) -> ForgeRelease:
        return self.github.create_draft("v1.0.0", "Release v1.0.0", "notes", prerelease=False)

    def upload(self, release: ForgeRelease) -> None:
        self.github.upload(release, "a.whl", self.wheel)

    def open(self) -> None:
        self.github.open_pull_request("release/v1.0.0", "main", "Release", "notes")

    def sent(self, method: str) -> int:
        return len([one for one in self.server.requests if one.method == method])


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(b"wheel")
    pauses: list[float] = []
    with GitHubServer() as server:
        repository = server.add_repository("acme/widget", workflows=("deploy.yml",))
        token = server.add_token(text=SENTINEL)
        github = GitHub(server.api, "acme/widget", token, pause=pauses.append)
        yield Scene(server, repository, github, pauses, wheel)
        github.client.http.close()
