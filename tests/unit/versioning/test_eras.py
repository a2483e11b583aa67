"""History cut at its releases."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from shipit.versioning.eras import eras
from shipit.versioning.record import Record
from shipit.versioning.tags import version_tags
from tests.support.commits import commit, line, records, sha, tag


def test_each_commit_belongs_to_the_first_release_that_has_it() -> None:
    history = line("a", "b", "c", "d")
    finals = version_tags([tag("v1.0.0", 0), tag("v1.1.0", 2), tag("v9.0.0", "elsewhere")], "v{version}")
    found = [
        (era.release.tag.name if era.release else None, era.previous, [commit.text for commit in era.commits])
        for era in eras(records(history), finals)
    ]
    assert found == [(None, "v1.1.0", ["d"]), ("v1.1.0", "v1.0.0", ["c", "b"]), ("v1.0.0", None, ["a"])]


def test_a_maintenance_release_does_not_take_what_the_main_line_has() -> None:
    history = [
        commit("new", "new", "old"),
        commit("fix", "fix", "old"),
        commit("old", "old"),
    ]
    finals = version_tags([tag("v1.0.0", "old"), tag("v1.0.1", "fix"), tag("v1.1.0", "new")], "v{version}")
    assert [[one.sha for one in era.commits] for era in eras(records(history), finals)] == [
        [],
        [sha("new")],
        [sha("fix")],
        [sha("old")],
    ]


def test_without_releases_everything_is_unreleased() -> None:
    (era,) = eras(records(line("a")), [])
    assert (era.release, era.previous, len(era.commits)) == (None, None, 1)


def test_a_branch_belongs_to_the_release_that_merged_it() -> None:
    history = [
        commit("merge", "merge", "main", "branch"),
        commit("main", "main", "old"),
        commit("branch", "branch", "old"),
        commit("old", "old"),
    ]
    finals = version_tags([tag("v1.0.0", "main"), tag("v1.1.0", "merge")], "v{version}")
    found = [[one.text for one in era.commits] for era in eras(records(history), finals)]
    assert found == [[], ["merge", "branch"], ["main", "old"]]


def test_clocks_that_go_wrong_change_nothing() -> None:
    """Git lists by time, and so may list a parent before one of its children."""
    top, *others = [commit("top", "top", 3, 0), *line("a", "b", "c", "d")[:-1], commit(0, "a")]
    finals = version_tags([tag("v1.0.0", 0), tag("v1.1.0", 2)], "v{version}")
    for shuffled in permutations(others):
        found = eras(records([top, *shuffled]), finals)
        assert [sorted(one.text for one in era.commits) for era in found] == [["d", "top"], ["b", "c"], ["a"]]


def test_an_era_of_a_straight_history_is_given_before_the_next_one_is_read() -> None:
    finals = version_tags([tag("v1.0.0", 0), tag("v1.1.0", 1)], "v{version}")
    read: list[str] = []

    def reading() -> Iterator[Record]:
        for one in records(line("a", "b", "c")):
            read.append(one.text)
            yield one

    seen = [([one.text for one in era.commits], [*read]) for era in eras(reading(), finals)]
    assert seen == [(["c"], ["c", "b"]), (["b"], ["c", "b", "a"]), (["a"], ["c", "b", "a"])]


def test_no_history_at_all_has_no_releases() -> None:
    assert [list(era.commits) for era in eras([], [])] == [[]]


@pytest.mark.parametrize("numbers", [*permutations((1, 2, 3))])
@pytest.mark.parametrize("elsewhere", [(), (2,), (4,)])
def test_a_straight_history_is_cut_as_any_other_one(numbers: tuple[int, ...], elsewhere: tuple[int, ...]) -> None:
    """With a merge on top it is no straight one any more, and only the top is another."""
    straight = [*line("a", "b", "c", "d", "e")[:-1], commit(0, "a")]
    joined = [commit("top", "top", 4, "side"), commit("side", "side", 3), *straight]
    names = {**dict(zip(numbers, (1, 2, 3), strict=True)), **{n: f"not here {n}" for n in elsewhere}}
    finals = version_tags([tag(f"v{number}.0.0", place) for number, place in names.items()], "v{version}")
    cut, walked = (
        [(era.release, era.previous, {one.sha for one in era.commits}) for era in eras(records(history), finals)]
        for history in (straight, joined)
    )
    assert cut[1:] == walked[1:]
    assert walked[0] == (None, cut[0][1], {*cut[0][2], sha("side"), sha("top")})


def test_two_versions_of_one_commit_share_nothing() -> None:
    finals = version_tags([tag("v1.0.0", 0), tag("v1.1.0", 1), tag("v1.2.0", 1)], "v{version}")
    found = [[one.text for one in era.commits] for era in eras(records(line("a", "b", "c")), finals)]
    assert found == [["c"], [], ["b"], ["a"]]
