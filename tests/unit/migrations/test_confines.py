"""What a migration on SQLite may not touch."""

import pytest

from shipit.migrations.confines import findings
from shipit.migrations.judgement import prepare
from shipit.migrations.keywords import setting
from tests.unit.migrations.reading import SQLITE, migration, read_sqlite


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ATTACH 'x.db' AS y", "error other-database"),
        ("detach database y", "error other-database"),
        ("\ufeff/* mine */ ATTACH 'x.db' AS y", "error other-database"),
        ("PRAGMA foreign_keys = ON", "warning session-setting"),
        ("pragma main . Foreign_Keys(0)", "warning session-setting"),
        ("PRAGMA ignore_check_constraints = ON", "warning session-setting"),
        ("PRAGMA writable_schema = ON", "error writable-schema"),
        ("PRAGMA writable_schema('yes')", "error writable-schema"),
    ],
)
def test_what_leaves_the_migrations_own_ground_is_named(text: str, expected: str) -> None:
    [finding] = findings(read_sqlite(text)[0])
    assert f"{finding.level} {finding.rule}" == expected
    assert finding.rewrite


@pytest.mark.parametrize(
    "text",
    [
        "PRAGMA foreign_keys",
        "PRAGMA foreign_key_check(notes)",
        "PRAGMA writable_schema = OFF",
        "PRAGMA writable_schema = RESET",
        "PRAGMA user_version = 7",
        "SELECT 'ATTACH'",
        "SELECT * FROM pragma_foreign_keys",
    ],
)
def test_asking_and_what_is_its_own_is_free(text: str) -> None:
    assert list(findings(read_sqlite(text)[0])) == []


def test_a_setting_is_a_name_and_a_value() -> None:
    assert [
        setting(each) for each in read_sqlite("PRAGMA Journal_Mode = 'WAL'; PRAGMA journal_mode; SELECT 1")
    ] == [
        ("journal_mode", "wal"),
        ("", ""),
        ("", ""),
    ]


def test_the_table_of_the_schema_may_be_written_with_a_reason() -> None:
    allowed = {"writable-schema": "tried on a copy", "other-database": "no"}
    found = prepare(migration("PRAGMA writable_schema = 1; ATTACH 'x' AS y", allowed=allowed), SQLITE)[1]
    assert [each.rule for each in found] == ["other-database", "unknown-rule"]
