"""Pull requests, issues and people that messages mention."""

import pytest

from shipit.model import Identity
from shipit.versioning import mentions
from shipit.versioning.message import parse


def test_a_pull_request_stands_at_the_end_of_the_subject() -> None:
    assert mentions.pull_request("feat: x (#12)") == ("feat: x", "#12")
    assert mentions.pull_request("feat: x (#12) y") == ("feat: x (#12) y", "")
    assert mentions.pull_request("feat: x (!456)") == ("feat: x", "!456")
    assert mentions.pull_request("feat: x (pull request #123)") == ("feat: x", "#123")


def test_github_merges_name_their_pull_request() -> None:
    assert mentions.merged_pull_request("Merge pull request #9 from a/b") == "#9"
    assert mentions.merged_pull_request("Merge branch 'b'") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fix: x\n\nCloses #1, fixes #2 and resolved: #3", ("#1", "#2", "#3")),
        ("fix: x\n\nFixed: #1, #2", ("#1", "#2")),
        ("fix: x\n\nResolved: #1, acme/tool#2\nclosed: #3", ("#1", "acme/tool#2", "#3")),
        ("fix: x\n\nClosed #1, #2", ("#1", "#2")),
        ("fix: x\n\nThis closes #1, #2 and has to do with #3.", ("#1", "#2")),
        ("fix: x\n\nISSUES CLOSED: #1, #2", ("#1", "#2")),
        ("fix: x\n\nBREAKING CHANGE: y\nIssue closed: #1", ("#1",)),
        ("fix: x\n\nRefs: #4, other/repo#5", ()),
        ("fix: x\n\nCloses #6", ("#6",)),
        ("fix: x\n\nCloses #6\nFixes #6", ("#6",)),
        ("fix: x (#7)\n\nlike #8", ()),
        ("fix: x", ()),
    ],
)
def test_issues_are_those_that_are_closed(text: str, found: tuple[str, ...]) -> None:
    assert mentions.issues(text, parse(text).footers) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fix: x\n\nRefs: #4, other/repo#5", ("#4", "other/repo#5")),
        ("fix: x\n\nSee #4\nRelates-to: #5\nRef: #4", ("#4", "#5")),
        ("fix: x\n\nFixes: #4\nIssue: the old one", ()),
    ],
)
def test_references_are_issues_that_nothing_closes(text: str, found: tuple[str, ...]) -> None:
    assert mentions.references(parse(text).footers) == found


def test_co_authors_are_named_in_footers() -> None:
    text = "fix: x\n\nCo-authored-by: Bea <bea@example.com>\nCO-AUTHORED-BY: Cid <c@d>\nCo-authored-by: nobody"
    assert mentions.co_authors(parse(text)) == (Identity("Bea", "bea@example.com"), Identity("Cid", "c@d"))


def test_a_picked_commit_names_its_origin() -> None:
    assert mentions.picked_from("fix: x\n\n(cherry picked from commit abcdef1234)\n") == "abcdef1234"
    assert mentions.picked_from("fix: cherry picked from somewhere") == ""
    assert mentions.picked_from("fix: x") == ""
