"""Who brought which commit in."""

from shipit.versioning.lineage import Lineage
from tests.support.commits import commit, line, sha


def test_a_merge_brings_in_its_branch_and_what_was_merged_into_it() -> None:
    commits = [
        commit("top", "Merge branch", "m", "branch"),
        commit("branch", "Merge inner", "b", "inner"),
        commit("inner", "x", "base"),
        commit("b", "x", "base"),
        commit("m", "x", "base"),
    ]
    lineage = Lineage(commits)
    assert set(lineage.family(sha("top"))) == {sha("branch"), sha("inner"), sha("b")}
    assert lineage.family(sha("branch")) == [sha("inner")]
    assert lineage.family(sha("m")) == []


def test_of_two_merges_of_one_branch_the_older_brings_in_its_commits() -> None:
    commits = [
        commit("second", "Merge", "first", "b2"),
        commit("b2", "x", "b1"),
        commit("first", "Merge", "base", "b1"),
        commit("b1", "x", "base"),
    ]
    lineage = Lineage(commits)
    assert lineage.family(sha("first")) == [sha("b1")]
    assert lineage.family(sha("second")) == [sha("b2")]


def test_a_commit_without_parents_ends_the_line() -> None:
    assert Lineage([commit("a", "x")]).family(sha("a")) == []


def test_ancestors_are_all_commits_behind_one_within_the_range() -> None:
    commits = [commit("m", "Merge", 1, "b"), commit("b", "x", 0), *line("a", "b")]
    assert Lineage(commits).ancestors(sha("m")) == {sha("m"), sha("b"), sha(1), sha(0)}
    assert Lineage(commits).ancestors(sha("elsewhere")) == set()


def test_twenty_thousand_merges_do_not_overflow_anything() -> None:
    commits = [commit(number, "Merge", number - 1, f"b{number}") for number in range(20_000, 0, -1)]
    assert Lineage(commits).family(sha(5)) == []
