"""Transaction control, settings, and statements that no transaction can hold."""

import pytest

from shipit.migrations.model import Directives
from shipit.migrations.transactions import alone, findings
from tests.unit.migrations.reading import found, only, read, read_sqlite


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a",
        "PREPARE TRANSACTION 'a'", "COMMIT PREPARED 'a'", "SET TRANSACTION READ ONLY", "DISCARD ALL",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    ],
)  # fmt: skip
def test_transaction_control_is_an_error_that_nothing_allows(text: str) -> None:
    assert found(f"CREATE TABLE a ();\n{text}") == ["2:1 transaction-control"]


def test_it_is_said_why() -> None:
    finding = only("BEGIN")
    assert "BEGIN here would break that atomicity" in finding.what
    assert (finding.level, finding.rewrite) == (
        "error",
        "-- leave it out: all of the file is one transaction already",
    )


def test_down_and_verify_scripts_are_asked_too() -> None:
    assert found("CREATE TABLE a ()", "DROP TABLE a;\nCOMMIT") == ["2:1 transaction-control"]


@pytest.mark.parametrize("text", ["BEGIN IMMEDIATE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a"])
def test_sqlite_has_its_own_words(text: str) -> None:
    (finding,) = findings(read_sqlite(f"SELECT 1; {text}"), Directives())
    assert (finding.rule, finding.place.column) == ("transaction-control", 11)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CREATE INDEX CONCURRENTLY ON a (b)", "CREATE INDEX CONCURRENTLY"),
        ("CREATE INDEX ON a (b)", ""),
        ("DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"),
        ("DROP INDEX i", ""),
        ("REINDEX INDEX CONCURRENTLY i", "REINDEX CONCURRENTLY"),
        ("REINDEX (CONCURRENTLY false) INDEX i", ""),
        ("REINDEX SCHEMA s", "REINDEX of more than one table"),
        ("VACUUM a", "VACUUM"),
        ("ANALYZE a", ""),
        ("ALTER SYSTEM SET a = 1", "ALTER SYSTEM"),
        ("CREATE DATABASE a", "CREATE DATABASE"),
        ("DROP DATABASE a", "DROP DATABASE"),
        ("CREATE TABLESPACE a LOCATION '/x'", "CREATE TABLESPACE"),
        ("DROP TABLESPACE a", "DROP TABLESPACE"),
        ("ALTER DATABASE a SET TABLESPACE b", "ALTER DATABASE … SET TABLESPACE"),
        ("ALTER DATABASE a CONNECTION LIMIT 3", ""),
        ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", "DETACH PARTITION CONCURRENTLY"),
        ("ALTER TABLE a DETACH PARTITION b", ""),
        ("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", "CREATE SUBSCRIPTION"),
        ("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false)", ""),
        ("DROP SUBSCRIPTION s", "DROP SUBSCRIPTION"),
        ("CLUSTER", "CLUSTER of more than one table"),
        ("CLUSTER a USING i", ""),
    ],
)
def test_what_no_transaction_can_hold(text: str, words: str) -> None:
    assert alone(read(text)[0]) == words


def test_a_statement_without_a_tree_is_known_by_its_first_word() -> None:
    assert [alone(each) for each in read_sqlite("VACUUM; PRAGMA main.Journal_Mode=wal; SELECT 1")] == [
        "VACUUM",
        "PRAGMA journal_mode",
        "",
    ]


class TestSolo:
    def test_alone_in_its_file_it_is_right(self) -> None:
        assert found("CREATE INDEX CONCURRENTLY i ON a (b)") == []

    def test_with_others_each_of_them_is_told_to_go(self) -> None:
        text = "CREATE INDEX CONCURRENTLY i ON a (b);\nCREATE TABLE c ();\nDROP INDEX CONCURRENTLY j"
        assert found(text) == ["1:1 solo-file", "3:1 solo-file"]

    def test_the_directive_holds_for_one_statement(self) -> None:
        assert found("UPDATE a SET b = 1 WHERE c", solo=True) == []
        assert found("SELECT 1;\nSELECT 2", solo=True) == ["2:1 solo-file"]
        assert found("", solo=True) == []

    def test_a_down_script_shares_its_transaction(self) -> None:
        finding = only("CREATE INDEX CONCURRENTLY i ON a (b)", "DROP INDEX concurrently i", solo=True)
        assert (finding.rule, finding.rewrite) == ("solo-down", "DROP INDEX i;")
        assert found("CREATE TABLE a ()", "VACUUM a; DROP TABLE a") == ["1:1 solo-file"]


@pytest.mark.parametrize(
    ("text", "rewrite"),
    [
        ("SET search_path = a", "SET LOCAL search_path = a;"),
        ("set session x.y to 'z'", "SET LOCAL x.y to 'z';"),
        ("SET SESSION AUTHORIZATION ada", "SET LOCAL SESSION AUTHORIZATION ada;"),
        ("RESET ALL", ""),
        ("SELECT pg_catalog.set_config('search_path', '', false)", "-- true as the last argument"),
        ("SELECT set_config(a.b, 'c', d.e) FROM a, d", "-- true as the last argument"),
    ],
)
def test_of_a_setting_it_is_told_that_it_ends_with_the_migration(text: str, rewrite: str) -> None:
    finding = only(text)
    assert (finding.rule, finding.level, finding.rewrite) == ("session-setting", "warning", rewrite)
    assert "each begins with the settings of the connection" in finding.what


@pytest.mark.parametrize(
    "text", ["SET LOCAL search_path = a", "SELECT set_config('a.b', 'c', true)", "SELECT 'set_config'"]
)
def test_a_setting_of_the_transaction_is_right(text: str) -> None:
    assert found(text) == []


class TestInnerCommit:
    def test_a_do_block_may_not_end_the_transaction(self) -> None:
        finding = only("DO $$ BEGIN UPDATE a SET b = 1; COMMIT; END $$")
        assert (finding.rule, finding.level) == ("inner-commit", "error")
        assert "COMMIT in the DO block" in finding.what

    def test_nor_may_a_procedure_that_is_called(self) -> None:
        body = "LANGUAGE plpgsql AS $$ BEGIN ROLLBACK AND CHAIN; END $$"
        assert found(f"CREATE PROCEDURE public.p() {body};\nCALL p()") == ["2:1 inner-commit"]

    @pytest.mark.parametrize(
        "text",
        [
            "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$",
            "CALL unheard()",
            "DO $$ BEGIN RAISE NOTICE 'COMMIT;'; END $$ -- COMMIT;",
        ],
    )
    def test_what_does_not_run_now_is_right(self, text: str) -> None:
        assert found(text) == []

    def test_outside_of_a_transaction_it_is_right(self) -> None:
        assert found("DO $$ BEGIN COMMIT; END $$", solo=True) == []
