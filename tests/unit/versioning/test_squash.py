"""Squashed commits and the parts that they tell of."""

import pytest

from shipit.versioning.squash import parts

LOCAL = f"""Squashed commit of the following:

commit {"a" * 40}
Author: Ann <ann@example.com>
Date:   Mon Jan 1 00:00:00 2024 +0000

    fix: second

commit {"b" * 40}
Author: Ann <ann@example.com>
Date:   Mon Jan 1 00:00:00 2024 +0000

    feat: first

    BREAKING CHANGE: y
"""


def test_github_lists_the_parts_oldest_first_and_they_are_given_newest_first() -> None:
    text = "Login (#3)\n\n* feat: form\n\nwith a body\n\n* fix: typo\n\n---------\n\nCo-authored-by: Bea <b@c>"
    own, found = parts(text)
    assert own == "Login (#3)\n\nCo-authored-by: Bea <b@c>"
    assert found == ("fix: typo", "feat: form\n\nwith a body")


def test_without_a_closing_rule_everything_belongs_to_the_parts() -> None:
    assert parts("Login (#3)\n\n* feat: form") == ("Login (#3)\n\n", ("feat: form",))


def test_git_merge_squash_is_read_too() -> None:
    own, found = parts(LOCAL)
    assert own == ""
    assert found == ("fix: second", "feat: first\n\nBREAKING CHANGE: y")


@pytest.mark.parametrize(
    "text",
    [
        "docs: explain\n\n* feat: x\n\n* fix: y",
        "docs: explain (#3)\n\nThese count:\n\n* feat: x",
        "docs: explain (#3)",
        "docs: explain (#3)\n\n- feat: x",
    ],
)
def test_a_list_in_any_other_body_is_prose(text: str) -> None:
    assert parts(text) == (text, ())


def test_a_quoted_list_item_is_no_part() -> None:
    _, found = parts("Login (#3)\n\n* docs: x\n\n```\n\n* feat: y\n```")
    assert len(found) == 1


def test_the_revert_of_a_squashed_commit_tells_of_no_parts() -> None:
    text = f'Revert "Squashed commit of the following:"\n\nThis reverts commit {"a" * 40}.'
    assert parts(text) == (text, ())
