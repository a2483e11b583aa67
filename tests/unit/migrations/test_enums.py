"""A new value of an enum cannot be used before COMMIT."""

import pytest

from tests.unit.migrations.reading import found, only


@pytest.mark.parametrize(
    "use",
    [
        "INSERT INTO a VALUES ('sent')",
        "ALTER TABLE a ALTER b SET DEFAULT 'sent'",
        "UPDATE a SET b = 'sent'::state WHERE c",
        "DO $$ BEGIN INSERT INTO a VALUES ('sent'); END $$",
    ],
)
def test_using_it_behind_its_birth_is_an_error(use: str) -> None:
    text = f"ALTER TYPE state ADD VALUE IF NOT EXISTS 'sent';\n{use}"
    assert found(text, allowed={"enum-value-used": "x"})[0] == "2:1 enum-value-used"


def test_the_way_out_is_another_file() -> None:
    finding = only("ALTER TYPE s.state ADD VALUE 'sent'; INSERT INTO a VALUES ('sent')")
    assert finding.what == "'sent' is new in s.state: PostgreSQL lets nobody use it before COMMIT"
    assert finding.rewrite == "-- in a migration of its own, after this one:\nINSERT INTO a VALUES ('sent');"


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TYPE e ADD VALUE 'x'; INSERT INTO a VALUES ('y'); COMMENT ON TYPE e IS 'x'",
        "ALTER TYPE e ADD VALUE 'x'; DO $$ BEGIN NULL; END $$",
        "INSERT INTO a VALUES ('x'); ALTER TYPE e ADD VALUE 'x'",
        "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'x'; INSERT INTO a VALUES ('x')",
        "ALTER TYPE e RENAME VALUE 'y' TO 'x'; INSERT INTO a VALUES ('x')",
        "ALTER TYPE e ADD VALUE 'x'; CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
    ],
)
def test_everything_else_is_right(text: str) -> None:
    assert found(text) == []
