"""The ladder: the first rung that applies, and nothing that could lose a row of somebody else."""

import pytest

from shipit.migrations.ladder import Policy, Rung, Situation, point_of_no_return, predictions, rung, why_not_down
from shipit.migrations.model import Footprint
from tests.fakes_database import group, made
from tests.unit.migrations.reading import judged

STAGING = Policy(downs=True)
RESTORING = Policy(downs=True, restores=True)
PRODUCTION = Policy()
BRAVE = Policy(restores=True)
LOSSY = made("2", footprint=Footprint({}, lossy=("column a.b",)))


def test_nothing_is_committed_so_nothing_is_to_be_undone() -> None:
    assert rung(Situation((), PRODUCTION)) is Rung.NOTHING


@pytest.mark.parametrize("foreign", [0, 7, None])
def test_production_stays_at_the_last_good_version(foreign: int | None) -> None:
    assert rung(Situation((made("1"),), PRODUCTION, has_backup=True, foreign=foreign)) is Rung.STAY


def test_elsewhere_down_scripts_take_back() -> None:
    assert rung(Situation((made("1"), made("2")), STAGING, foreign=99)) is Rung.DOWN


def test_down_scripts_that_failed_are_not_tried_again() -> None:
    assert rung(Situation((made("1"),), STAGING, down_failed=True)) is Rung.LEAVE


def test_the_backup_comes_back_only_where_that_is_allowed_and_nobody_else_wrote() -> None:
    committed = (made("1"), LOSSY)
    assert rung(Situation(committed, RESTORING, has_backup=True, foreign=0)) is Rung.RESTORE
    assert rung(Situation(committed, RESTORING, has_backup=True, foreign=1)) is Rung.LEAVE
    assert rung(Situation(committed, RESTORING, has_backup=True, foreign=None)) is Rung.LEAVE
    assert rung(Situation(committed, RESTORING, has_backup=False, foreign=0)) is Rung.LEAVE
    assert rung(Situation(committed, STAGING, has_backup=True, foreign=0)) is Rung.LEAVE


def test_where_only_the_backup_may_come_back_no_down_script_runs_by_itself() -> None:
    assert rung(Situation((made("1"),), BRAVE, has_backup=True, foreign=0)) is Rung.RESTORE
    assert rung(Situation((made("1"),), BRAVE, has_backup=True, foreign=2)) is Rung.STAY


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (made("1", irreversible="old rows are gone"), "1_step is irreversible: old rows are gone"),
        (made("1", down=None), "1_step has no down script"),
        (made("1", language="python"), "1_step runs code of its own: nobody can prove what it rolls back"),
        (
            made("1", footprint=Footprint({}, known=False)),
            "1_step runs code of its own: nobody can prove what it rolls back",
        ),
        (
            made("1", footprint=Footprint({}, lossy=("table a",))),
            "1_step destroys what no script brings back: table a",
        ),
        (made("1", down_loses=("table b",)), "1_step is not all that its down script takes away: table b"),
        (
            made("1", fills=("b",)),
            "1_step puts rows into b, and nobody can prove that its down script takes them away",
        ),
    ],
)
def test_it_is_said_why_down_scripts_are_no_proved_way_back(one: object, reason: str) -> None:
    assert why_not_down([made("0"), one]) == reason  # type: ignore[list-item]


def test_the_way_back_ends_with_the_first_commit_in_production() -> None:
    assert point_of_no_return([group(made("1")), group(made("2"))], PRODUCTION) == 0


def test_elsewhere_it_ends_with_the_first_group_that_cannot_come_back() -> None:
    assert point_of_no_return([group(made("1")), group(LOSSY), group(made("3"))], STAGING) == 1
    assert point_of_no_return([group(made("1")), group(made("3"))], STAGING) is None


def test_where_the_backup_may_come_back_there_is_a_way_back_to_the_end() -> None:
    assert point_of_no_return([group(LOSSY)], RESTORING) is None


def test_the_plan_can_say_what_would_happen_at_each_group() -> None:
    groups = [group(made("1")), group(LOSSY), group(made("3"))]
    assert predictions(groups, STAGING) == {0: Rung.NOTHING, 1: Rung.DOWN, 2: Rung.LEAVE}
    assert predictions(groups, PRODUCTION) == {0: Rung.NOTHING, 1: Rung.STAY, 2: Rung.STAY}
    assert predictions(groups, RESTORING) == {0: Rung.NOTHING, 1: Rung.DOWN, 2: Rung.RESTORE}


def test_rows_in_a_table_that_the_same_run_made_go_with_it() -> None:
    makes = judged("CREATE TABLE a ()", "DROP TABLE a")[0]
    fills = judged("INSERT INTO a VALUES (1)", "SELECT 1")[0]
    assert why_not_down([makes, fills]) == ""
    assert "puts rows into a" in why_not_down([fills])
    assert point_of_no_return([group(makes), group(fills)], STAGING) is None
    assert point_of_no_return([group(fills), group(makes)], STAGING) == 0
