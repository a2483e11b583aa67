"""Pre-flight against the stand-in: all that would decline a push is named before anything is touched."""

from collections.abc import Callable, Iterator

import pytest

from shipit.adapters.github.forge import GitHub
from shipit.engine.plan import Problem
from tests.support.github import GitHubServer
from tests.support.github_state import Repository
from tests.support.misbehaviour import Kind

REVIEWS = {"dismiss_stale_reviews": False, "require_code_owner_reviews": False}
RESTRICTIONS = {
    **dict.fromkeys(("url", "users_url", "teams_url", "apps_url"), "http://stand-in.invalid/"),
    **{kind: [] for kind in ("users", "teams", "apps")},
}
CHECKS = {"required_status_checks": [{"context": "tests"}], "strict_required_status_checks_policy": True}


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        yield running


@pytest.fixture
def repository(server: GitHubServer) -> Repository:
    return server.add_repository("acme/widget")


Ask = Callable[..., list[Problem]]


@pytest.fixture
def ask(server: GitHubServer, repository: Repository) -> Iterator[Ask]:
    opened: list[GitHub] = []

    def problems(
        right: str = "write", *, token: str | None = None, installation: bool = False, name: str = "acme/widget"
    ) -> list[Problem]:
        token = token or server.add_token(right, installation=installation)
        github = GitHub(server.api, name, token, pause=lambda _seconds: None)
        opened.append(github)
        return list(github.problems(["main", "develop"]))

    yield problems
    for github in opened:
        github.client.http.close()


def test_an_unknown_token_is_named_with_the_secret_to_look_at(ask: Ask) -> None:
    (problem,) = ask(token="expired")
    assert problem.what == "GitHub refused: Bad credentials"
    assert "forge.token" in problem.hint


def test_a_repository_that_is_not_there_is_named(ask: Ask) -> None:
    (problem,) = ask(name="acme/gadget")
    assert problem.what == "GitHub refused: Not Found"
    assert "/repos/acme/gadget → 404" in problem.evidence
    assert "forge.repository" in problem.hint


def test_a_network_that_is_down_is_a_problem_and_not_an_error() -> None:
    github = GitHub("http://127.0.0.1:9", "acme/widget", "token", pause=lambda _seconds: None)
    (problem,) = github.problems(["main"])
    github.client.http.close()
    assert problem.what == "GitHub did not answer"
    assert "network" in problem.hint


def test_an_archived_repository_is_named(ask: Ask, repository: Repository) -> None:
    repository.archived = True
    (problem,) = ask()
    assert problem.what == "acme/widget is archived on GitHub"


def test_a_token_that_may_only_read_is_named_with_the_right_that_it_lacks(ask: Ask) -> None:
    (problem,) = ask("read")
    assert problem.what == "the token may not push to acme/widget"
    assert problem.evidence == "rights on the repository: pull"
    assert "contents: write" in problem.hint


def test_the_token_of_actions_is_not_judged_by_the_push_right_that_github_never_tells(ask: Ask) -> None:
    assert ask(installation=True) == []


def test_the_token_of_an_app_is_recognised_whatever_it_looks_like(ask: Ask, server: GitHubServer) -> None:
    assert ask(token=server.add_token(text="custom", installation=True)) == []


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("pull_request", None, "asks for a pull request"),
        ("required_linear_history", None, "declines merge commits"),
        ("required_status_checks", CHECKS, "asks for status checks"),
    ],
)
def test_a_ruleset_that_declines_a_direct_push_is_named_with_the_way_round_it(
    ask: Ask, repository: Repository, kind: str, parameters: dict[str, object] | None, words: str
) -> None:
    repository.add_rule("main", kind, parameters)
    (problem,) = ask()
    assert problem.what == "a ruleset would decline a direct push to main"
    assert problem.evidence == f"guard main: {words}"
    assert "--pr" in problem.hint


@pytest.mark.parametrize("kind", ["non_fast_forward", "deletion"])
def test_a_ruleset_that_lets_a_release_through_is_no_problem(ask: Ask, repository: Repository, kind: str) -> None:
    repository.add_rule("main", kind)
    assert ask() == []


@pytest.mark.parametrize("bypass", ["always", "exempt"])
def test_a_ruleset_that_this_token_may_bypass_is_no_problem(ask: Ask, repository: Repository, bypass: str) -> None:
    repository.add_rule("main", "pull_request", bypass=bypass)
    assert ask() == []


def test_a_bypass_for_pull_requests_alone_does_not_help_a_push(ask: Ask, repository: Repository) -> None:
    repository.add_rule("main", "pull_request", bypass="pull_requests_only")
    assert len(ask()) == 1


def test_the_problems_of_all_branches_are_named_together(ask: Ask, repository: Repository) -> None:
    repository.add_rule("main", "pull_request")
    repository.add_rule("develop", "required_linear_history")
    repository.protect("develop")
    assert [problem.what for problem in ask("write")] == [
        "a ruleset would decline a direct push to main",
        "a ruleset would decline a direct push to develop",
        "develop is protected, and this token may not read how",
    ]


def test_protection_that_the_token_may_not_read_is_named_as_such(ask: Ask, repository: Repository) -> None:
    repository.protect("main")
    (problem,) = ask("write")
    assert problem.what == "main is protected, and this token may not read how"
    assert "--pr" in problem.hint
    assert "administration: read" in problem.hint


def test_protection_that_binds_administrators_too_is_named_with_its_rules(ask: Ask, repository: Repository) -> None:
    repository.protect(
        "main",
        enforce_admins={"url": "http://stand-in.invalid/", "enabled": True},
        required_pull_request_reviews=REVIEWS,
        lock_branch={"enabled": True},
    )
    (problem,) = ask("admin")
    assert problem.what == "branch protection would decline a direct push to main"
    assert problem.evidence == "asks for a pull request, is locked"
    assert "--pr" in problem.hint


def test_protection_does_not_bind_an_administrator_unless_it_says_so(ask: Ask, repository: Repository) -> None:
    repository.protect("main", required_pull_request_reviews=REVIEWS)
    assert ask("admin") == []


def test_protection_that_declines_only_force_pushes_is_no_problem(ask: Ask, repository: Repository) -> None:
    repository.protect(
        "main",
        enforce_admins={"url": "http://stand-in.invalid/", "enabled": True},
        allow_force_pushes={"enabled": False},
    )
    assert ask("admin") == []


def test_protection_that_may_be_read_by_administrators_alone_is_looked_for_on_the_branch(
    ask: Ask, server: GitHubServer, repository: Repository
) -> None:
    repository.protect("develop")
    server.misbehave("GET", "/protection$", Kind.FORBIDDEN, times=2)
    assert [problem.what for problem in ask()] == ["develop is protected, and this token may not read how"]


def test_protection_that_lets_nobody_push_or_waits_for_checks_is_named(ask: Ask, repository: Repository) -> None:
    repository.protect(
        "main",
        enforce_admins={"url": "http://stand-in.invalid/", "enabled": True},
        required_status_checks={"contexts": ["tests"], "checks": []},
        restrictions=RESTRICTIONS,
    )
    (problem,) = ask("admin")
    assert problem.evidence == "lets nobody push, asks for status checks"


def test_rules_that_cannot_be_asked_for_are_a_problem(ask: Ask, server: GitHubServer) -> None:
    server.misbehave("GET", "/rules/branches/main", Kind.FORBIDDEN)
    (problem,) = ask()
    assert "Resource not accessible by integration" in problem.what
    assert "contents: write" in problem.hint
