"""The step that only runs where develop cannot be merged: killed at its every effect, a person is asked once."""

from collections.abc import Iterator

import pytest

from tests.faults.killer import Blow, Moment
from tests.faults.matrix import ASKED, Matrix, matrix
from tests.support.acme import git

DEVELOP = "refs/heads/develop"
STEPS = ("back-merge", "close")


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
    assert {"back-merge/run/1", "back-merge/push/1", "back-merge/POST/1"} <= {*conflicting.effects}
    assert "refs/heads/back-merge/v1.1.0" in conflicting.end["refs"]
    assert len(conflicting.end["forge"]["pulls"]) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_effect_a_person_is_asked_exactly_once(
    conflicting: Matrix, step: str, moment: Moment
) -> None:
    found: list[str] = []
    for effect in conflicting.effects_of(step):
        blow = Blow(effect, moment)
        ran = conflicting.strike(blow)
        assert ran.code == -9, f"{effect} was not reached {moment}: {ran.said}"
        found += conflicting.go_on(blow)
    assert not found, "\n".join(found)
