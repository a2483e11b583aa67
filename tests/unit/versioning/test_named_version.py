"""A version that a person names, and why."""

import pytest

from shipit.errors import Refused, UsageError
from shipit.versioning import Decision, Question, decide
from shipit.versioning.bump import forced
from tests.support.commits import Rules, line, tag, tags


def named(number: str, *found: str, message: str = "docs: x", branch: str | None = None) -> Decision:
    wanted = forced(number, "because")
    return decide(Question(line(message), tags(*found), Rules(), forced=wanted, branch=branch))


def test_it_is_released_whatever_the_commits_ask_for() -> None:
    decision = named("3.0.0", "v1.2.3")
    assert (decision.version, decision.previous, decision.reason, decision.why) == (
        "3.0.0",
        "v1.2.3",
        "because",
        "",
    )
    assert [row.effect for row in decision.rows] == ["none"]


def test_it_may_be_the_first_and_may_be_a_prerelease() -> None:
    assert named("2.0.0-beta.4").version == "2.0.0-beta.4"
    decision = named("2.0.0-rc.5", "v1.0.0", "v2.0.0-rc.1")
    assert (decision.version, decision.previous) == ("2.0.0-rc.5", "v2.0.0-rc.1")
    assert named("2.0.0", "v1.0.0", "v2.0.0-rc.1").previous == "v1.0.0"


@pytest.mark.parametrize("number", ["1.2.3", "1.2.2", "1.2.3-rc.1"])
def test_it_comes_after_the_last_one(number: str) -> None:
    with pytest.raises(UsageError, match=r"does not come after v1\.2\.3, which is released") as caught:
        named(number, "v1.2.3")
    assert caught.value.hint == "name a version above 1.2.3"


def test_it_is_not_taken_anywhere() -> None:
    with pytest.raises(Refused, match=r"v2\.0\.0 exists on another line"):
        decide(
            Question(
                line("fix: x"),
                [tag("v1.0.0")],
                Rules(),
                kind="auto",
                forced=forced("2.0.0", "because"),
                taken=[tag("v2.0.0", "x")],
            )
        )


def test_it_does_not_leave_a_maintenance_branch() -> None:
    with pytest.raises(Refused, match=r"does not belong on 1\.x") as caught:
        named("2.0.0", "v1.0.0", branch="1.x")
    assert caught.value.evidence == ()
    assert named("1.7.0", "v1.0.0", branch="1.x").version == "1.7.0"


def test_without_a_commit_by_people_there_is_nothing_to_release() -> None:
    assert named("2.0.0", "v1.0.0", message="chore(release): v1.0.0").why == "no commits since v1.0.0"


def test_the_tag_s_v_may_stand_before_it_and_the_reason_is_one_line() -> None:
    wanted = forced("v2.0.0", "  a\n new  name ")
    assert wanted
    assert (str(wanted.version), wanted.reason) == ("2.0.0", "a new name")
    assert forced(None, None) is None


@pytest.mark.parametrize(
    ("number", "reason", "what"),
    [
        ("2.0.0", None, "needs a reason"),
        ("2.0.0", " \n", "needs a reason"),
        (None, "because", "a reason is for a version that is named"),
        ("2.0", "because", "is not a SemVer version"),
        ("2.0.0+build", "because", "build metadata"),
        ("2.0.0-next.1", "because", "no spelling on a package index"),
    ],
)
def test_what_makes_no_sense_is_refused(number: str | None, reason: str | None, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        forced(number, reason)
