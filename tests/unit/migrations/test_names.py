"""File names of migrations and versions."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.migrations.model import Finding
from shipit.migrations.names import FileName, key, near, read_name

numbers = some.integers(0, 10**20)
versions = some.lists(numbers.map(str), min_size=1, max_size=4).map(".".join)


def read(path: str) -> tuple[str, str, str, str]:
    found = read_name(path)
    assert isinstance(found, FileName)
    return found.version, found.name, found.role, found.scheme


def wrong(path: str) -> Finding:
    found = read_name(path)
    assert isinstance(found, Finding)
    assert str(found.place) == f"{path}:1:1"
    return found


@pytest.mark.parametrize(
    ("path", "meaning"),
    [
        ("0001_users.sql", ("0001", "users", "up", "plain")),
        ("db/m/0001_users.sql", ("0001", "users", "up", "plain")),
        ("0001_users.down.sql", ("0001", "users", "down", "plain")),
        ("0001_users.verify.sql", ("0001", "users", "verify", "plain")),
        ("0001_users.up.sql", ("0001", "users", "up", "golang-migrate")),
        ("0001_Users.Down.SQL", ("0001", "Users", "down", "plain")),
        ("1.2_users.sql", ("1.2", "users", "up", "plain")),
        ("20240102030405_add v1.2-größe.sql", ("20240102030405", "add v1.2-größe", "up", "plain")),
        ("V1_2__users.sql", ("1.2", "users", "up", "flyway")),
        ("V1.2__users.sql", ("1.2", "users", "up", "flyway")),
        ("V1_2__users.down.sql", ("1.2", "users", "down", "flyway")),
        ("V1_2__users.verify.sql", ("1.2", "users", "verify", "flyway")),
        ("U1_2__users.sql", ("1.2", "users", "down", "flyway")),
        ("0002_backfill.py", ("0002", "backfill", "up", "plain")),
    ],
)
def test_a_name_tells_version_name_and_role(path: str, meaning: tuple[str, str, str, str]) -> None:
    assert read(path) == meaning


def test_only_a_name_with_a_role_of_its_own_holds_one_script_for_sure() -> None:
    explicit = [read_name(path) for path in ("1_a.up.sql", "1_a.down.sql", "V1__a.sql", "1_a.sql", "1_a.py")]
    assert [isinstance(name, FileName) and name.explicit for name in explicit] == [True, True, True, False, False]
    assert [isinstance(name, FileName) and name.language for name in explicit[-2:]] == ["sql", "python"]


@pytest.mark.parametrize(
    "path",
    [
        *("README.md", "README", ".gitkeep", ".0001_users.sql.swp", ".#0001_users.sql", "0001_users.sql~"),
        *("0001_users.sql.orig", "atlas.sum", "script.py.mako", "env.py", "__init__.py", "helpers.py"),
        *("1975ea83b712_create.py", "V1__users.sql.conf"),
    ],
)
def test_a_file_that_is_no_migration_is_left_alone(path: str) -> None:
    assert read_name(path) is None


@pytest.mark.parametrize(
    ("path", "rewrite"),
    [
        ("schema.sql", "rename it, or move it out of the folder of migrations"),
        ("0001.sql", "rename it, or move it out of the folder of migrations"),
        ("1-add users.sql", "rename it to 1_add_users.sql, or move it out of the folder of migrations"),
        ("v2__users.sql", "rename it to 2_users.sql, or move it out of the folder of migrations"),
        ("0001_users.undo.sql", "rename it to 0001_users_undo.sql, or move it out of the folder of migrations"),
        ("0001_users.down.py", "rename it to 0001_users_down.py, or move it out of the folder of migrations"),
        ("0001_a\nb.sql", "rename it, or move it out of the folder of migrations"),
        ("\u0661_users.sql", "rename it, or move it out of the folder of migrations"),
    ],
)
def test_a_script_whose_name_cannot_be_read_is_an_error_that_says_what_was_expected(
    path: str, rewrite: str
) -> None:
    found = wrong(path)
    assert (found.level, found.rule, found.rewrite) == ("error", "unreadable-name", rewrite)
    assert "expected <version>_<name>." in found.what


@pytest.mark.parametrize(
    ("path", "rule"), [("R__views.sql", "repeatable-migration"), ("B3__all.sql", "baseline-migration")]
)
def test_kinds_of_flyway_that_have_no_counterpart_are_named(path: str, rule: str) -> None:
    found = wrong(path)
    assert (found.level, found.rule) == ("error", rule)
    assert "is not supported" in found.what
    assert found.rewrite


@pytest.mark.parametrize(
    ("smaller", "greater"),
    [
        ("2", "10"),
        ("1.2", "1.10"),
        ("0009", "10"),
        ("1", "1.1"),
        ("1.1", "2"),
        ("0", "1"),
        ("9" * 30, "1" + "0" * 30),
    ],
)
def test_versions_are_compared_as_numbers_part_by_part(smaller: str, greater: str) -> None:
    assert key(smaller) < key(greater)


@pytest.mark.parametrize(("one", "other"), [("1", "0001"), ("1.0", "1"), ("1_2", "1.02"), ("0", "000")])
def test_versions_that_differ_in_zeros_only_are_the_same(one: str, other: str) -> None:
    assert key(one) == key(other)


@given(numbers, numbers)
def test_numbers_of_any_size_keep_their_order(one: int, other: int) -> None:
    assert (key(str(one)) < key(f"00{other}")) == (one < other)


@given(some.lists(versions, unique_by=key))
def test_the_order_of_versions_is_total(found: list[str]) -> None:
    order = sorted(found, key=key)
    backwards = list(reversed(found))
    assert sorted(backwards, key=key) == order
    parts = [[int(part) for part in version.split(".")] for version in order]
    assert parts == sorted(parts)


@given(some.text(max_size=40))
def test_any_text_has_a_key_and_can_be_read_as_a_name(text: str) -> None:
    assert key(text) == key(text)
    read_name(text)
    read_name(f"{text}.sql")


def test_the_same_number_is_nearer_than_similar_letters_and_those_nearer_than_the_last() -> None:
    known = ["0001", "0002", "0003", "0011", "20240101"]
    assert near("11", known) == ("0011",)
    assert near("0012", known)[0] in {"0011", "0002", "0001"}
    assert near("x", known) == ("0003", "0011", "20240101")
    assert near("x", []) == ()


def test_letters_that_a_file_system_took_apart_are_put_together_again() -> None:
    path = unicodedata.normalize("NFD", "m/0001_größe.sql")
    found = read_name(path)
    assert isinstance(found, FileName)
    assert (found.path, found.name) == (path, "größe")
