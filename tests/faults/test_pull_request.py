"""Killed after every outward effect of both halves of a release through a pull request.

The first half ends with a pull request that waits, the second begins when a person has merged it. After the blow it
is resumed in the same clone, or in a fresh one; the first half may also be undone, the second never is. Only what
differs from a release by push is asked here: test_crash_matrix.py has the packages and their index. Only a sample
runs: tests/faults/sampling.py says how to run one case again, and how to run them all.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from shipit.release import recipe as recipes
from tests.faults.matrix import BEFORE_THE_PLAN, TAG, Matrix, differences, doors, matrix, steps
from tests.faults.sampling import sampled
from tests.support import gitserver, standing
from tests.support.place import GITHUB
from tests.support.reviewer import merge

PROPOSED = ("release", "--type", "minor", "--pr", "--yes")
RESUMED = ("release", "--type", "minor", "--pr", "--resume")
FINISHED = ("release", "--resume")
OUTWARD = {"run", "push", "set-tag", "POST", "PATCH"}
BRANCH = f"release/{TAG}"
LOCK = "refs/shipit/lock/release"
FIRST = doors((BEFORE_THE_PLAN, *steps(recipes.propose, index=None)))
SECOND = doors(
    steps(recipes.merged, index=None),
    **{"gate-tests": "run remove clone command place journal", "back-merge": "run push journal"},
)
TABLES = GITHUB + '\n[tool.shipit.index]\nkind = "none"\n'


def shared(state: standing.Standing) -> standing.Standing:
    """The lock is a commit that no two runs make alike: that it is held is what counts."""
    return {**state, "refs": {name: "" if name == LOCK else sha for name, sha in state["refs"].items()}}


class FirstHalf(Matrix):
    """It ends with an open pull request and a lock that is held until somebody has merged it."""

    def resumed(self, where: Path) -> list[str]:
        waits = any(pull.state == "open" for pull in self.place.forge.pulls)
        ran = self.run(*RESUMED, where=where)
        found = [] if ran.code == (5 if waits else 0) else [f"--resume ended with {ran.code}: {ran.said}"]
        found += [] if "pull request" in ran.said else [f"--resume said {ran.said}"]
        found += differences(shared(self.place.outside()), shared(self.end))
        before = self.place.writes()
        ran = self.run(*FINISHED, where=where)
        found += [] if ran.code == 5 else [f"a further --resume ended with {ran.code}: {ran.said}"]
        return found + [f"a further --resume wrote: {write}" for write in self.place.writes()[len(before) :]]

    def undone(self) -> list[str]:
        ran = self.run("release", "--undo")
        found = [] if ran.code == 0 else [f"--undo ended with {ran.code}: {ran.said}"]
        after = self.place.outside()
        found += [f"{pull[0]} is {pull[5]}" for pull in after["forge"]["pulls"] if pull[5] != "closed"]
        kept = {**after["forge"], "pulls": []}  # a forge forgets no pull request
        found += differences({**after, "forge": kept}, self.start)
        found += differences(self.place.here(), self.start_here)
        return found + [f"left in the clone: {name}" for name in standing.left_over(self.place.clone)]


class SecondHalf(Matrix):
    """What people have merged is not undone."""

    def undone(self) -> list[str]:
        before = self.place.outside(), self.place.here()
        ran = self.run("release", "--undo")
        found = [] if ran.code == 4 else [f"--undo ended with {ran.code}: {ran.said}"]
        found += [] if "past its point of no return" in ran.said else [f"--undo said {ran.said}"]
        return found + differences(self.place.outside(), before[0]) + differences(self.place.here(), before[1])


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstHalf]:
    with matrix(tmp_path_factory.mktemp("proposed"), TABLES) as made:
        gitserver.decline(made.place.laid.remote, "refs/heads/main")
        made.pristine = made.stage.save(made.place)
        half = FirstHalf(**vars(made))
        half.asked = PROPOSED
        half.record(*PROPOSED, "--json")
        yield half


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondHalf]:
    with matrix(tmp_path_factory.mktemp("merged"), TABLES) as made:
        gitserver.decline(made.place.laid.remote, "refs/heads/main")
        made.run(*PROPOSED).ended(0)
        merge(made.place, BRANCH, "merge")
        made.pristine = made.stage.save(made.place)
        half = SecondHalf(**vars(made))
        half.asked = FINISHED
        half.record(*FINISHED, "--json")
        yield half


def outward(places: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those effects that others can see, and the end of every step."""
    return [(step, door) for step, door in places if door in OUTWARD]


def test_the_first_half_ends_with_a_pull_request_that_waits(proposed: FirstHalf) -> None:
    assert proposed.recorded
    proposed.recorded.ended(0)
    assert proposed.doors == {*FIRST}
    assert [(pull[0], pull[5]) for pull in proposed.end["forge"]["pulls"]] == [(BRANCH, "open")]
    assert LOCK in proposed.end["refs"]
    assert f"refs/tags/{TAG}" not in proposed.end["refs"]


def test_the_second_half_ends_with_a_release(merged: SecondHalf) -> None:
    assert merged.recorded
    merged.recorded.ended(0)
    assert {(step, door) for step, door in merged.doors if step != BEFORE_THE_PLAN} == {*SECOND}
    assert f"refs/tags/{TAG}" in merged.end["refs"]
    assert not [name for name in merged.end["refs"] if name in {LOCK, f"refs/heads/{BRANCH}"}]


@sampled(("step", "door"), outward(FIRST), kind=lambda case: case[1])
def test_killed_in_the_first_half_it_is_proposed_once_or_undone(proposed: FirstHalf, step: str, door: str) -> None:
    found = proposed.killed(step, door, "after")
    assert not found, "\n".join(found)


@sampled(("step", "door"), outward(SECOND), kind=lambda case: case[1])
def test_killed_in_the_second_half_it_is_finished_and_not_undone(merged: SecondHalf, step: str, door: str) -> None:
    found = merged.killed(step, door, "after")
    assert not found, "\n".join(found)
