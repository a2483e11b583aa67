"""Folder and ledger: P11, edited, deleted and late files are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.errors import UsageError
from shipit.migrations.agreement import Late, Standing, agree
from tests.unit.migrations.shapes import migration, row

THREE = [migration("0001"), migration("0002"), migration("0003")]
subsets = some.sets(some.integers(1, 6))


def pending(found: Standing) -> list[str]:
    return [each.version for each in found.pending]


def told(found: Standing) -> list[str]:
    return [f"{each.place} {each.level} {each.rule}" for each in found.findings]


def test_on_an_empty_database_all_is_pending_in_order() -> None:
    found = agree(THREE, [])
    assert found == Standing(tuple(THREE))


def test_what_is_applied_is_not_pending() -> None:
    found = agree(THREE, [row("0001"), row("0002")])
    assert (pending(found), found.findings) == (["0003"], ())
    assert agree(THREE, [row("0001"), row("0002"), row("0003")]) == Standing()
    assert agree([], []) == Standing()


def test_versions_agree_as_numbers_and_a_new_name_is_no_edit() -> None:
    assert agree([migration("1")], [row("0001", "other", sha256=migration("1").up.sha256)]) == Standing()


def test_a_row_without_a_checksum_fits_every_file() -> None:
    assert agree(THREE[:1], [row("0001", sha256="")]) == Standing()


def test_an_edited_file_is_an_error_that_shows_both_checksums() -> None:
    found = agree(THREE, [row("0001"), row("0002", sha256="ab" * 32)])
    assert found.edited == (THREE[1],)
    assert told(found) == ["migrations/0002_a.sql:1:1 error edited-file"]
    assert "sha256 abababababab… is applied" in found.findings[0].what
    assert f"{THREE[1].up.sha256[:12]}… is in the file" in found.findings[0].what


def test_a_deleted_file_is_an_error_that_says_how_to_find_it() -> None:
    found = agree(THREE[1:], [row("0001"), row("0002")])
    assert found.missing == (row("0001"),)
    assert told(found) == ["migrations/0001_a.sql:1:1 error missing-file"]
    assert found.findings[0].what == "0001_a is applied, but its file is gone"
    assert "git log --diff-filter=D -- 'migrations/0001_a.sql'" in found.findings[0].rewrite


def test_a_database_newer_than_the_checkout_is_an_error_that_says_so() -> None:
    found = agree(THREE[:1], [row("0001"), row("0002")])
    assert told(found) == ["migrations/0002_a.sql:1:1 error missing-file"]
    assert found.findings[0].what.endswith("the database is newer")
    assert told(agree([], [row("1")], folder="db/sqlite")) == ["db/sqlite/1_a.sql:1:1 error missing-file"]


@pytest.mark.parametrize(("late", "level"), [("refuse", "error"), ("apply", "warning")])
def test_a_late_file_is_refused_unless_the_configuration_lets_it_be_applied(late: Late, level: str) -> None:
    found = agree(THREE, [row("0001"), row("0003")], late=late)
    assert (pending(found), found.late) == (["0002"], (THREE[1],))
    assert told(found) == [f"migrations/0002_a.sql:1:1 {level} late-file"]
    assert "0002_a is not applied, but 0003_a, which comes after it, is" in found.findings[0].what


@pytest.mark.parametrize("to", ["0002", "2", "0002_a"])
def test_pending_ends_at_the_version_that_was_named(to: str) -> None:
    assert pending(agree(THREE, [row("0001")], to=to)) == ["0002"]


def test_what_the_named_version_depends_on_comes_with_it() -> None:
    migrations = [migration("1"), migration("3"), migration("2", depends=("3",)), migration("4")]
    assert pending(agree(migrations, [], to="2")) == ["1", "3", "2"]


def test_the_whole_folder_is_judged_also_when_only_a_part_is_wanted() -> None:
    assert told(agree(THREE, [row("0003", sha256="x")], to="0001")) == [
        "migrations/0003_a.sql:1:1 error edited-file",
        "migrations/0001_a.sql:1:1 error late-file",
        "migrations/0002_a.sql:1:1 error late-file",
    ]


def test_an_unknown_version_is_a_mistake_of_usage_that_names_near_ones() -> None:
    with pytest.raises(UsageError, match="no version 0012 among the migrations") as caught:
        agree(THREE, [], to="0012")
    assert "0002" in (caught.value.hint or "")
    with pytest.raises(UsageError) as caught:
        agree([], [], to="1")
    assert caught.value.hint == "there are none"


@given(subsets, subsets)
def test_every_version_is_pending_applied_or_missing_and_nothing_else(files: set[int], rows: set[int]) -> None:
    found = agree([migration(str(each)) for each in sorted(files)], [row(str(each)) for each in rows])
    assert {int(version) for version in pending(found)} == files - rows
    assert {int(each.version) for each in found.missing} == rows - files
    assert {int(each.version) for each in found.late} == {
        each for each in files - rows if each < max(rows, default=0)
    }
    assert len(found.findings) == len(found.missing) + len(found.late)
