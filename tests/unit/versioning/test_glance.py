"""The short way through a history, held against the long one."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shipit.model import Change, Commit, Identity
from shipit.versioning.changes import Verdict, changes, evaluate
from shipit.versioning.glance import Glance
from shipit.versioning.policy import Policy
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


TITLES = (
    "feat: a",
    "feat: a long title of many words",
    "fix(api): b (#3)",
    "fix: b(#4)",
    "docs: c",
    "D",
    "feat!: e (!5)",
)
MERGED = (
    "Merge branch 'x'",
    "Merge pull request #7 from acme/x\n\nwords",
    "Merge branch 'y'\n\nfeat: a",
    "fix: by hand (#9)",
    "Release of the day",
)


def tangled(random: Random) -> list[Commit]:
    """Commits, merges, and what takes either back in any of the ways that people and forges have."""
    said: list[str] = []
    for number in range(random.randint(2, 12)):
        target = random.randrange(number) if number else 0
        subject = said[target].partition("\n")[0] if said else "feat: of a former release"
        bare = subject.partition(" (")[0]
        made = random.choice(
            [
                *TITLES,
                *TITLES,
                f'Revert "{subject}"',
                f'Revert "{bare}" (#8)\n\nThis reverts commit {sha(target)}.',
                f'Revert "{subject[:9]}…" (#8)',
                f"revert: {bare}\n\nRefs: {sha(target)[:9]}",
                "Revert #3",
                f'Reapply "{subject}"',
                f'fix: Revert "{subject}"',
                f"Reverts acme/x#7\n\nThis reverts commits {sha(target)[:7]} and {sha(0)[:7]}",
                f"{subject}\n\n(cherry picked from commit {sha(target)})",
            ]
        )
        said.append(random.choice(MERGED) if number > 1 and random.random() < 0.2 else made)
    commits = line(*said)
    last = len(commits) - 1
    return [
        replace(one, parents=(*one.parents, sha(random.randrange(last - place))))
        if one.message in MERGED and last - place > 1
        else one
        for place, one in enumerate(commits)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_taken_back_or_merged_comes_to_the_same(seed: int) -> None:
    random = Random(seed)
    for _ in range(300):
        same_both_ways(tangled(random))


def test_what_takes_one_back_leaves_the_others_on_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []

    def counted(commits: list[Commit], policy: Policy) -> tuple[Verdict, ...]:
        judged.append(len(commits))
        return evaluate(commits, policy)

    monkeypatch.setattr("shipit.versioning.glance.evaluate", counted)
    commits = line(*(f"feat: number {number}." for number in range(90)), f'Revert "feat: number 7."\n\n{sha(7)}')
    assert len(Glance(Rules(), TYPES).changes(records(commits))) == 89
    assert judged == [2]


def test_a_merge_that_announces_nothing_leaves_its_commits_as_they_are() -> None:
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


def test_a_breaking_footer_counts_only_below_a_title_that_is_a_header() -> None:
    commits = line("See this: x\n\nBREAKING CHANGE: gone", "docs: y\n\nBREAKING CHANGE: moved")
    assert [change.breaking for change in same_both_ways(commits)] == [("moved",)]
