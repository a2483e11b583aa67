"""For which commit and ref findings are: a run of GitHub Actions, and a clone elsewhere."""

from collections.abc import Mapping
from typing import Any

import pytest

from shipit.errors import Refused
from shipit.gates.analysed import DEPENDABOT, FORK, ActionsRun, Clone, actions_run, analysed_ref

HEAD, MERGE, OTHER = "a" * 40, "b" * 40, "c" * 40


def environment(**more: str) -> dict[str, str]:
    known = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": HEAD,
        "GITHUB_REPOSITORY": "Acme/widget",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_RUN_ID": "12",
        "GITHUB_RUN_ATTEMPT": "2",
    }
    return {**known, **more}


def event(repository: str | None = "acme/Widget", number: Any = 7) -> Mapping[str, Any]:
    repo = {"full_name": repository} if repository else None
    return {"pull_request": {"number": number, "head": {"sha": HEAD, "repo": repo}}}


def test_outside_of_actions_nothing_is_known_of_a_run() -> None:
    assert actions_run(environment(GITHUB_ACTIONS=""), event()) == ActionsRun()


def test_a_push_is_for_its_branch() -> None:
    assert actions_run(environment(), {}) == ActionsRun(ref="refs/heads/main", commit=HEAD, id=12, attempt=2)


def test_a_pull_request_is_for_its_merge_ref() -> None:
    variables = environment(GITHUB_REF="refs/pull/7/merge", GITHUB_SHA=MERGE, GITHUB_EVENT_NAME="pull_request")
    found = actions_run(variables, event(number=8))
    assert (found.pull_request, found.head, found.commit, found.read_only) == (7, HEAD, MERGE, "")


@pytest.mark.parametrize("number", [True, -1, 10**30])
def test_a_number_that_no_pull_request_has_is_none(number: int) -> None:
    assert actions_run(environment(), event(number=number)).pull_request == 0


@pytest.mark.parametrize("there", ["stranger/widget", None])
def test_the_token_for_a_pull_request_from_a_fork_may_only_read_also_if_the_fork_is_gone(there: str | None) -> None:
    variables = environment(GITHUB_REF="refs/pull/7/merge", GITHUB_EVENT_NAME="pull_request")
    assert actions_run(variables, event(there)).read_only == FORK
    target = environment(GITHUB_EVENT_NAME="pull_request_target")
    assert actions_run(target, event(there)) == ActionsRun(
        ref="refs/heads/main", commit=HEAD, pull_request=7, head=HEAD, id=12, attempt=2
    )


def test_the_token_of_a_run_of_dependabot_may_only_read() -> None:
    assert actions_run(environment(GITHUB_ACTOR="dependabot[bot]"), {}).read_only == DEPENDABOT


@pytest.mark.parametrize("odd", [None, [], "x", {"pull_request": 7}, {"pull_request": {"number": "7", "head": []}}])
def test_an_event_of_another_shape_says_nothing(odd: object) -> None:
    found = actions_run(environment(GITHUB_RUN_ID="x", GITHUB_RUN_ATTEMPT="9" * 30), odd)
    assert found == ActionsRun(ref="refs/heads/main", commit=HEAD)


def clone(
    head: str = HEAD, branch: str = "main", tips: Mapping[str, str] | None = None, *, has: bool = False
) -> Clone:
    known = {"refs/heads/main": HEAD} if tips is None else tips
    return Clone(head=head, branch=branch, remote="origin", tip=known.get, has=lambda _, __: has)


PULL = ActionsRun(ref="refs/pull/7/merge", commit=MERGE, pull_request=7, head=HEAD)


@pytest.mark.parametrize(
    ("run", "place", "ref"),
    [
        (ActionsRun(), clone(), "refs/heads/main"),
        (ActionsRun(), clone(tips={"refs/heads/main": OTHER}, has=True), "refs/heads/main"),
        (PULL, clone(MERGE, "", {}), "refs/pull/7/merge"),
        (PULL, clone(HEAD, "", {}), "refs/pull/7/head"),
        (ActionsRun(ref="refs/tags/v1", commit=HEAD), clone(tips={}), "refs/tags/v1"),
        (ActionsRun(ref="refs/heads/main", commit=OTHER), clone(branch=""), "refs/heads/main"),
    ],
)
def test_the_ref_is_that_of_the_run_if_its_commit_is_checked_out_else_that_of_the_branch(
    run: ActionsRun, place: Clone, ref: str
) -> None:
    assert analysed_ref(run, place) == ref


@pytest.mark.parametrize(
    ("run", "place", "words"),
    [
        (ActionsRun(), clone(branch=""), "no branch is checked out"),
        (ActionsRun(), clone("", ""), "no branch is checked out"),
        (ActionsRun(ref="refs/heads/main"), clone("", tips={}), "is not on main of origin"),
        (ActionsRun(ref="refs/pull/7/merge", pull_request=7), clone(""), "is not the one that this run"),
        (ActionsRun(), clone(OTHER), "is not on main of origin"),
        (ActionsRun(), clone("", "main", {}), "is not on main of origin"),
        (ActionsRun(), clone(branch="topic"), "is not on topic of origin"),
        (PULL, clone(OTHER), "is not the one that this run of GitHub Actions is for"),
        (ActionsRun(ref="refs/tags/v1"), clone(), "GITHUB_SHA is not set"),
        (PULL, clone(""), "is not the one that this run of GitHub Actions is for"),
        (ActionsRun(ref="refs/heads/main", commit=OTHER, pull_request=7), clone(MERGE), "is not on main of origin"),
    ],
)
def test_a_commit_that_github_cannot_show_is_refused_with_the_next_command(
    run: ActionsRun, place: Clone, words: str
) -> None:
    with pytest.raises(Refused) as raised:
        analysed_ref(run, place)
    assert words in "\n".join([raised.value.what, *raised.value.evidence])
    assert raised.value.evidence
    assert "leave --upload out" in str(raised.value.hint)
