"""GitHub's list of deployments, and the fake that unit tests use in its place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.deployments import Deployments
from shipit.adapters.http.limits import Limits, Patience
from shipit.deploy.ports import Board
from shipit.errors import Denied, Unavailable
from shipit.model import DeploymentStatus, ForgeDeployment, NewDeployment, Revision
from tests.fakes_board import FakeBoard
from tests.support.github import GitHubServer
from tests.support.github_scene import DONE_ANYWAY, NOT_DONE, SENTINEL
from tests.support.github_state import Repository
from tests.support.misbehaviour import Kind

REVISION = Revision("1.0.0", "1" * 40)


def wanted(run: str, environment: str = "staging") -> NewDeployment:
    return NewDeployment(
        run=run,
        environment=environment,
        revision=REVISION,
        task="deploy",
        description=str(REVISION),
        is_production=True,
    )


@pytest.fixture(params=["github", "fake"])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    if request.param == "fake":
        yield FakeBoard()
        return
    with GitHubServer() as server:
        server.add_repository("acme/widget")
        client = GitHubClient(server.api, "acme/widget", server.add_token("write"), pause=lambda _seconds: None)
        yield Deployments(client)
        client.http.close()


class TestAList:
    def test_is_empty_at_first(self, board: Board) -> None:
        assert list(board.deployments("staging", 10)) == []

    def test_has_the_newest_of_its_environment_first(self, board: Board) -> None:
        one, _, three = (board.list_deployment(wanted(*of)) for of in (("a",), ("b", "live"), ("c",)))
        board.report_deployment(one, DeploymentStatus(state="in_progress"))
        board.report_deployment(one, DeploymentStatus(state="success", description="complete"))
        assert list(board.deployments("staging", 10)) == [
            ForgeDeployment(number=three, run="c", state=""),
            ForgeDeployment(number=one, run="a", state="success"),
        ]
        assert [found.run for found in board.deployments("staging", 1)] == ["c"]


@dataclass
class Place:
    server: GitHubServer
    repository: Repository
    board: Deployments

    def sent(self, method: str) -> list[str]:
        return [one.path for one in self.server.requests if one.method == method]


@pytest.fixture
def place() -> Iterator[Place]:
    with GitHubServer() as server:
        repository = server.add_repository("acme/widget")
        token = server.add_token(text=SENTINEL)
        limits, patience = Limits(seconds=1), Patience(connect=1, answer=0.3, tries=2)
        client = GitHubClient(
            server.api, "acme/widget", token, pause=lambda _seconds: None, limits=limits, patience=patience
        )
        yield Place(server, repository, Deployments(client))
        client.http.close()


def test_what_is_sent_merges_nothing_and_waits_for_no_check(place: Place) -> None:
    place.board.list_deployment(wanted("a"))
    [made] = place.repository.deployments
    assert made.asked == {
        "ref": REVISION.commit,
        "task": "deploy",
        "environment": "staging",
        "description": str(REVISION),
        "auto_merge": False,
        "required_contexts": [],
        "production_environment": True,
        "payload": {"shipit": {"run": "a", "version": "1.0.0"}},
    }


def test_a_status_makes_no_other_deployment_inactive_by_itself(place: Place) -> None:
    number = place.board.list_deployment(wanted("a"))
    status = DeploymentStatus(
        state="success", description="complete", log_url="https://ci.example/7", environment_url="https://a.example"
    )
    place.board.report_deployment(number, status)
    [(_, asked)] = place.repository.deployments[0].statuses
    assert asked == {
        "state": "success",
        "description": "complete",
        "auto_inactive": False,
        "log_url": "https://ci.example/7",
        "environment_url": "https://a.example",
    }


@pytest.mark.parametrize(
    ("payload", "runs"),
    [
        ("", []),
        ("not JSON", []),
        ('{"shipit": {"run": "a"}}', ["a"]),
        ({"shipit": {"run": "a"}}, ["a"]),
        ({"shipit": {"run": 7}}, []),
        ({"shipit": "a"}, []),
        ({"run": "a"}, []),
        ("[1]", []),
    ],
)
def test_only_those_of_shipit_are_found_by_their_payload(place: Place, payload: object, runs: list[str]) -> None:
    place.repository.deploy("staging", "success", payload=payload)
    assert [one.run for one in place.board.deployments("staging", 10)] == runs


@pytest.mark.parametrize("kind", DONE_ANYWAY)
def test_one_whose_answer_is_lost_is_found_and_not_made_twice(place: Place, kind: Kind) -> None:
    place.server.misbehave("POST", "/deployments$", kind)
    number = place.board.list_deployment(wanted("a"))
    assert [one.id for one in place.repository.deployments] == [number]


@pytest.mark.parametrize("kind", NOT_DONE)
def test_one_that_was_not_made_is_said(place: Place, kind: Kind) -> None:
    place.server.misbehave("POST", "/deployments$", kind)
    with pytest.raises(Unavailable):
        place.board.list_deployment(wanted("a"))
    assert place.repository.deployments == []
    assert len(place.sent("POST")) == 1


@pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.NOT_FOUND])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_missing_right_is_named(place: Place, method: str, kind: Kind) -> None:
    place.server.misbehave(method, "/deployments", kind)
    ask: Callable[[], object] = {
        "GET": lambda: place.board.deployments("staging", 10),
        "POST": lambda: place.board.list_deployment(wanted("a")),
    }[method]
    with pytest.raises(Denied) as raised:
        ask()
    assert "`deployments: write`" in str(raised.value.hint)


def test_another_refusal_keeps_its_own_hint(place: Place) -> None:
    place.server.misbehave("POST", "/deployments$", Kind.UNAUTHORIZED)
    with pytest.raises(Denied, match="Bad credentials") as raised:
        place.board.list_deployment(wanted("a"))
    assert "expired" in str(raised.value.hint)


def test_a_slow_answer_is_not_waited_for(place: Place) -> None:
    place.server.misbehave("GET", "/deployments", Kind.SLOW, times=2, seconds=2)
    with pytest.raises(Unavailable, match="in time"):
        place.board.deployments("staging", 10)
    assert len(place.server.requests) <= 2
