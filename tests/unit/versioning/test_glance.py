"""The short way through a history, held against the long one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shipit.model import Change, Commit, Identity
from shipit.versioning.changes import changes, evaluate
from shipit.versioning.glance import Glance
from tests.support.commits import Rules, line, records, sha
from tests.support.histories import histories

TYPES = ("feat", "fix", "perf", "revert", "docs", "chore")


def the_long_way(commits: list[Commit], rules: Rules, types: tuple[str, ...]) -> list[Change]:
    found = (change for change in changes(evaluate(commits, rules)) if change.breaking or change.type in types)
    return [replace(change, author=Identity("", ""), co_authors=(), time=0) for change in found]


def same_both_ways(
    commits: list[Commit], rules: Rules | None = None, types: tuple[str, ...] = TYPES
) -> list[Change]:
    rules = rules or Rules()
    found = list(Glance(rules, types).changes(records(commits)))
    assert found == the_long_way(commits, rules, types)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_random_histories_come_to_the_same(seed: int) -> None:
    for history in histories(seed, 50):
        same_both_ways(history.commits)
        same_both_ways(history.commits, types=("fix",))


PIECES = st.sampled_from(
    [
        *(
            "feat",
            "fix",
            "docs",
            "chore",
            "build",
            "ci",
            "revert",
            "rEvErT",
            "Feat",
            "release",
            "bump",
            "ünïcode",
            "x-y",
        ),
        *(
            "(api)",
            "( a b )",
            "(a:b)",
            "(a",
            "()",
            "!",
            ": ",
            ":",
            ":\t",
            " ",
            "  ",
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            "\x0b",
            "\0",
        ),
        *("Merged PR 4: ", "Merged in x (pull request #5)\n\n", "\u2728", ":bug:", "(!6)", "Before: y"),
        *("say it", "(#12)", "#12", "closes #3", "1.2.3", "`code`", "* feat: part\n\n", "Merge branch 'x'"),
        *("BREAKING CHANGE: gone", "BREAKING-CHANGE #4", "breaking change: no", "Refs: #9", "Refs #8", "note: x"),
        *("Co-authored-by: Bo <bo@x.org>", "co-AUTHORED-by: Cy <c@x.org>", "See: #5", "```", "> ", "<details>"),
        *(
            'Revert "feat: say it"',
            "This reverts commit ",
            sha(0),
            sha(1)[:9],
            "Reapply",
            "\ufeff",
            "Squashed commit of",
        ),
        *("Squashed commit of the following:", f"(cherry picked from commit {sha(0)})", f"\n\ncommit {sha(3)}\n"),
    ]
)
MESSAGES = st.lists(st.lists(PIECES, max_size=9).map("".join), min_size=1, max_size=4)
PLAIN = st.lists(PIECES.filter(lambda piece: "evert" not in piece.lower()), max_size=7).map("".join)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(MESSAGES, st.lists(PLAIN.map(lambda text: f"feat: {text}"), min_size=1, max_size=3)), st.booleans()
)
def test_odd_messages_come_to_the_same(messages: list[str], squash_bodies: bool) -> None:
    without_nul = [text.replace("\0", "").replace("\r\n", "\n") for text in messages]  # what git gives
    same_both_ways(line(*without_nul), Rules(squash_bodies=squash_bodies))


def test_a_merge_takes_the_long_way() -> None:
    commits = line("feat: a", "feat: b", "feat: c")
    merged = [replace(commits[0], parents=(sha(1), sha(0)), message="Merge branch 'x'"), *commits[1:]]
    assert [change.description for change in same_both_ways(merged)] == ["b", "a"]


def test_most_commits_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipit.versioning.glance.evaluate", lambda commits, policy: pytest.fail("the long way"))
    plain = line("feat(api): a (#1)", "fix: b\n\nRefs: #2", "docs: c\n\nwords", "ci: d", "no header", "chore(x): e")
    assert len(Glance(Rules(), ("feat", "fix", "docs")).changes(records(plain))) == 3


def test_a_colon_in_a_scope_is_not_the_end_of_a_type() -> None:
    commits = line("feat(a:b): x", "ci(a:b): y", "ci(a): z", "feat(a:b)!: w", "feat (a:b): v")
    assert [change.description for change in same_both_ways(commits)] == ["w", "x"]
