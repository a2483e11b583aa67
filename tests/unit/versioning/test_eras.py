"""History cut at its releases."""

from itertools import permutations

from shipit.model import Commit
from shipit.versioning.eras import eras
from shipit.versioning.tags import version_tags
from tests.support.commits import commit, line, sha, tag


def test_each_commit_belongs_to_the_first_release_that_has_it() -> None:
    history = line("a", "b", "c", "d")
    finals = version_tags([tag("v1.0.0", 0), tag("v1.1.0", 2), tag("v9.0.0", "elsewhere")], "v{version}")
    found = [
        (era.release.tag.name if era.release else None, era.previous, [commit.message for commit in era.commits])
        for era in eras(history, finals)
    ]
    assert found == [(None, "v1.1.0", ["d"]), ("v1.1.0", "v1.0.0", ["c", "b"]), ("v1.0.0", None, ["a"])]


def test_a_maintenance_release_does_not_take_what_the_main_line_has() -> None:
    history = [
        commit("new", "new", "old"),
        commit("fix", "fix", "old"),
        commit("old", "old"),
    ]
    finals = version_tags([tag("v1.0.0", "old"), tag("v1.0.1", "fix"), tag("v1.1.0", "new")], "v{version}")
    assert [[one.sha for one in era.commits] for era in eras(history, finals)] == [
        [],
        [sha("new")],
        [sha("fix")],
        [sha("old")],
    ]


def test_without_releases_everything_is_unreleased() -> None:
    (era,) = eras(line("a"), [])
    assert (era.release, era.previous, era.time, len(era.commits)) == (None, None, None, 1)


def test_a_branch_belongs_to_the_release_that_merged_it() -> None:
    history = [
        commit("merge", "merge", "main", "branch"),
        commit("main", "main", "old"),
        commit("branch", "branch", "old"),
        commit("old", "old"),
    ]
    finals = version_tags([tag("v1.0.0", "main"), tag("v1.1.0", "merge")], "v{version}")
    found = [[one.message for one in era.commits] for era in eras(history, finals)]
    assert found == [[], ["merge", "branch"], ["main", "old"]]


def test_clocks_that_go_wrong_change_nothing() -> None:
    """Git lists by time, and so may list a parent before its child."""
    history = line("a", "b", "c", "d")
    whole = [*history[:-1], commit(0, "a")]
    finals = version_tags([tag("v1.0.0", 0), tag("v1.1.0", 2)], "v{version}")
    expected = [sorted(one.message for one in era.commits) for era in eras(whole, finals)]
    assert expected == [["d"], ["b", "c"], ["a"]]
    for shuffled in permutations(whole):
        assert [sorted(one.message for one in era.commits) for era in eras(shuffled, finals)] == expected


def test_no_history_at_all_has_no_releases() -> None:
    assert [era.commits for era in eras(list[Commit](), [])] == [()]
