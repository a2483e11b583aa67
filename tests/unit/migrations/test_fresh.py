"""A new migration."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.errors import UsageError
from shipit.migrations.fresh import Fresh, Style, fresh, next_version, slug
from shipit.migrations.names import key
from tests.unit.migrations.shapes import folder_of

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def made(files: dict[str, str], title: str = "Add users") -> Fresh:
    found = folder_of(files)
    assert found.findings == ()
    return fresh(found.migrations, title, AT)


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        *(
            ("", "0001"),
            ("0009", "0010"),
            ("9", "10"),
            ("9999", "10000"),
            ("1.9", "1.10"),
            ("00000001", "00000002"),
        ),
        *(("20260304050606", "20260304050607"), ("202603040505", "202603040506"), ("2026030404", "2026030405")),
        *(("20260303", "20260304"), ("1700000000", "1772600767"), ("20261399000000", "20261399000001")),
        *(("20260304", "20260305"), ("20260304050607", "20260304050608"), ("29990101000000", "29990101000001")),
    ],
)
def test_versions_are_counted_on_as_the_newest_one_is_written(newest: str, expected: str) -> None:
    assert next_version(newest, AT) == expected


def test_a_version_in_time_is_in_utc() -> None:
    east = AT.astimezone(timezone(timedelta(hours=9)))
    assert next_version("20200101000000", east) == "20260304050607"


@pytest.mark.parametrize(
    ("newest", "style", "expected"),
    [
        ("", "timestamp", "20260304050607"),
        ("0007", "timestamp", "20260304050607"),
        ("20200101", "number", "20200102"),
    ],
)
def test_a_style_that_was_asked_for_wins(newest: str, style: Style, expected: str) -> None:
    assert next_version(newest, AT, style) == expected


@given(
    some.from_regex(r"[0-9]{1,15}(\.[0-9]{1,4})?", fullmatch=True),
    some.sampled_from(["auto", "number", "timestamp"]),
)
def test_the_next_version_is_always_above_the_newest(newest: str, style: Style) -> None:
    assert key(next_version(newest, AT, style)) > key(newest)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        *(("Add users' e-mail!", "add_users_e_mail"), ("  a  b ", "a_b"), ("Größe", "grösse"), ("../x", "x")),
        ("é" * 100, "é" * 60),
    ],
)
def test_a_title_becomes_a_part_of_a_file_name(title: str, expected: str) -> None:
    assert slug(title) == expected


@pytest.mark.parametrize("title", ["", " ", "!?", "___"])
def test_a_title_of_which_nothing_is_left_is_a_mistake_of_usage(title: str) -> None:
    with pytest.raises(UsageError, match="is no name for a file"):
        slug(title)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["0001_add_users.sql", "0001_add_users.down.sql"]),
        ({"007_a.sql": "select 1"}, ["008_add_users.sql", "008_add_users.down.sql"]),
        ({"7_a.up.sql": "select 1"}, ["8_add_users.up.sql", "8_add_users.down.sql"]),
        ({"V1_2__a.sql": "select 1"}, ["V1_3__add_users.sql", "U1_3__add_users.sql"]),
        ({"V1.2__a.sql": "select 1"}, ["V1.3__add_users.sql", "U1.3__add_users.sql"]),
        ({"V7__a_b.sql": "select 1"}, ["V8__add_users.sql", "U8__add_users.sql"]),
        ({"20200101000000_a.sql": "-- migrate:up\nselect 1"}, ["20260304050607_add_users.sql"]),
        ({"1_a.py": "def up(c): ..."}, ["2_add_users.sql", "2_add_users.down.sql"]),
    ],
)
def test_files_are_named_as_the_folder_names_them(files: dict[str, str], expected: list[str]) -> None:
    assert list(made(files).files) == expected


@pytest.mark.parametrize(
    ("unwritten", "expected"),
    [
        ("migrations/0001_a.sql", ["0002_add_users.sql", "0002_add_users.down.sql"]),
        ("migrations/000007_a.up.sql", ["000008_add_users.up.sql", "000008_add_users.down.sql"]),
        ("V7__a.sql", ["V8__add_users.sql", "U8__add_users.sql"]),
        ("nothing.sql", ["0001_add_users.sql", "0001_add_users.down.sql"]),
    ],
)
def test_a_file_that_holds_nothing_yet_is_counted_on_from_as_well(unwritten: str, expected: list[str]) -> None:
    assert list(fresh((), "Add users", AT, unwritten=[unwritten]).files) == expected
    older = folder_of({"0000_z.sql": "select 1"}).migrations
    assert list(fresh(older, "Add users", AT, unwritten=[unwritten]).files) == expected


def test_where_others_have_two_sections_in_a_file_it_has_them_too() -> None:
    older = folder_of({"0001_a.sql": "-- migrate:up\nselect 1"}).migrations
    assert list(fresh(older, "Add users", AT, unwritten=["m/0002_b.sql"]).files) == ["0003_add_users.sql"]


@pytest.mark.parametrize("before", [{}, {"1_a.sql": "-- migrate:up\nselect 1"}, {"V1__a.sql": "select 1"}])
def test_a_skeleton_is_found_empty_until_it_is_written_and_then_reads_well(before: dict[str, str]) -> None:
    new = made(before)
    assert [f.rule for f in folder_of({**before, **new.files}).findings if f.level == "error"] == ["empty-script"]
    written = {
        name: text.replace("\n\n-- migrate:down", "\nselect 2;\n-- migrate:down") + "select 1;\n"
        for name, text in new.files.items()
    }
    found = folder_of({**before, **written})
    assert found.findings == ()
    assert (found.migrations[-1].version, found.migrations[-1].name) == (new.version, new.name)
    assert found.migrations[-1].down
