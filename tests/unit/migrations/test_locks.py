"""Locks on what was there before; that the server takes them so is asked in the contract tests."""

import pytest

from shipit.migrations.locks import taken
from tests.unit.migrations.reading import read

AE, SRE, S, SUE, RE = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE", "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE"


@pytest.mark.parametrize(
    ("text", "locks"),
    [
        ("ALTER TABLE a ADD b int", {"a": AE}),
        ("ALTER TABLE a ADD b int REFERENCES c, VALIDATE CONSTRAINT d", {"a": AE, "c": SRE}),
        ("ALTER TABLE a VALIDATE CONSTRAINT d", {"a": SUE}),
        ("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES s.c", {"a": SRE, "s.c": SRE}),
        ("ALTER TABLE a ATTACH PARTITION b DEFAULT", {"a": SUE, "b": AE}),
        ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", {"a": SUE, "b": AE}),
        ("ALTER VIEW v RESET (security_barrier)", {"v": AE}),
        ("ALTER INDEX i RENAME TO j", {"i": SUE}),
        ("ALTER TABLE a RENAME TO b", {"a": AE}),
        ("ALTER TYPE e RENAME TO f", {}),
        ("ALTER TABLE a SET SCHEMA s", {"a": AE}),
        ("ALTER FUNCTION f() SET SCHEMA s", {}),
        ("CREATE TABLE a (LIKE b, c int REFERENCES d)", {"b": "ACCESS SHARE", "d": SRE}),
        ("CREATE TABLE a PARTITION OF b DEFAULT", {"b": AE}),
        ("CREATE TABLE a () INHERITS (b)", {"b": SUE}),
        ("CREATE TABLE a AS SELECT 1 FROM b", {"b": "ACCESS SHARE"}),
        ("CREATE INDEX ON a (b)", {"a": S}),
        ("CREATE INDEX CONCURRENTLY ON a (b)", {"a": SUE}),
        ("CREATE VIEW v AS SELECT 1 FROM a", {"a": "ACCESS SHARE"}),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", {"v": AE}),
        ("CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()", {"a": SRE}),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM a'", {}),
        ("DROP TABLE a, s.b", {"a": AE, "s.b": AE}),
        ("DROP INDEX CONCURRENTLY i", {"i": SUE}),
        ("DROP TRIGGER t ON s.a", {"s.a": AE}),
        ("DROP TYPE e", {}),
        ("TRUNCATE a", {"a": AE}),
        ("LOCK TABLE a IN EXCLUSIVE MODE", {"a": "EXCLUSIVE"}),
        ("VACUUM a", {"a": SUE}),
        ("VACUUM FULL a", {"a": AE}),
        ("CLUSTER", {}),
        ("REINDEX TABLE a", {"a": S}),
        ("REINDEX TABLE CONCURRENTLY a", {"a": SUE}),
        ("REINDEX SCHEMA s", {}),
        ("REFRESH MATERIALIZED VIEW m", {"m": AE}),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", {"m": "EXCLUSIVE"}),
        ("COPY a FROM '/x'", {"a": RE}),
        ("COPY a TO '/x'", {"a": "ACCESS SHARE"}),
        ("COPY (SELECT 1 FROM b) TO '/x'", {"b": "ACCESS SHARE"}),
        ("COMMENT ON COLUMN s.a.b IS 'x'", {"s.a": SUE}),
        ("COMMENT ON TYPE e IS 'x'", {}),
        ("CREATE STATISTICS n ON b, c FROM a", {"a": SUE}),
        ("WITH a AS (DELETE FROM b RETURNING *) INSERT INTO c SELECT * FROM a", {"b": RE, "c": RE}),
        ("WITH a AS (SELECT 1) SELECT * FROM s.a", {"s.a": "ACCESS SHARE"}),
        ("SELECT * FROM a, (SELECT 1) b FOR UPDATE", {"a": "ROW SHARE"}),
        ("GRANT SELECT ON a TO b", {}),
    ],
)
def test_a_statement_takes_these_locks(text: str, locks: dict[str, str]) -> None:
    assert taken(read(text)[0]) == locks
