"""What findings and footprints claim is so on a server."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shipit.migrations.footprints import footprint
from shipit.migrations.model import Directives
from tests.support.postgres import Server
from tests.unit.migrations.reading import judged, read

SCENE = """
CREATE TYPE state AS ENUM ('new');
CREATE TABLE a (id int PRIMARY KEY, b int, c text, s state);
CREATE TABLE part (id int);
CREATE TABLE parent (id int) PARTITION BY LIST (id);
CREATE TABLE child PARTITION OF parent FOR VALUES IN (1);
INSERT INTO a VALUES (1, 2, 'x', 'new');
"""
FAIL = (
    "ALTER TABLE a ADD d int NOT NULL",
    "ALTER TYPE state ADD VALUE 'sent'; UPDATE a SET s = 'sent' WHERE id = 1",
    "ALTER TYPE state ADD VALUE 'sent'; ALTER TABLE a ALTER s SET DEFAULT 'sent'",
    "DO $$ BEGIN UPDATE a SET b = 3 WHERE id = 1; COMMIT; END $$",
    "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; CALL p()",
    "CREATE TABLE n (); CREATE INDEX CONCURRENTLY ON a (b)",
    "CREATE TABLE n (); DROP INDEX CONCURRENTLY a_pkey",
    "CREATE TABLE n (); REINDEX TABLE CONCURRENTLY a",
    "CREATE TABLE n (); REINDEX SCHEMA public",
    "CREATE TABLE n (); VACUUM a",
    "CREATE TABLE n (); CLUSTER",
    "CREATE TABLE n (); ALTER SYSTEM SET work_mem = '4MB'",
    "CREATE TABLE n (); CREATE DATABASE n",
    "CREATE TABLE n (); ALTER TABLE parent DETACH PARTITION child CONCURRENTLY",
)
REWRITES = (
    "ALTER TABLE a ADD d int",
    "ALTER TABLE a ADD d int NOT NULL DEFAULT 1",
    "ALTER TABLE a ADD d timestamptz NOT NULL DEFAULT now()",
    "ALTER TABLE a ADD d timestamptz DEFAULT clock_timestamp()",
    "ALTER TABLE a ADD d uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE a ADD d text DEFAULT lower(concat('A', 'B'))",
    "ALTER TABLE a ADD d jsonb DEFAULT jsonb_build_object('a', 1)",
    "ALTER TABLE a ADD d serial",
    "ALTER TABLE a ADD d int GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE a ADD d int GENERATED ALWAYS AS (b + 1) STORED",
    "ALTER TABLE a ALTER b TYPE bigint",
    "ALTER TABLE a ALTER b SET NOT NULL",
    "ALTER TABLE a ADD CHECK (b > 1)",
    "ALTER TABLE a SET UNLOGGED",
    "ALTER TABLE a RENAME b TO d",
    "ALTER TABLE a DROP b",
)


@pytest.fixture
def scene(server: Server, database: str) -> "Iterator[psycopg.Connection[Any]]":
    with psycopg.connect(server.url(database)) as connection:
        connection.execute(SCENE)
        connection.commit()
        yield connection


def test_what_is_called_an_error_fails_in_a_transaction(scene: "psycopg.Connection[Any]") -> None:
    found = [text for text in FAIL if any(each.level == "error" for each in judged(text)[1])]
    assert found == list(FAIL)
    passed = []
    for text in FAIL:
        try:
            for statement in read(text):
                scene.execute(statement.text.encode())
        except psycopg.Error:
            scene.rollback()
            continue
        scene.rollback()
        passed.append(text)
    assert passed == []


def test_tables_that_are_said_to_be_written_anew_are(scene: "psycopg.Connection[Any]") -> None:
    wrong = {}
    for text in REWRITES:
        before = scene.execute("SELECT relfilenode FROM pg_class WHERE relname = 'a'").fetchone()
        scene.execute(text.encode())
        after = scene.execute("SELECT relfilenode FROM pg_class WHERE relname = 'a'").fetchone()
        scene.rollback()
        found = "a" in footprint(read(text), Directives()).rewrites
        if found != (before != after):
            wrong[text] = found
    assert wrong == {}


def test_the_safe_way_to_a_required_column_works(scene: "psycopg.Connection[Any]") -> None:
    (finding,) = judged("ALTER TABLE a ADD d int NOT NULL")[1]
    steps = read(finding.rewrite)
    scene.execute(steps[0].text.encode())
    scene.execute("UPDATE a SET d = 1")
    for step in steps[1:]:
        scene.execute(step.text.encode())
    with pytest.raises(psycopg.errors.NotNullViolation):
        scene.execute("INSERT INTO a (id) VALUES (9)")


def test_the_safe_way_to_a_unique_constraint_works(scene: "psycopg.Connection[Any]") -> None:
    (finding,) = judged("ALTER TABLE a ADD UNIQUE (b)")[1]
    scene.autocommit = True
    for step in read(finding.rewrite):
        scene.execute(step.text.encode())
    with pytest.raises(psycopg.errors.UniqueViolation):
        scene.execute("INSERT INTO a (id, b) VALUES (9, 2)")


def test_the_safe_way_to_a_constraint_knows_its_name(
    scene: "psycopg.Connection[Any]",
) -> None:
    for text in ("ALTER TABLE a ADD FOREIGN KEY (b, id) REFERENCES two", "ALTER TABLE a ADD CHECK (b > 1)"):
        scene.execute("CREATE TABLE IF NOT EXISTS two (x int, y int, PRIMARY KEY (x, y))")
        scene.execute("INSERT INTO two VALUES (2, 1) ON CONFLICT DO NOTHING")
        (finding,) = judged(text)[1]
        assert [scene.execute(step.text.encode()).statusmessage for step in read(finding.rewrite)] == [
            "ALTER TABLE"
        ] * 2
