"""--pr: main takes no push, people merge a pull request, --resume finishes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support import gitserver
from tests.support.acme import git
from tests.support.place import Place, Saved, Stage
from tests.support.reviewer import merge
from tests.support.run import Ran
from tests.support.standing import Standing, left_over

BRANCH = "release/v1.1.0"


def protect(place: Place) -> Place:
    """Main takes no push, and the forge says so."""
    gitserver.decline(place.laid.remote, "refs/heads/main")
    place.forge.add_rule("main", "pull_request")
    return place


@pytest.fixture
def protected(place: Place) -> Place:
    return protect(place)


def test_protected_main_is_seen_before_anything_is_touched(protected: Place) -> None:
    outside, here = protected.outside(), protected.here()

    ran = protected.shipit("release", "--type", "minor").ended(4)

    assert "main" in ran.said
    assert "--pr" in ran.said
    assert (protected.outside(), protected.here()) == (outside, here)
    assert protected.server.pushes == [] or protected.outside() == outside


@dataclass(frozen=True)
class Begun:
    """A release by pull request as far as it goes without people, and what there was before."""

    place: Place
    outside: Standing
    here: Standing
    ran: Ran
    saved: Saved


@pytest.fixture(scope="module")
def begun(theatre: Stage) -> Iterator[Begun]:
    place = protect(theatre.place())
    outside, here = place.outside(), place.here()
    ran = place.shipit("release", "--type", "minor", "--pr")
    saved = theatre.save(place)
    yield Begun(place, outside, here, ran, saved)
    theatre.clear(place, saved)


@pytest.fixture
def proposed(theatre: Stage, begun: Begun) -> Place:
    """Its pull request is open."""
    theatre.restore(begun.place, begun.saved)
    return protect(begun.place)


@pytest.mark.parametrize("how", ["merge", "squash"])
def test_a_release_by_pull_request_waits_for_people_and_is_finished_by_resume(
    begun: Begun, proposed: Place, how: str
) -> None:
    main = begun.outside["refs"]["refs/heads/main"]
    protected, ran = proposed, begun.ran.ended(0)

    assert "waits for its pull request" in ran.said
    assert "--resume" in ran.said
    outside = protected.outside()
    assert outside["refs"]["refs/heads/main"] == main
    assert f"refs/heads/{BRANCH}" in outside["refs"]
    assert "refs/tags/v1.1.0" not in outside["refs"]
    assert [(pull[0], pull[1], pull[5]) for pull in outside["forge"]["pulls"]] == [(BRANCH, "main", "open")]
    assert outside["index"] == {}
    assert outside["forge"]["releases"] == []

    for words in (("release", "--resume"), ("release",), ("release", "--pr")):
        ran = protected.shipit(*words).ended(5)
        assert "pull request" in ran.said
        assert protected.outside()["forge"] == outside["forge"]

    merged = merge(protected, BRANCH, how)
    other = protected.fresh_clone()
    protected.shipit("release", "--resume", where=other).ended(0)
    refs = protected.outside()["refs"]
    assert git(protected.laid.remote, "rev-parse", "v1.1.0^{commit}") == merged
    assert refs["refs/heads/main"] == merged
    assert not [name for name in refs if "lock" in name or "kept" in name or name.endswith(f"heads/{BRANCH}")]
    git(protected.laid.remote, "merge-base", "--is-ancestor", merged, refs["refs/heads/develop"])
    (release,) = protected.outside()["forge"]["releases"]
    assert not release["draft"]
    assert len([name for name in protected.outside()["index"] if name.endswith((".whl", ".gz"))]) == 2
    assert left_over(other) == []
    assert left_over(protected.clone) != []
    protected.shipit("release").ended(0)
    assert left_over(protected.clone) == []

    writes = protected.writes()
    protected.shipit("verify", "release", "v1.1.0", where=other).ended(0)
    assert protected.writes() == writes
    ran = protected.shipit("release", "--dry-run", where=protected.fresh_clone("another")).ended(0)

    assert "v1.1.0 is complete" in ran.said


def test_a_pull_request_can_be_taken_back(begun: Begun, proposed: Place) -> None:
    protected = proposed

    protected.shipit("release", "--undo").ended(0)

    after = protected.outside()
    assert [pull[5] for pull in after["forge"]["pulls"]] == ["closed"]
    assert {**after, "forge": None} == {**begun.outside, "forge": None}
    assert protected.here() == begun.here
    assert left_over(protected.clone) == []
    ran = protected.shipit("release", "--undo").ended(0)
    assert "nothing to undo" in ran.said


def test_a_pull_request_that_people_closed_is_told(proposed: Place) -> None:
    protected = proposed
    protected.forge.pulls[0].state = "closed"

    ran = protected.shipit("release", "--resume").ended(4)

    assert "was closed" in ran.said
    assert "--undo" in ran.said
    protected.shipit("release", "--undo").ended(0)
    assert "refs/shipit/lock/release" not in protected.outside()["refs"]


def test_without_a_forge_there_is_no_pull_request(protected: Place) -> None:
    pyproject = protected.clone / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('kind = "github"', 'kind = "none"'))

    ran = protected.shipit("release", "--pr").ended(2)

    assert "--pr needs a forge" in ran.said
    assert "hint: " in ran.said
