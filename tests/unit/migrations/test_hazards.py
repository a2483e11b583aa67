"""What hurts others although its grammar is right, and the safe way to write it."""

import pytest

from shipit.migrations.hazards import RULES, evaluate
from shipit.migrations.model import Directives
from tests.unit.migrations.reading import POSTGRES, found, judged, only, read_sqlite

COLUMNS = [
    (
        "ALTER TABLE shop.users ADD COLUMN number serial",
        "adding-serial-primary-key-field",
        "ALTER COLUMN number SET DEFAULT nextval('users_number_seq')",
    ),
    (
        'ALTER TABLE "Order" ADD "Key" int GENERATED ALWAYS AS IDENTITY',
        "adding-serial-primary-key-field",
        'CREATE SEQUENCE "Order_Key_seq"',
    ),
    (
        "ALTER TABLE users ADD token uuid NOT NULL DEFAULT gen_random_uuid()",
        "adding-field-with-default",
        "ALTER TABLE users ADD COLUMN token uuid;",
    ),
    (
        "ALTER TABLE users ADD total int GENERATED ALWAYS AS (a + b) STORED",
        "adding-field-with-default",
        "ALTER TABLE users ADD COLUMN total integer;",
    ),
    (
        "ALTER TABLE users ADD email varchar(20)[] UNIQUE",
        "disallowed-unique-constraint",
        "CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email)",
    ),
    (
        "ALTER TABLE users ADD team int REFERENCES shop.teams",
        "adding-foreign-key-constraint",
        "ADD FOREIGN KEY (team) REFERENCES shop.teams NOT VALID",
    ),
    ("ALTER TABLE users ADD age int CHECK (age > 0)", "constraint-missing-not-valid", "NOT VALID"),
    ("ALTER TABLE users DROP COLUMN email", "ban-drop-column", "-- shipit: contract"),
    (
        "ALTER TABLE users ALTER email SET NOT NULL",
        "adding-not-nullable-field",
        "ADD CONSTRAINT users_email_filled CHECK (email IS NOT NULL) NOT VALID",
    ),
    (
        "ALTER TABLE users ALTER total TYPE numeric(10,2)",
        "changing-column-type",
        "ALTER TABLE users ADD COLUMN total_new numeric(10, 2)",
    ),
    ("ALTER TABLE users RENAME email TO mail", "renaming-column", "add mail beside it"),
]
CONSTRAINTS = [
    (
        "ALTER TABLE users ADD FOREIGN KEY (team, site) REFERENCES teams",
        "adding-foreign-key-constraint",
        "VALIDATE CONSTRAINT users_team_site_fkey;",
    ),
    (
        "ALTER TABLE users ADD CONSTRAINT known CHECK (a > b)",
        "constraint-missing-not-valid",
        "CHECK (a > b) NOT VALID;\n-- in the next migration:\nALTER TABLE users VALIDATE CONSTRAINT known;",
    ),
    ("ALTER TABLE users ADD CHECK (a > 1 AND a < 9)", "constraint-missing-not-valid", "users_a_check"),
    ("ALTER TABLE users ADD CHECK (a > b)", "constraint-missing-not-valid", "CONSTRAINT users_check;"),
    ("ALTER TABLE users ADD NOT NULL email", "constraint-missing-not-valid", "users_email_not_null"),
    ("ALTER TABLE users ADD UNIQUE (a, b)", "disallowed-unique-constraint", "UNIQUE USING INDEX users_a_b_key"),
    (
        "ALTER TABLE users ADD PRIMARY KEY (id)",
        "disallowed-unique-constraint",
        "PRIMARY KEY USING INDEX users_pkey",
    ),
    ("ALTER TABLE users ADD CONSTRAINT one UNIQUE (a)", "disallowed-unique-constraint", "UNIQUE USING INDEX one"),
    ("ALTER TABLE users ADD EXCLUDE USING gist (a WITH =)", "adding-exclusion-constraint", ""),
    ("ALTER DOMAIN mail ADD CHECK (VALUE <> '')", "ban-alter-domain-with-add-constraint", "NOT VALID;"),
]
TABLES = [
    ("DROP TABLE users", "ban-drop-table", "-- shipit: contract"),
    ("DROP MATERIALIZED VIEW totals", "ban-drop-table", "-- shipit: contract"),
    ("DROP VIEW a CASCADE", "drop-cascade", "DROP VIEW a;"),
    ("DROP INDEX IF EXISTS a, s.b", "require-concurrent-index-deletion", "DROP INDEX CONCURRENTLY s.b;"),
    (
        "ALTER TABLE shop.users RENAME TO people",
        "renaming-table",
        "CREATE VIEW shop.users AS SELECT * FROM shop.people",
    ),
    ("ALTER TABLE users SET SCHEMA shop", "renaming-table", "CREATE VIEW users AS SELECT * FROM shop.users"),
    ("TRUNCATE users", "truncate", "-- shipit: contract"),
    (
        "create index i on users (a)",
        "require-concurrent-index-creation",
        "create index CONCURRENTLY i on users (a);",
    ),
    ("REINDEX TABLE users", "require-concurrent-reindex", "REINDEX TABLE CONCURRENTLY users;"),
    ("REFRESH MATERIALIZED VIEW totals", "blocking-rewrite", "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;"),
    ("CLUSTER users USING i", "blocking-rewrite", ""),
    ("CLUSTER", "blocking-rewrite", ""),
    ("VACUUM FULL users", "blocking-rewrite", "VACUUM users;"),
    ("VACUUM FULL", "blocking-rewrite", "VACUUM;"),
    ("ALTER TABLE users SET UNLOGGED", "blocking-rewrite", ""),
    ("ALTER TABLE users SET TABLESPACE fast", "blocking-rewrite", ""),
    ("UPDATE users SET a = 1", "whole-table-change", "UPDATE users SET a = 1 WHERE …;"),
    ("DELETE FROM users", "whole-table-change", "DELETE FROM users WHERE …;"),
]


@pytest.mark.parametrize(("text", "rule", "rewrite"), COLUMNS + CONSTRAINTS + TABLES)
def test_a_hazard_is_told_with_the_safe_way(text: str, rule: str, rewrite: str) -> None:
    finding = only(text)
    assert (finding.rule, finding.level) == (rule, "warning")
    assert finding.what
    assert rewrite in finding.rewrite


@pytest.mark.parametrize("text", [text for text, _, _ in COLUMNS + CONSTRAINTS + TABLES])
def test_a_rewrite_is_itself_sql(text: str) -> None:
    rewrite = only(text).rewrite.replace("…", "1")
    assert POSTGRES.read("rewrite.sql", rewrite).findings == ()


@pytest.mark.parametrize(("text", "rule"), [(text, rule) for text, rule, _ in COLUMNS + CONSTRAINTS + TABLES])
def test_a_reason_silences_it(text: str, rule: str) -> None:
    assert found(text, allowed={rule: "the table is empty"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE t ADD id serial PRIMARY KEY, ADD b int NOT NULL, DROP c, ALTER d SET NOT NULL",
        "ALTER TABLE t ADD CHECK (a > 1), ADD UNIQUE (a), ADD FOREIGN KEY (a) REFERENCES b, SET UNLOGGED",
        "ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME TO u; DROP TABLE u CASCADE",
        "CREATE INDEX ON t (a); TRUNCATE t CASCADE; UPDATE t SET a = 1; DELETE FROM t",
        "CREATE INDEX i ON t (a); DROP INDEX i; CLUSTER t USING i",
    ],
)
def test_a_table_of_the_same_script_needs_no_care(text: str) -> None:
    assert found(f"CREATE TABLE public.t (a int); {text}") == []


def test_a_view_of_the_same_script_needs_no_care() -> None:
    assert found("CREATE MATERIALIZED VIEW m AS SELECT 1; REFRESH MATERIALIZED VIEW m") == []


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE t ADD a int, ADD b int NOT NULL DEFAULT 1, ADD c timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER a SET NOT NULL",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i",
        "ALTER DOMAIN d ADD CHECK (VALUE > 1) NOT VALID",
        "ALTER DOMAIN d SET NOT NULL",
        "ALTER TYPE e RENAME ATTRIBUTE a TO b",
        "ALTER INDEX i RENAME TO j",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "DROP INDEX CONCURRENTLY i",
        "DROP FUNCTION f()",
        "REINDEX INDEX CONCURRENTLY i",
        "REINDEX SCHEMA s",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
        "VACUUM t",
        "UPDATE t SET a = 1 WHERE b",
    ],
)
def test_the_safe_way_is_right(text: str) -> None:
    assert found(text) == []


def test_the_directive_contract_allows_to_destroy() -> None:
    text = "DROP TABLE a; ALTER TABLE b DROP c; TRUNCATE d"
    assert found(text, contract=True) == []
    assert len(found(text)) == 3


def test_cascade_is_told_even_so() -> None:
    assert found("DROP TABLE a CASCADE; TRUNCATE b CASCADE", contract=True) == [
        "1:1 drop-cascade",
        "1:23 ban-truncate-cascade",
    ]


def test_a_required_column_without_a_default_breaks_the_run() -> None:
    finding = only("ALTER TABLE users ADD email text NOT NULL")
    assert (finding.rule, finding.level) == ("adding-required-field", "error")
    assert "fails as soon as users has a row" in finding.what
    assert "ALTER TABLE users ALTER COLUMN email SET NOT NULL;" in finding.rewrite
    assert found("ALTER TABLE users ADD id int PRIMARY KEY")[0] == "1:1 adding-required-field"


def test_dropping_a_database_is_an_error() -> None:
    finding = only("DROP DATABASE shop")
    assert (finding.rule, finding.level) == ("ban-drop-database", "error")


def test_validating_in_the_same_file_is_for_nothing() -> None:
    text = "ALTER TABLE a ADD CONSTRAINT c CHECK (b > 1) NOT VALID;\nALTER TABLE a VALIDATE CONSTRAINT c"
    assert found(text) == ["2:1 constraint-missing-not-valid"]


def test_several_changes_in_one_statement_are_told_one_by_one() -> None:
    _, findings = judged("ALTER TABLE a ADD CONSTRAINT c CHECK (b > 1), ADD FOREIGN KEY (d) REFERENCES e")
    assert [each.rewrite.splitlines()[0] for each in findings] == [
        "-- with NOT VALID: c of a",
        "-- with NOT VALID: a_d_fkey of a",
    ]


def test_without_trees_nothing_is_judged() -> None:
    assert list(evaluate(read_sqlite("DROP TABLE a"), Directives())) == []


def test_every_rule_that_is_listed_is_said_in_a_sentence() -> None:
    assert all(what and not what.endswith(".") for what in RULES.values())
    told = {rule for _, rule, _ in COLUMNS + CONSTRAINTS + TABLES}
    assert told <= set(RULES)
