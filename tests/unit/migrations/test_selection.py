"""Which migrations are rolled back."""

import pytest

from shipit.errors import UsageError
from shipit.migrations.selection import Reversal, back
from tests.unit.migrations.shapes import migration, row

FOUR = [migration(str(version)) for version in (1, 2, 3, 4)]
ROWS = [row("1"), row("2"), row("3", run="r2"), row("4", run="r2")]


def versions(found: Reversal) -> list[str]:
    assert found.findings == ()
    return [each.version for each in found.migrations]


def told(found: Reversal) -> list[str]:
    return [f"{each.place} {each.level} {each.rule}: {each.what}" for each in found.findings]


def test_without_a_version_the_last_run_is_taken_back_newest_first() -> None:
    assert versions(back(FOUR, ROWS)) == ["4", "3"]
    assert versions(back(FOUR, [])) == []
    assert back([], []) == Reversal(())


def test_with_a_version_all_that_is_above_it_is_taken_back() -> None:
    assert versions(back(FOUR, ROWS, "1")) == ["4", "3", "2"]
    assert versions(back(FOUR, ROWS, "02")) == versions(back(FOUR, ROWS, "2_a")) == ["4", "3"]
    assert versions(back(FOUR, ROWS, "4")) == []


def test_zero_takes_everything_back_unless_a_version_is_called_so() -> None:
    assert versions(back(FOUR, ROWS, "0")) == ["4", "3", "2", "1"]
    assert versions(back([migration("0"), *FOUR], [row("0"), *ROWS], "0")) == ["4", "3", "2", "1"]


def test_newest_first_means_the_order_of_application() -> None:
    rows = [row("1"), row("3"), row("4"), row("2")]
    assert versions(back(FOUR, rows, "1")) == ["2", "4", "3"]


def test_a_version_that_is_not_applied_is_a_mistake_of_usage() -> None:
    with pytest.raises(UsageError, match="no version 4 among the applied migrations") as caught:
        back(FOUR, ROWS[:3], "4")
    assert caught.value.hint == "perhaps 1 or 2 or 3 is meant"


def test_what_another_tool_applied_is_not_taken_for_the_last_run() -> None:
    adopted = [row("1", run="adopted"), row("2", run="adopted")]
    with pytest.raises(UsageError, match="adopted") as caught:
        back(FOUR, adopted)
    assert caught.value.evidence == ("newest: 2_a",)
    assert versions(back(FOUR, adopted, "1")) == ["2"]


def test_a_file_that_is_gone_or_edited_is_an_error() -> None:
    rows = [row("1"), row("2", sha256="x"), row("3", sha256="")]
    one, other = "migrations/2_a.sql:1:1", "migrations/1_a.sql:1:1"
    assert told(back([FOUR[1], FOUR[2]], rows, "0")) == [
        f"{one} error edited-file: 2_a was edited after it was applied: its down script may not fit",
        f"{other} error missing-file: 1 is applied, but its file is gone: nobody knows how to roll it back",
    ]


def test_a_migration_without_a_way_back_is_an_error_that_gives_the_reason() -> None:
    folder = [migration("1", down=False), migration("2", down=False, why="rows are merged")]
    assert told(back(folder, [row("1"), row("2")])) == [
        "migrations/2_a.sql:1:1 error no-way-back: 2_a is irreversible: rows are merged",
        "migrations/1_a.sql:1:1 error no-way-back: 1_a has no down script",
    ]


def test_what_stays_may_not_depend_on_what_is_taken_back() -> None:
    folder = [migration("1"), migration("2", "late"), migration("3", depends=("1", "02"))]
    rows = [row("1"), row("3"), row("2", "late", run="r2")]
    assert told(back(folder, rows)) == ["migrations/3_a.sql:1:1 error still-needed: 3_a stays and depends on 02"]
    assert versions(back(folder, rows, "1")) == ["2", "3"]
