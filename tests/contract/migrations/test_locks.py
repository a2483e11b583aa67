"""The locks that a footprint tells are those that the server takes."""

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from shipit.migrations.locks import ORDER, taken
from shipit.migrations.model import LockMode
from tests.support.postgres import Server
from tests.unit.migrations.reading import read

SCENE = """
CREATE SCHEMA elsewhere;
CREATE TABLE a (id int PRIMARY KEY, b int, c text DEFAULT 'x', CONSTRAINT positive CHECK (b > 0) NOT VALID);
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE parent (id int) PARTITION BY LIST (id);
CREATE TABLE part (id int);
CREATE TABLE child PARTITION OF parent FOR VALUES IN (9);
CREATE INDEX a_b ON a (b);
CREATE UNIQUE INDEX a_c ON a (c);
CREATE VIEW v AS SELECT id FROM a;
CREATE MATERIALIZED VIEW m AS SELECT id FROM a;
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f();
CREATE POLICY p ON a;
CREATE RULE r AS ON DELETE TO other DO NOTHING;
"""
STATEMENTS = (
    "ALTER TABLE a ADD COLUMN d int",
    "ALTER TABLE a ADD COLUMN d int REFERENCES other",
    "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES other",
    "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES other NOT VALID",
    "ALTER TABLE a ADD CHECK (b > 1)",
    "ALTER TABLE a ADD CONSTRAINT u UNIQUE USING INDEX a_c",
    "ALTER TABLE a VALIDATE CONSTRAINT positive",
    "ALTER TABLE a DROP CONSTRAINT positive",
    "ALTER TABLE a ALTER b SET NOT NULL",
    "ALTER TABLE a ALTER b TYPE bigint",
    "ALTER TABLE a ALTER b SET STATISTICS 100",
    "ALTER TABLE a ALTER b SET (n_distinct = 5)",
    "ALTER TABLE a ALTER c SET STORAGE EXTERNAL",
    "ALTER TABLE a SET (fillfactor = 70)",
    "ALTER TABLE a RESET (fillfactor)",
    "ALTER TABLE a CLUSTER ON a_b",
    "ALTER TABLE a SET WITHOUT CLUSTER",
    "ALTER TABLE a DISABLE TRIGGER t",
    "ALTER TABLE a ENABLE TRIGGER USER",
    "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE a SET UNLOGGED",
    "ALTER TABLE a RENAME TO z",
    "ALTER TABLE a RENAME b TO z",
    "ALTER TABLE a RENAME CONSTRAINT positive TO z",
    "ALTER TABLE parent ATTACH PARTITION part FOR VALUES IN (1)",
    "ALTER TABLE parent DETACH PARTITION child",
    "ALTER SEQUENCE s RESTART",
    "ALTER VIEW v SET (security_barrier)",
    "ALTER TABLE a SET SCHEMA elsewhere",
    "ALTER TRIGGER t ON a RENAME TO z",
    "CREATE TABLE n (id int REFERENCES other)",
    "CREATE TABLE n PARTITION OF parent FOR VALUES IN (1)",
    "CREATE TABLE n () INHERITS (a)",
    "CREATE TABLE n (LIKE a)",
    "CREATE TABLE n AS SELECT * FROM a",
    "CREATE INDEX n ON a (b)",
    "CREATE VIEW n AS SELECT * FROM a",
    "CREATE OR REPLACE VIEW v AS SELECT id FROM a",
    "CREATE TRIGGER n AFTER INSERT ON a EXECUTE FUNCTION f()",
    "CREATE POLICY n ON a",
    "ALTER POLICY p ON a USING (true)",
    "CREATE RULE n AS ON INSERT TO a DO NOTHING",
    "CREATE STATISTICS n ON id, b FROM a",
    "COMMENT ON TABLE a IS 'x'",
    "COMMENT ON COLUMN a.b IS 'x'",
    "DROP TABLE part",
    "DROP VIEW v",
    "DROP MATERIALIZED VIEW m",
    "DROP SEQUENCE s",
    "DROP TRIGGER t ON a",
    "DROP POLICY p ON a",
    "DROP RULE r ON other",
    "TRUNCATE a, other",
    "LOCK TABLE a IN SHARE ROW EXCLUSIVE MODE",
    "LOCK a",
    "CLUSTER a USING a_b",
    "REINDEX TABLE a",
    "ANALYZE a",
    "INSERT INTO a VALUES (1)",
    "INSERT INTO a SELECT id FROM other",
    "UPDATE a SET b = 1 FROM other",
    "DELETE FROM a",
    "WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO other SELECT id FROM gone",
    "MERGE INTO a USING other ON a.id = other.id WHEN MATCHED THEN DELETE",
    "SELECT * FROM a",
    "SELECT * FROM a FOR UPDATE",
    "COPY (SELECT * FROM a) TO '/dev/null'",
)
RELATIONS = "SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'"
HELD = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = ANY (%s)"
RANKS = {"".join(word.title() for word in mode.split()) + "Lock": rank for mode, rank in ORDER.items()}


def held(connection: "psycopg.Connection[Any]", statement: str) -> dict[str, int]:
    """Every relation of the scene that the statement locks, with the strongest mode's rank; indexes aside."""
    names = dict(connection.execute(RELATIONS).fetchall())
    connection.rollback()
    connection.execute(statement.encode())
    rows = connection.execute(HELD, (list(names),)).fetchall()
    connection.rollback()
    found: dict[str, int] = {}
    for relation, mode in rows:
        found[names[relation]] = max(RANKS[mode], found.get(names[relation], 0))
    return found


def predicted(statement: str) -> dict[str, int]:
    (one,) = read(statement)
    return {name: ORDER[mode] for name, mode in taken(one).items()}


def test_the_server_takes_the_locks_that_are_told(server: Server, database: str) -> None:
    with psycopg.connect(server.url(database)) as connection:
        connection.execute(SCENE)
        connection.commit()
        wrong = {
            statement: (real, predicted(statement))
            for statement in STATEMENTS
            if (real := held(connection, statement)) != predicted(statement)
        }
    assert wrong == {}


@pytest.mark.parametrize(
    ("statement", "unnamed"),
    [
        ("DROP INDEX a_b", {"a": "ACCESS EXCLUSIVE"}),
        ("REINDEX INDEX a_b", {"a": "SHARE"}),
        ("REFRESH MATERIALIZED VIEW m", {"a": "ACCESS SHARE"}),
        ("DROP TABLE a CASCADE", {"v": "ACCESS EXCLUSIVE", "m": "ACCESS EXCLUSIVE"}),
    ],
)
def test_locks_on_what_a_statement_does_not_name_are_not_told(
    embedded: Server, statement: str, unnamed: Mapping[str, LockMode]
) -> None:
    embedded.create("unnamed")
    try:
        with psycopg.connect(embedded.url("unnamed")) as connection:
            connection.execute(SCENE)
            connection.commit()
            real = held(connection, statement)
    finally:
        embedded.drop("unnamed")
    assert {name: rank for name, rank in real.items() if name not in predicted(statement)} == {
        name: ORDER[mode] for name, mode in unnamed.items()
    }
