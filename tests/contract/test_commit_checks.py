"""What ran on a commit: GitHub's answers, and the fake that unit tests use in its place."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from shipit.adapters.github.forge import GitHub
from shipit.deploy.ports import CommitChecks
from shipit.errors import Denied
from tests.fakes_deploy import FakeChecks
from tests.support.github import GitHubServer
from tests.support.misbehaviour import Kind

ONE, TWO = "1" * 40, "2" * 40
Check = Callable[[str, str, str | None], object]


class Place(NamedTuple):
    checks: CommitChecks
    check: Check


@pytest.fixture(params=["github", "fake"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "fake":
        fake = FakeChecks()
        yield Place(fake, fake.check)
        return
    with GitHubServer() as server:
        repository = server.add_repository("acme/widget")
        github = GitHub(server.api, "acme/widget", server.add_token("read"), pause=lambda _seconds: None)
        yield Place(github, repository.check)
        github.client.http.close()


def test_of_a_commit_nobody_checked_nothing_is_known(place: Place) -> None:
    place.check(TWO, "lint", "success")
    assert place.checks.check_results(ONE) == ()


def test_each_result_has_its_name_and_the_word_of_the_forge(place: Place) -> None:
    given = [("lint", "success"), ("types", "skipped"), ("tests (3.11)", None), ("lint", "failure")]
    for name, outcome in given:
        place.check(ONE, name, outcome)
    found = place.checks.check_results(ONE)
    expected = {(name, outcome or "in_progress", outcome is not None) for name, outcome in given}
    assert {(one.name, one.outcome, one.is_over) for one in found} == expected
    assert len({one.url for one in found if one.url.startswith("http")}) == len(given)


def test_none_of_many_is_left_out(place: Place) -> None:
    for number in range(250):
        place.check(ONE, f"check {number}", "success")
    assert len({one.name for one in place.checks.check_results(ONE)}) == 250


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        running.add_repository("acme/widget")
        yield running


@pytest.fixture
def github(server: GitHubServer) -> Iterator[GitHub]:
    made = GitHub(server.api, "acme/widget", server.add_token(), pause=lambda _seconds: None)
    yield made
    made.client.http.close()


def test_statuses_of_older_services_count_and_only_the_newest_of_a_name(
    server: GitHubServer, github: GitHub
) -> None:
    repository = server.state.repositories["acme/widget"]
    repository.check(ONE, "lint", "success")
    for name, state in (("deploy/preview", "failure"), ("deploy/preview", "success"), ("coverage", None)):
        repository.check(ONE, name, state, context=True)
    found = github.check_results(ONE)
    assert {(one.name, one.outcome, one.is_over) for one in found} == {
        ("lint", "success", True),
        ("deploy/preview", "success", True),
        ("coverage", "pending", False),
    }


def test_a_token_that_may_not_read_them_is_refused_with_the_rights_it_needs(
    server: GitHubServer, github: GitHub
) -> None:
    server.misbehave("GET", "/check-runs", Kind.FORBIDDEN)
    with pytest.raises(Denied) as caught:
        github.check_results(ONE)
    assert "`checks: read` and `statuses: read`" in (caught.value.hint or "")
