"""Titles as forges and people write them: what stands before the type says nothing of the change."""

import pytest

from shipit.versioning.changes import changes, evaluate
from shipit.versioning.message import parse
from tests.support.commits import Rules, line


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("Merged PR 4711: feat(api): pages", ("feat", "api", "pages", "!4711")),
        ("Merged PR 3: fix: pages\n\nRelated work items: #88", ("fix", "", "pages", "!3")),
        ("Merged in feature/x (pull request #12)\n\nfeat: pages\n\nApproved-by: Bo", ("feat", "", "pages", "#12")),
        ("Merged in a b (pull request #7)\n\nfix(ui)!: pages", ("fix", "ui", "pages", "#7")),
        ("feat: pages (!456)", ("feat", "", "pages", "!456")),
        ("feat: pages (pull request #123)", ("feat", "", "pages", "#123")),
        ("\u2728 feat(ui): dark", ("feat", "ui", "dark", "")),
        ("\U0001f3f3\ufe0f\u200d\U0001f308fix: dark (#1)", ("fix", "", "dark", "#1")),
        (":bug: fix: crash", ("fix", "", "crash", "")),
        (":+1: :art: FIX(x): crash", ("fix", "x", "crash", "")),
        (" feat: space", ("feat", "", "space", "")),
    ],
)
def test_what_stands_before_the_type_is_passed_over(text: str, change: tuple[str, str, str, str]) -> None:
    [found] = changes(evaluate(line(text), Rules()))
    assert (found.type, found.scope, found.description, found.pull_request) == change


@pytest.mark.parametrize(
    "text",
    [
        "Merged PR 4711: pages",
        "Merged PR x: feat: pages",
        "Merged in x (pull request #12)\nfeat: pages",
        "Merged branches",
        "\u00abfeat: pages\u00bb is a title",
        ":bug fix: crash",
        "- feat: pages",
        "\u2728",
        "",
    ],
)
def test_other_words_before_a_type_make_no_header(text: str) -> None:
    assert changes(evaluate(line(text), Rules())) == ()


@pytest.mark.parametrize(
    ("title", "taken_back"),
    [
        ("Merged PR 7: feat: pages", 'Merged PR 8: Revert "feat: pages"'),
        ("Merged PR 7: feat: pages", 'Revert "Merged PR 7: feat: pages"'),
        ("\u2728 feat: pages", 'Revert "\u2728 feat: pages"'),
    ],
)
def test_such_a_title_is_reverted_with_and_without_it(title: str, taken_back: str) -> None:
    assert changes(evaluate(line(title, taken_back), Rules())) == ()


def test_many_decorations_take_no_time() -> None:
    assert parse(":a:" * 100_000 + "x").type == ""


LONG = "feat: let people choose all the colours of the whole interface"


@pytest.mark.parametrize(
    "taken_back",
    [
        'Revert "feat: let people choose all the colours… (#9)\n\n… of the whole interface (#3)"',
        'Revert "feat: let people choose all...',
        f'fix: Revert "{LONG}"',
        "Revert #3",
        "revert: pull request #3",
    ],
)
def test_a_revert_finds_what_it_reverts_by_a_shortened_title_or_a_number(taken_back: str) -> None:
    assert changes(evaluate(line(f"{LONG} (#3)", taken_back), Rules())) == ()
    released = changes(evaluate(line(taken_back), Rules()))
    assert [change.type for change in released] == ["revert"]


def test_a_whole_title_goes_before_one_that_begins_so() -> None:
    found = changes(evaluate(line("feat: wait...", "feat: wait... longer", 'Revert "feat: wait..."'), Rules()))
    assert [change.description for change in found] == ["wait... longer"]


@pytest.mark.parametrize(
    ("text", "breaking"),
    [
        ("fix: a (#12)\n\n* tidy up\n\nBREAKING CHANGE: the file moved", ("the file moved",)),
        ("fix: a (#12)\n\n* one\n\nBREAKING CHANGE: x\n\n* two\n\nBREAKING-CHANGE: y", ("y", "x")),
        ("fix: a (#12)\n\n* tidy up\n\nCloses: #3", ()),
        ("fix: a (#12)\n\n* fixup!: flag name\n\n* squash!: the other", ()),
    ],
)
def test_a_part_without_a_header_keeps_what_it_says_breaks(text: str, breaking: tuple[str, ...]) -> None:
    [change] = changes(evaluate(line(text), Rules()))
    assert change.breaking == breaking


@pytest.mark.parametrize("text", ["fixup!: flag name", "Squash!: x", "amend!: x"])
def test_git_s_own_mark_breaks_nothing(text: str) -> None:
    assert changes(evaluate(line(text), Rules())) == ()
    assert parse("fixup(api)!: x").breaking == ("x",)
