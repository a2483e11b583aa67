"""What another tool applied is found among our files, and what does not fit is said."""

import pytest

from shipit.migrations.adopted import Matched, match
from shipit.migrations.model import Migration, Script


def file(version: str, name: str = "step") -> Migration:
    path = f"migrations/{version}_{name}.sql"
    return Migration(version, name, Script(path, f"-- {version}\n", f"sha of {version}"))


def versions(matched: Matched) -> list[str]:
    return [row.version for row in matched.rows]


def rules(matched: Matched) -> list[tuple[str, str]]:
    return [(finding.rule, finding.level) for finding in matched.findings]


def test_a_row_carries_the_checksum_of_the_file_and_the_run_that_adopted_it() -> None:
    [row], _ = match([file("1", "notes")], {"dbmate": ["1"]}, "r1", 12.5)
    assert (row.version, row.name, row.sha256) == ("1", "notes", "sha of 1")
    assert (row.run, row.at, row.milliseconds, row.fingerprint) == ("r1", 12.5, 0, "")


def test_what_is_listed_is_recorded_in_the_order_of_versions_and_what_is_newer_stays_pending() -> None:
    files = [file(version) for version in ("10", "9", "20240101120000", "8")]
    matched = match(files, {"dbmate": ["10", "8", "9"]})
    assert versions(matched) == ["8", "9", "10"]
    assert matched.findings == ()


def test_golang_migrate_knows_only_the_last_version_which_speaks_for_all_before_it() -> None:
    files = [file(version) for version in ("000001", "000002", "000003", "000010")]
    matched = match(files, {"golang-migrate": ["3"]})
    assert versions(matched) == ["000001", "000002", "000003"]
    assert matched.findings == ()


def test_golang_migrate_at_a_version_without_a_file_is_said() -> None:
    matched = match([file("1"), file("3")], {"golang-migrate": ["2"]})
    assert versions(matched) == ["1"]
    assert rules(matched) == [("adopted-without-file", "warning")]


@pytest.mark.parametrize(("name", "said"), [("1_2", "1.2"), ("1.2", "1.2.0"), ("001", "1"), ("2_0", "2")])
def test_a_version_may_be_spelled_otherwise_in_the_table(name: str, said: str) -> None:
    assert versions(match([file(name)], {"flyway": [said]})) == [name]


def test_dots_are_no_decimal_points() -> None:
    matched = match([file("1_2"), file("1_10")], {"flyway": ["1.2"]})
    assert versions(matched) == ["1_2"]
    assert matched.findings == ()


def test_a_baseline_speaks_for_all_before_it() -> None:
    files = [file(version) for version in ("1", "1_5", "2", "3", "4")]
    matched = match(files, {"flyway": ["up to 2", "3"]})
    assert versions(matched) == ["1", "1_5", "2", "3"]
    assert matched.findings == ()


def test_the_version_zero_is_one_like_all_others() -> None:
    assert versions(match([file("0"), file("1")], {"dbmate": ["1"]})) == ["1"]
    assert versions(match([file("0"), file("1")], {"golang-migrate": ["0"]})) == ["0"]


def test_a_version_that_is_no_number_is_matched_by_its_text() -> None:
    matched = match([file("a"), file("1.b")], {"dbmate": ["1.b", "a"]})
    assert versions(matched) == ["1.b", "a"]


def test_a_version_without_a_file_is_a_warning_that_names_it() -> None:
    matched = match([file("1"), file("3")], {"dbmate": ["1", "2", "3"]})
    assert versions(matched) == ["1", "3"]
    assert rules(matched) == [("adopted-without-file", "warning")]
    assert "version 2 " in matched.findings[0].what


def test_an_older_file_that_was_never_applied_is_late() -> None:
    matched = match([file("1"), file("2"), file("3")], {"dbmate": ["1", "3"]})
    assert versions(matched) == ["1", "3"]
    assert rules(matched) == [("late-file", "warning")]
    assert matched.findings[0].place.path == "migrations/2_step.sql"


def test_when_nothing_fits_it_is_an_error_and_nothing_is_recorded() -> None:
    few = match([file("1")], {"dbmate": ["7", "8"]})
    many = match([], {"dbmate": ["7", "8", "9", "10"]})
    assert (few.rows, rules(few)) == ((), [("adopted-without-file", "error")])
    assert few.findings[0].what.endswith("(7, 8)")
    assert many.findings[0].what.endswith("(7, 8, 9, …)")


def test_two_tools_that_both_speak_are_an_error() -> None:
    matched = match([file("1")], {"dbmate": ["1"], "flyway": ["1"]})
    assert (matched.rows, rules(matched)) == ((), [("several-tools", "error")])


def test_a_tool_that_applied_nothing_does_not_count() -> None:
    assert versions(match([file("1")], {"dbmate": [], "flyway": ["1"]})) == ["1"]
    assert match([file("1")], {"dbmate": [], "alembic": []}) == Matched()


@pytest.mark.parametrize("tool", ["alembic", "django"])
def test_tools_without_sql_files_are_to_be_wrapped_and_do_not_stand_in_the_way(tool: str) -> None:
    alone = match([file("1")], {tool: ["1"]})
    beside = match([file("1")], {tool: ["1"], "dbmate": ["1"]})
    assert (alone.rows, rules(alone)) == ((), [("other-engine", "warning")])
    assert f'"{tool}"' in alone.findings[0].rewrite
    assert (versions(beside), rules(beside)) == (["1"], [("other-engine", "warning")])
