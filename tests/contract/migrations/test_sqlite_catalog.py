"""What SQLite's catalog tells: schemas that are the same however they are spelled, and what others changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipit.adapters.sqlite.database import open_database
from shipit.errors import Refused
from shipit.migrate.ports import Database
from tests.contract.migrations.contracts import RUN, migration, options, silent


def opened(path: Path) -> Database:
    return open_database(path, options(1, 0), path.parent / "backups")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acme.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = opened(path)
    yield made
    made.close()


def others(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def fingerprint(tmp_path: Path, *statements: str) -> str:
    place = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
    others(place, *statements)
    database = opened(place)
    try:
        return database.catalog.fingerprint()
    finally:
        database.close()


PLAIN = "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT DEFAULT 'Ab', CHECK (id > 0))"


@pytest.mark.parametrize(
    "spelled",
    [
        ["create  table\nnotes(id integer primary key,title text default 'Ab',check(id>0))"],
        ['CREATE TABLE "notes" ([id] INTEGER PRIMARY KEY, `title` TEXT DEFAULT \'Ab\', CHECK ("id" > 0))'],
        [PLAIN.replace("notes (", "IF NOT EXISTS notes ( -- the key\n").replace("CHECK", "/* always\n */ CHECK")],
        [PLAIN.replace("notes", "new"), "ALTER TABLE new RENAME TO notes"],
        [PLAIN.replace("title", "name"), "ALTER TABLE notes RENAME COLUMN name TO title"],
    ],
)  # fmt: skip
def test_the_same_table_has_the_same_fingerprint(tmp_path: Path, spelled: list[str]) -> None:
    assert fingerprint(tmp_path, *spelled) == fingerprint(tmp_path, PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("'Ab'", "'ab'"),
        PLAIN.replace("> 0", ">= 0"),
        PLAIN.replace("title", "Title"),
        PLAIN.replace("TEXT", "TEXT NOT NULL"),
        PLAIN.replace("TEXT", "TEXT COLLATE NOCASE"),
        PLAIN.replace("TEXT", "VARCHAR"),
        PLAIN.replace("KEY,", "KEY AUTOINCREMENT,"),
        PLAIN + " WITHOUT ROWID",
        PLAIN + " STRICT",
    ],
)
def test_another_table_has_another_fingerprint(tmp_path: Path, other: str) -> None:
    assert fingerprint(tmp_path, other) != fingerprint(tmp_path, PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE INDEX i ON notes (title)", "CREATE INDEX i ON notes (title DESC)"),
        ("CREATE INDEX i ON notes (title)", "CREATE UNIQUE INDEX i ON notes (title)"),
        ("CREATE INDEX i ON notes (title)", "CREATE INDEX i ON notes (title) WHERE id > 5"),
        ("CREATE VIEW v AS SELECT id FROM notes", "CREATE VIEW v AS SELECT title FROM notes"),
        ("CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END",
         "CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 2; END"),
    ],
)  # fmt: skip
def test_what_belongs_to_a_table_counts(tmp_path: Path, one: str, other: str) -> None:
    found = {fingerprint(tmp_path, PLAIN, *more) for more in ([], [one], [other])}
    assert len(found) == 3


def test_the_order_in_which_things_were_made_does_not_count(tmp_path: Path) -> None:
    view, index = "CREATE VIEW v AS SELECT id FROM notes", "CREATE INDEX i ON notes (title)"
    assert fingerprint(tmp_path, PLAIN, view, index) == fingerprint(tmp_path, PLAIN, index, view)


def test_a_table_that_was_rebuilt_as_sqlite_advises_is_the_same(path: Path, database: Database) -> None:
    child = "CREATE TABLE events (id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes (id))"
    others(path, PLAIN, child, "INSERT INTO notes VALUES (1, 'a')", "INSERT INTO events VALUES (1, 1)")
    before = database.catalog.baseline()
    rebuild = migration(
        "0001",
        PLAIN.replace("notes", "notes_new"),
        "INSERT INTO notes_new SELECT * FROM notes",
        "DROP TABLE notes",
        "ALTER TABLE notes_new RENAME TO notes",
    )
    database.runner.apply([rebuild], RUN.id, silent)
    after = database.catalog.baseline()
    assert (after.fingerprint, after.counts) == (before.fingerprint, {"events": 1, "notes": 1})


def test_a_virtual_table_counts_by_the_tables_that_it_keeps(path: Path, database: Database) -> None:
    others(path, "CREATE VIRTUAL TABLE texts USING fts5 (body)", "INSERT INTO texts VALUES ('words')")
    assert "table texts" in database.catalog.describe()
    assert database.catalog.counts()["texts_content"] == 1
    assert "texts" not in database.catalog.counts()


def test_odd_names_are_read(path: Path, database: Database) -> None:
    others(path, 'CREATE TABLE "a ""b"" [c]" ("or der" TEXT)', 'INSERT INTO "a ""b"" [c]" VALUES (\'x\')')
    assert database.catalog.counts() == {'a "b" [c]': 1}
    assert len(database.catalog.fingerprint()) == 64


def test_reading_makes_no_file_and_the_first_write_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "var" / "deep" / "acme.db"
    database = opened(path)
    assert (database.catalog.counts(), database.catalog.describe(), database.health.size()) == ({}, {}, 0)
    assert not path.parent.exists()
    database.ledger.bind("staging")
    assert path.is_file()
    database.close()


def test_a_file_that_takes_the_name_is_another_database(path: Path, database: Database) -> None:
    others(path, PLAIN)
    mark = database.catalog.baseline().mark
    others(path.with_name("other.db"), "CREATE TABLE another (a)")
    path.with_name("other.db").replace(path)
    assert database.catalog.counts() == {"another": 0}
    with pytest.raises(Refused, match="nobody can know"):
        database.catalog.foreign_since(mark)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("INSERT INTO notes VALUES (3, 'c'), (4, 'd')", 2),
        ("UPDATE notes SET title = 'A' WHERE id = 1", 2),
        ("DELETE FROM notes WHERE id = 1", 1),
        ("CREATE TABLE more AS SELECT 1 AS a UNION ALL SELECT 1", 2),
        ("ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 3", 0),
        ("INSERT INTO doubles VALUES ('x')", 1),
        ("UPDATE doubles SET a = 'X'", 3),  # x and y are gone, X is there
        ("CREATE INDEX i ON notes (title)", 0),
        ("DROP TABLE doubles", 0),
    ],
)
def test_another_process_counts_the_rows_that_a_restore_would_take_away(
    path: Path, database: Database, change: str, number: int
) -> None:
    others(path, PLAIN, "INSERT INTO notes VALUES (1, 'a'), (2, 'b')")
    others(path, "CREATE TABLE doubles (a TEXT COLLATE NOCASE)", "INSERT INTO doubles VALUES ('x'), ('y')")
    others(path, "INSERT INTO doubles VALUES ('x')")
    mark = database.backups.take(RUN.id, silent).mark
    later = opened(path)
    assert later.catalog.foreign_since(mark) == 0
    others(path, change)
    assert later.catalog.foreign_since(mark) == number
    assert database.catalog.foreign_since(mark) >= 1  # this one saw that somebody wrote, whatever it was
    later.close()


def test_what_was_written_into_a_new_column_would_be_lost_too(path: Path, database: Database) -> None:
    others(path, PLAIN, "INSERT INTO notes VALUES (1, 'a'), (2, 'b')")
    mark = database.backups.take(RUN.id, silent).mark
    others(path, "ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 3", "UPDATE notes SET stars = 5 WHERE id = 2")
    later = opened(path)
    assert later.catalog.foreign_since(mark) == 1
    later.close()


def test_without_a_backup_another_process_cannot_know(path: Path, database: Database) -> None:
    others(path, PLAIN)
    later = opened(path)
    with pytest.raises(Refused, match="nobody can know"):
        later.catalog.foreign_since(database.catalog.baseline().mark)
    later.close()


def test_a_virtual_table_whose_module_is_not_here_is_described_all_the_same(path: Path, database: Database) -> None:
    others(path, PLAIN, "CREATE VIRTUAL TABLE texts USING fts5 (body)", "PRAGMA writable_schema = ON")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'fts5', 'nowhere') WHERE name = 'texts'")
    assert "table texts" in database.catalog.describe()
    assert "texts" not in database.catalog.counts()
