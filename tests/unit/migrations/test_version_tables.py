"""The tables of other tools: told apart by name and columns, their rows read as those tools read them."""

from collections.abc import Sequence

import pytest

from shipit.migrations.version_tables import NAMES, HalfDone, VersionTable, owner

FLYWAY = {"installed_rank", "version", "type", "success"}


def of(name: str, *columns: str) -> VersionTable:
    found = owner(name, columns)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "columns", "tool"),
    [
        ("schema_migrations", {"version"}, "dbmate"),
        ("schema_migrations", {"version", "dirty"}, "golang-migrate"),
        ("flyway_schema_history", FLYWAY, "flyway"),
        ("alembic_version", {"version_num"}, "alembic"),
        ("django_migrations", {"id", "app", "name"}, "django"),
    ],
)
def test_each_tool_is_known_by_its_columns(name: str, columns: set[str], tool: str) -> None:
    found = owner(name, columns | {"more"})
    assert found
    assert found.tool == tool
    assert name in NAMES


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("schema_migrations", {"id"}),
        ("flyway_schema_history", FLYWAY - {"installed_rank"}),
        ("versions", {"version"}),
    ],
)
def test_a_table_that_only_has_the_name_or_the_columns_is_nobodys(name: str, columns: set[str]) -> None:
    assert owner(name, columns) is None


def test_versions_are_texts() -> None:
    assert of("schema_migrations", "version").read([(1,), ("2",)]) == ("1", "2")
    assert of("schema_migrations", "version", "dirty").read([(7, False)]) == ("7",)
    assert of("django_migrations", "id", "app", "name").read([("auth", "0001_initial")]) == ("auth.0001_initial",)


def test_flyway_forgets_what_was_undone_and_speaks_up_to_its_baseline() -> None:
    rows: Sequence[tuple[object, ...]] = [
        (None, "SCHEMA", True),
        ("1", "BASELINE", True),
        ("2", "SQL", True),
        (None, "SQL", True),
        ("3", "SQL", True),
        ("3", "UNDO_SQL", True),
        ("2", "DELETE", True),
        ("4", "SQL", True),
    ]
    assert of("flyway_schema_history", *FLYWAY).read(rows) == ("up to 1", "4")


@pytest.mark.parametrize(
    ("name", "columns", "row", "said"),
    [
        ("schema_migrations", ["version", "dirty"], (3, True), "version 3 dirty"),
        ("flyway_schema_history", [*FLYWAY], ("4", "SQL", False), "Flyway failed in 4"),
        ("flyway_schema_history", [*FLYWAY], (None, "SQL", False), "Flyway failed in a repeatable script"),
    ],
)
def test_what_is_half_done_is_said_with_the_way_out(
    name: str, columns: list[str], row: tuple[object, ...], said: str
) -> None:
    with pytest.raises(HalfDone, match=said) as caught:
        of(name, *columns).read([row])
    assert "by hand" in caught.value.hint
