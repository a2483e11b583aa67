"""Updates that quote the notes of other projects without any mark of a quotation."""

import pytest

from shipit.versioning.changes import evaluate
from shipit.versioning.levels import Level
from tests.support.commits import Rules, line

FIRST = "fix(deps): bump tool from 1.4 to 2.0 (#9)"


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}\n\nRelease notes:\n\nBREAKING CHANGE: x",
        f"{FIRST}\n\n## Changelog\n\n### 2.0\n\nBREAKING CHANGE: x\n\nBREAKING-CHANGE: y\n\n---\nupdated: z\n",
        "fix: newer tool\n\nUpdates `tool` from v1.0 to v2.0.\n\n**Commits of it**\n\nfeat: x\nBREAKING CHANGE: x",
        "fix: tool\n\nUpgraded tool from 1 to 2\n\nWhat's changed\n\nBREAKING CHANGE: x",
    ],
)
def test_a_breaking_change_below_another_project_s_heading_is_none_of_this_one(text: str) -> None:
    [verdict] = evaluate(line(text), Rules())
    assert verdict.level is Level.PATCH
    assert "of another project" in verdict.why


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}\n\nBREAKING CHANGE: python 3.9 is gone",
        f"{FIRST}\n\nBREAKING CHANGE: python 3.9 is gone\n\nRelease notes:\n\n- BREAKING CHANGE: x",
        f"{FIRST}\n\nChangelog:\n\nBREAKING CHANGE: x\n\n---\n\nBREAKING CHANGE: python 3.9 is gone",
        "fix(deps)!: bump tool from 1.4 to 2.0\n\nCommits\n\nBREAKING CHANGE: x",
        "fix: x\n\nRelease notes:\n\nBREAKING CHANGE: x",
        "fix: x\n\nChanges of this one\n\nBREAKING CHANGE: bump the protocol from 1 to 2",
        "fix: update x from there to here\n\nCommits\n\nBREAKING CHANGE: x",
    ],
)
def test_what_breaks_here_counts(text: str) -> None:
    [verdict] = evaluate(line(text), Rules())
    assert verdict.level is Level.MAJOR


@pytest.mark.parametrize(
    "piece", ["Bumps x from 1 to \n", "bump ", "bump from 1", "1" * 99, "**Changes", "Changes\n"]
)
def test_a_long_message_takes_no_time(piece: str) -> None:
    text = f"{FIRST}\n\n{piece * 20_000}\n\nBREAKING CHANGE: x"
    [verdict] = evaluate(line(text), Rules())
    assert (verdict.level is Level.MAJOR) is not verdict.unit.message.quotes_breaking
