"""Migrations on SQLite: what is confined, what runs alone, and what must hold before the commit."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.sqlite.database import open_database
from shipit.adapters.sqlite.runner import Runner
from shipit.adapters.sqlite.session import Session
from shipit.errors import Denied, ExternalError, Refused
from shipit.migrate.ports import Database
from shipit.migrations.model import Prepared
from shipit.migrations.records import Needs
from tests.contract.migrations.contracts import EVENTS, NOTES, RUN, migration, options, python, silent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acme.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = open_database(path, options(0.3, 0), path.parent / "backups")
    yield made
    made.close()


def others(path: Path, *statements: str) -> Sequence[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        answers = [connection.execute(statement).fetchall() for statement in statements]
    return answers[-1]


def apply(database: Database, *migrations: Prepared) -> None:
    database.runner.apply(migrations, RUN.id, silent)


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT",
        "END",
        "ROLLBACK",
        "BEGIN",
        "ATTACH 'other.db' AS other",
        "DELETE FROM shipit_migration",
        "UPDATE shipit_identity SET environment = 'production'",
        "DROP TABLE Shipit_Run",
        "ALTER TABLE shipit_migration RENAME TO elsewhere",
        "ALTER TABLE shipit_migration ADD COLUMN more TEXT",
        "CREATE INDEX by_name ON shipit_migration (name)",
        "CREATE TRIGGER t AFTER INSERT ON shipit_migration BEGIN DELETE FROM notes; END",
        "CREATE TEMP TRIGGER t AFTER INSERT ON shipit_migration BEGIN DELETE FROM notes; END",
    ],
)
def test_a_script_may_not_leave_its_confines(path: Path, database: Database, statement: str) -> None:
    database.ledger.bind("staging")
    with pytest.raises(Denied, match="may not") as caught:
        apply(database, migration("0001", NOTES, statement))
    assert (caught.value.where or "").startswith("migrations/0001_step.sql:2")
    assert (database.catalog.counts(), [*database.ledger.applied()]) == ({}, [])
    assert database.ledger.identity() == "staging"


@pytest.mark.parametrize("call", ["commit()", "rollback()", "executescript('SELECT 1')", "execute('COMMIT')"])
def test_python_may_not_end_the_transaction_by_any_way(database: Database, call: str) -> None:
    one = python("0001", f"def up(connection):\n    connection.execute({NOTES!r})\n    connection.{call}\n")
    with pytest.raises(Denied) as caught:
        apply(database, one)
    assert caught.value.where == "migrations/0001_step.py:3"
    assert database.catalog.counts() == {}


def test_a_conflict_that_rolls_back_leaves_nothing(database: Database) -> None:
    with pytest.raises(ExternalError, match="UNIQUE"):
        apply(
            database,
            migration(
                "0001", NOTES, "INSERT INTO notes VALUES (1, 'a')", "INSERT OR ROLLBACK INTO notes VALUES (1, 'b')"
            ),
        )
    assert (database.catalog.counts(), [*database.ledger.applied()]) == ({}, [])


def test_a_trigger_is_one_statement_and_savepoints_are_a_scripts_own(path: Path, database: Database) -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON notes BEGIN UPDATE notes SET title = upper(title); END"
    steps = ["SAVEPOINT s", "INSERT INTO notes VALUES (1, 'a')", "ROLLBACK TO s", "RELEASE s"]
    apply(database, migration("0001", NOTES, trigger, *steps, "INSERT INTO notes VALUES (2, 'b')"))
    assert others(path, "SELECT * FROM notes") == [(2, "B")]


def test_rows_that_point_nowhere_are_refused_before_the_commit(path: Path, database: Database) -> None:
    apply(database, migration("0001", NOTES, EVENTS))
    others(path, "INSERT INTO notes VALUES (1, 'a')", "INSERT INTO events VALUES (1, 1)")
    with pytest.raises(ExternalError, match="points nowhere") as caught:
        apply(database, migration("0002", "DELETE FROM notes"))
    assert caught.value.evidence == ("events → notes: 1 row",)
    assert database.catalog.counts() == {"events": 1, "notes": 1}


def test_rows_that_pointed_nowhere_before_are_not_the_migrations_fault(path: Path, database: Database) -> None:
    others(path, NOTES, EVENTS, "INSERT INTO events VALUES (1, 7)")
    apply(database, migration("0001", "ALTER TABLE notes ADD COLUMN body TEXT"))
    assert [row.version for row in database.ledger.applied()] == ["0001"]


def test_a_reference_that_was_declared_wrongly_before_stops_nothing(path: Path, database: Database) -> None:
    others(
        path, "CREATE TABLE a (x TEXT)", "CREATE TABLE b (x TEXT REFERENCES a (x))", "INSERT INTO b VALUES ('1')"
    )
    apply(database, migration("0001", NOTES))
    assert [row.version for row in database.ledger.applied()] == ["0001"]


def test_what_needs_no_transaction_gets_a_hint(database: Database) -> None:
    with pytest.raises(ExternalError) as caught:
        apply(database, migration("0001", "VACUUM"))
    assert "solo" in (caught.value.hint or "")


def test_the_journal_mode_is_changed_alone(path: Path, database: Database) -> None:
    database.runner.apply_solo(migration("0001", "PRAGMA journal_mode = WAL"), RUN.id, silent)
    assert others(path, "PRAGMA journal_mode") == [("wal",)]
    assert database.health.server().endswith("journal mode wal")


def test_a_journal_mode_that_stays_is_a_failure_and_leaves_no_intent(path: Path, database: Database) -> None:
    others(path, "PRAGMA journal_mode = wal", NOTES)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("SELECT * FROM notes").fetchall()
        one = migration("0001", "PRAGMA journal_mode = DELETE")
        with pytest.raises(ExternalError):
            database.runner.apply_solo(one, RUN.id, silent)
    assert database.runner.settled(one) is False
    assert others(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_pragma_that_answers_another_mode_is_a_failure(database: Database) -> None:
    with pytest.raises(ExternalError, match="journal mode stays delete"):
        database.runner.apply_solo(migration("0001", "PRAGMA journal_mode = nonsense"), RUN.id, silent)


def test_a_solo_migration_that_a_transaction_can_hold_is_run_in_one(path: Path, database: Database) -> None:
    one = migration("0001", NOTES, "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(ExternalError, match="nowhere"):
        database.runner.apply_solo(one, RUN.id, silent)
    assert (database.catalog.counts(), database.runner.settled(one)) == ({}, False)


def test_a_solo_migration_of_a_run_that_died_is_neither_done_nor_absent(path: Path, database: Database) -> None:
    one = migration("0001", "VACUUM")
    database.ledger.bind("staging")
    others(path, "INSERT INTO shipit_intent VALUES ('0001', 'dead', 0)")
    assert database.runner.settled(one) is None
    database.runner.apply_solo(one, RUN.id, silent)
    assert database.runner.settled(one) is True
    assert others(path, "SELECT * FROM shipit_intent") == []


def test_a_migration_without_a_way_back_is_not_taken_back(database: Database) -> None:
    one = migration("0001", NOTES)
    apply(database, one)
    with pytest.raises(Refused, match="no down script"):
        database.runner.revert([one], RUN.id, silent)
    assert database.catalog.counts() == {"notes": 0}


@pytest.mark.parametrize("drifted", [False, True])
def test_after_taking_back_the_newest_row_tells_the_schema_unless_it_had_drifted(
    path: Path, database: Database, drifted: bool
) -> None:
    steps = [migration("0001", NOTES), migration("0002", EVENTS, down=["DROP TABLE events"])]
    apply(database, *steps)
    assert [bool(row.fingerprint) for row in database.ledger.applied()] == [False, True]
    if drifted:
        others(path, "CREATE TABLE by_hand (a)")
    database.runner.revert(steps[1:], RUN.id, silent)
    [left] = database.ledger.applied()
    assert left.fingerprint == ("" if drifted else database.catalog.fingerprint())


def test_taking_back_what_is_not_applied_does_nothing(database: Database) -> None:
    one, other = (
        migration("0001", NOTES, down=["DROP TABLE notes"]),
        migration("0002", EVENTS, down=["DROP TABLE x"]),
    )
    apply(database, one)
    database.runner.revert([other, one], RUN.id, silent)
    assert database.catalog.counts() == {}


@pytest.mark.parametrize("happened", [True, False])
def test_a_commit_that_fails_unclearly_is_settled_by_looking(
    path: Path, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    session = Session(path, lock_patience=0.3, statement_timeout=0)
    commit = session._commit

    def failing(connection: sqlite3.Connection) -> None:
        def fail(_: Any) -> Any:
            connection.execute("COMMIT" if happened else "ROLLBACK")
            raise sqlite3.OperationalError("disk I/O error")

        with monkeypatch.context() as patched:
            patched.setattr(session, "patiently", fail)
            commit(connection)

    monkeypatch.setattr(session, "_commit", failing)
    one = migration("0001", NOTES, down=["DROP TABLE notes"])
    if happened:
        Runner(session).apply([one], RUN.id, silent)
        Runner(session).revert([one], RUN.id, silent)
        assert others(path, "SELECT name FROM sqlite_schema WHERE name = 'notes'") == []
        monkeypatch.setattr(Runner, "_intend", lambda *_: None)  # its own commit would fail as well
        Runner(session).apply_solo(migration("0002", "VACUUM"), RUN.id, silent)
        assert others(path, "SELECT version FROM shipit_migration") == [("0002",)]
    else:
        with pytest.raises(ExternalError, match="disk"):
            Runner(session).apply([one], RUN.id, silent)
    session.close()


def test_a_file_that_is_no_database_is_named(path: Path, database: Database) -> None:
    path.write_text("this is a text, and no database " * 40)
    with pytest.raises(Denied, match="not a SQLite database") as caught:
        database.ledger.bind("staging")
    assert caught.value.where == str(path)
    assert [problem.what for problem in database.health.problems(Needs())] == ["the file is not a SQLite database"]


def test_a_folder_is_no_database(path: Path, database: Database) -> None:
    path.mkdir()
    with pytest.raises(Denied):
        database.ledger.bind("staging")
    assert database.health.problems(Needs())


def test_a_file_that_is_not_there_is_remarked_and_no_problem(path: Path, database: Database) -> None:
    assert [*database.health.problems(Needs())] == []
    assert "will be made" in database.health.remarks(Needs())[0]
    assert database.health.server().endswith("no file yet")
    assert str(database.health.address) == str(path)


def test_the_size_is_that_of_the_pages(path: Path, database: Database) -> None:
    others(path, NOTES)
    assert database.health.size() == path.stat().st_size


def test_a_rehearsal_knows_views_triggers_and_virtual_tables(path: Path, database: Database) -> None:
    others(
        path,
        "CREATE VIEW early AS SELECT 1 AS one",
        NOTES,
        "CREATE VIRTUAL TABLE texts USING fts5 (body)",
        "CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO texts VALUES (new.title); END",
        "CREATE TABLE made (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1))",
        "INSERT INTO notes VALUES (1, 'a')",
    )
    database.ledger.bind("staging")
    said = list[str]()
    one = migration("0001", "INSERT INTO notes VALUES (1, 'b')", "ALTER TABLE made ADD COLUMN c")
    database.rehearsal.rehearse([[one]], said.append)
    assert said == ["0001_step rehearsed"]
    assert others(path, "SELECT * FROM notes") == [(1, "a")]


def test_a_rehearsal_of_a_file_that_is_not_there_makes_none(path: Path, database: Database) -> None:
    database.rehearsal.rehearse([[migration("0001", NOTES, down=["DROP TABLE notes"])]], silent)
    assert not path.exists()


TABLES = {
    "dbmate": (["CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)",
                "INSERT INTO schema_migrations VALUES ('20260102'), ('20260101')"], ["20260101", "20260102"]),
    "golang-migrate": (["CREATE TABLE schema_migrations (version uint64, dirty bool)",
                        "INSERT INTO schema_migrations VALUES (7, 0)"], ["7"]),
    "flyway": (["CREATE TABLE flyway_schema_history (installed_rank INT, version TEXT, type TEXT, success BOOLEAN)",
                "INSERT INTO flyway_schema_history VALUES (1, '1', 'BASELINE', 1), (2, '2', 'SQL', 1)",
                "INSERT INTO flyway_schema_history VALUES (3, '3', 'SQL', 1), (4, NULL, 'SQL', 1)",
                "INSERT INTO flyway_schema_history VALUES (5, '3', 'UNDO_SQL', 1)"], ["up to 1", "2"]),
    "alembic": (["CREATE TABLE alembic_version (version_num VARCHAR(32))",
                 "INSERT INTO alembic_version VALUES ('ae10')"], ["ae10"]),
    "django": (["CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT)",
                "INSERT INTO django_migrations VALUES (1, 'notes', '0001_initial')"], ["notes.0001_initial"]),
}  # fmt: skip


@pytest.mark.parametrize("tool", TABLES)
def test_the_table_of_another_tool_is_read(path: Path, database: Database, tool: str) -> None:
    statements, versions = TABLES[tool]
    others(path, *statements)
    assert {name: [*found] for name, found in database.adoption.found().items()} == {tool: versions}


def test_without_such_a_table_nothing_is_found(path: Path, database: Database) -> None:
    assert database.adoption.found() == {}
    others(path, "CREATE TABLE schema_migrations (something_else TEXT)")
    assert database.adoption.found() == {}


@pytest.mark.parametrize(
    ("tool", "harm"),
    [
        ("golang-migrate", "UPDATE schema_migrations SET dirty = 1"),
        ("flyway", "UPDATE flyway_schema_history SET success = 0 WHERE version = '2'"),
    ],
)
def test_what_a_tool_left_half_done_is_refused(path: Path, database: Database, tool: str, harm: str) -> None:
    others(path, *TABLES[tool][0], harm)
    with pytest.raises(Refused, match="in"):
        database.adoption.found()


def test_what_may_not_be_written_is_named_together(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    others(path, NOTES)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert [problem.what for problem in database.health.problems(Needs())] == [
        "the folder of the database may not be written",
        "the database may not be written",
    ]
    assert "may not be written" in database.restorer.possible()


def test_a_way_back_that_fails_is_named_by_the_rehearsal(database: Database) -> None:
    one = migration("0001", NOTES, down=["DROP TABLE not_there"])
    with pytest.raises(Refused, match="down script of 0001_step failed") as caught:
        database.rehearsal.rehearse([[one]], silent)
    assert (caught.value.where or "").startswith("migrations/0001_step.down.sql:1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def up(c): pass\ndef verify(c): return False", "verify function"),
        ("def up(c): pass\ndef verify(c): return 0", "verify function answered 0"),
        ("def up(c): c.close()", "may not close it"),
        ("def up(c): raise SystemExit(0)", "SystemExit: 0"),
        ("def down(c): pass", "no function `up`"),
        ("def up(c): raise ValueError('odd')", "ValueError: odd"),
    ],
)
def test_what_is_wrong_with_a_python_script_is_said(database: Database, text: str, said: str) -> None:
    with pytest.raises((ExternalError, Refused), match=said) as caught:
        apply(database, python("0001", text))
    assert (caught.value.where or "").startswith("migrations/0001_step.py")
    assert [*database.ledger.applied()] == []


def test_where_a_lock_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    database = open_database(tmp_path / "file" / "acme.db", options(0, 0), tmp_path)
    with pytest.raises(Denied, match="lock cannot be made"):
        database.guard.take(0, silent)
    with pytest.raises(Denied, match="cannot be made"):
        database.ledger.bind("staging")
    database.close()
