"""The step that only runs where develop cannot be merged: killed at its every effect, a person is asked once."""

from collections.abc import Iterator

import pytest

from tests.faults.killer import Moment
from tests.faults.matrix import ASKED, Matrix, doors, matrix
from tests.faults.sampling import sampled
from tests.support.acme import git

DEVELOP = "refs/heads/develop"
CASES = [(step, door, moment) for step, door in doors(("back-merge", "close")) for moment in ("before", "after")]


@pytest.fixture(scope="module")
def conflicting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """While the gates run, somebody changes on develop what a hot fix has changed on main."""
    with matrix(tmp_path_factory.mktemp("conflict")) as made:
        place = made.place
        made.stage.restore(place, made.pristine)
        before = place.outside()["refs"][DEVELOP]
        place.push_something("fix: hot", {"README.md": "# small\n\nOne word, fixed on main.\n"}, "main")
        after = place.push_something("fix: the same", {"README.md": "# small\n\nOne word, fixed on develop.\n"})
        git(place.laid.remote, "update-ref", DEVELOP, before)
        made.pristine = made.stage.save(place)
        made.start, made.start_here = place.outside(), place.here()

        def happens() -> None:
            place.server.before_push = lambda: git(place.laid.remote, "update-ref", DEVELOP, after)

        made.happens, made.code = happens, 8
        made.record(*ASKED, "--json")
        yield made


def test_the_back_merge_runs_as_a_step_of_its_own(conflicting: Matrix) -> None:
    assert conflicting.recorded
    conflicting.recorded.ended(8)
    assert {(step, door) for step, door in conflicting.doors if step == "back-merge"} == {*doors(("back-merge",))}
    assert "refs/heads/back-merge/v1.1.0" in conflicting.end["refs"]
    assert len(conflicting.end["forge"]["pulls"]) == 1


@sampled(("step", "door", "moment"), CASES, kind=lambda case: case[0])
def test_killed_at_an_effect_a_person_is_asked_exactly_once(
    conflicting: Matrix, step: str, door: str, moment: Moment
) -> None:
    found = conflicting.killed(step, door, moment)
    assert not found, "\n".join(found)
