"""The migrations of the sample product go up, are verified, rolled back and go up again, statement by statement."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import postgast
import psycopg
import pytest

from shipit.adapters.migration_files import MigrationFiles
from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.adapters.sqlite.grammar import SqliteGrammar
from shipit.migrate.ports import Syntax
from shipit.migrations import folder
from shipit.migrations.judgement import prepare
from shipit.migrations.model import Dialect
from tests.support.postgres import Server

ACME = Path(__file__).parents[3] / "examples" / "acme"
POSTGRES = ACME / "migrations" / "postgresql"
SQLITE = ACME / "migrations" / "sqlite"
SOLO = "-- shipit: solo\n"

# what anybody can see of a schema; the order of columns aside: a column that is added again comes last
SCHEMA = """
SELECT 'column', attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod), attnotnull::text,
       coalesce(pg_get_expr(adbin, adrelid), '')
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped AND attrelid IN
      (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
UNION ALL SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text, '', ''
FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid), '', '', '' FROM pg_trigger
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid), '', '', ''
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid), convalidated::text, '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT 'value', enumtypid::regtype::text, enumlabel, '', '', '' FROM pg_enum
ORDER BY 1, 2, 3
"""


def labels(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.sql") if path.suffixes == [".sql"])


def script(folder: Path, label: str, way: str) -> str:
    return (folder / (f"{label}.sql" if way == "up" else f"{label}.{way}.sql")).read_text("utf-8")


class Postgres:
    """Runs scripts as any careful client would: each statement by itself, all of a script in one transaction."""

    def __init__(self, address: str) -> None:
        self.connection = psycopg.connect(address, autocommit=True)

    def run(self, label: str, way: str) -> None:
        text = script(POSTGRES, label, way)
        statements = [part.strip() for part in postgast.split(text) if part.strip()]
        if text.startswith(SOLO):
            assert len(statements) == 1
            self.connection.execute(statements[0].encode())
            return
        with self.connection.transaction():
            for statement in statements:
                cursor = self.connection.execute(statement.encode())
                if way == "verify":
                    assert cursor.description, statement
                    assert all(row[0] not in {None, False} for row in cursor), statement

    def look(self) -> Sequence[object]:
        return self.connection.execute(SCHEMA.encode()).fetchall()

    def fill(self) -> None:
        self.connection.execute("INSERT INTO notes (id, body) VALUES (gen_random_uuid()::text, 'text')")
        self.connection.execute(
            "INSERT INTO events (delivery, kind, payload) VALUES (gen_random_uuid()::text, 'push', '{}')"
        )

    def counts(self) -> tuple[object, ...] | None:
        return self.connection.execute(
            "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM events)"
        ).fetchone()


class Sqlite:
    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)

    def run(self, label: str, way: str) -> None:
        pending = ""
        self.connection.execute("BEGIN IMMEDIATE")
        for line in script(SQLITE, label, way).splitlines(keepends=True):
            pending += line
            if sqlite3.complete_statement(pending):
                rows = self.connection.execute(pending).fetchall()
                assert way != "verify" or all(row[0] not in {None, 0} for row in rows), pending
                pending = ""
        assert not pending.strip()
        self.connection.execute("COMMIT")

    def look(self) -> Sequence[object]:
        query = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2"
        return self.connection.execute(query).fetchall()

    def fill(self) -> None:
        self.connection.execute("INSERT INTO notes (id, body) VALUES (hex(randomblob(8)), 'text')")
        self.connection.execute(
            "INSERT INTO events (delivery, kind, payload) VALUES (hex(randomblob(8)), 'push', '{}')"
        )

    def counts(self) -> tuple[object, ...] | None:
        found: tuple[object, ...] = self.connection.execute(
            "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM events)"
        ).fetchone()
        return found


@pytest.fixture
def postgres(server: Server, database: str) -> Iterator[Postgres]:
    opened = Postgres(server.url(database))
    yield opened
    opened.connection.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Sqlite]:
    opened = Sqlite(tmp_path / "acme.sqlite3")
    with closing(opened.connection):
        yield opened


def there_and_back(folder: Path, database: Postgres | Sqlite) -> None:
    """Each migration up, verified, down, up again, with rows that the version that is live writes in between."""
    for number, label in enumerate(labels(folder)):
        before = database.look()
        database.run(label, "up")
        database.run(label, "verify")
        after = database.look()
        if number >= 1:
            database.fill()
        counted = database.counts() if number >= 1 else None
        assert before != after or "backfill" in label, label
        if number >= 2:
            database.run(label, "down")
            assert database.look() == before, label
            database.fill()
            assert counted != database.counts(), label
            database.run(label, "up")
            database.run(label, "verify")
        assert database.look() == after, label


def all_the_way_back(folder: Path, database: Postgres | Sqlite) -> None:
    for label in reversed(labels(folder)):
        database.run(label, "down")
    assert database.look() == []


def test_every_migration_goes_up_and_back_and_up_again_on_postgresql(postgres: Postgres) -> None:
    there_and_back(POSTGRES, postgres)
    all_the_way_back(POSTGRES, postgres)


def test_every_migration_goes_up_and_back_and_up_again_on_sqlite(sqlite: Sqlite) -> None:
    there_and_back(SQLITE, sqlite)
    all_the_way_back(SQLITE, sqlite)


def test_the_first_two_are_the_same_for_both() -> None:
    for label in labels(SQLITE)[:2]:
        for way in ("up", "down", "verify"):
            assert script(SQLITE, label, way) == script(POSTGRES, label, way)


@pytest.mark.parametrize("folder", [POSTGRES, SQLITE], ids=lambda folder: folder.name)
def test_every_migration_can_be_verified_and_taken_back(folder: Path) -> None:
    assert len(labels(folder)) >= 9
    for label in labels(folder):
        assert (folder / f"{label}.down.sql").exists(), label
        assert (folder / f"{label}.verify.sql").exists(), label


@pytest.mark.parametrize(
    ("name", "dialect", "grammar"),
    [
        ("migrations/postgresql", "postgresql", PostgresGrammar()),
        ("migrations/sqlite", "sqlite", SqliteGrammar()),
    ],
    ids=["postgresql", "sqlite"],
)
def test_nothing_is_to_be_said_against_them(name: str, dialect: Dialect, grammar: Syntax) -> None:
    read = folder.read(MigrationFiles(ACME, name).read()[0], dialect, name)
    judged = [prepare(migration, grammar) for migration in read.migrations]
    found = [*read.findings, *(finding for _, findings in judged for finding in findings)]
    assert [f"{finding.place}: {finding.what}" for finding in found] == []
    assert [one.label for one, _ in judged] == labels(ACME / name)
    solo = ["0007_notes_by_written_at", "0010_events_failed"] if dialect == "postgresql" else []
    assert [one.label for one, _ in judged if one.solo] == solo


def test_a_failed_event_keeps_its_value_from_being_taken_away(postgres: Postgres, sqlite: Sqlite) -> None:
    for scripts, database, last in ((POSTGRES, postgres, "0009"), (SQLITE, sqlite, "0006")):
        for label in labels(scripts):
            if label[:4] <= last:
                database.run(label, "up")
        database.fill()
        database.connection.execute("UPDATE events SET outcome = 'failed'")
        failing = "0009_event_outcome_failed" if scripts is POSTGRES else "0006_event_outcome_failed"
        with pytest.raises((psycopg.Error, sqlite3.Error)):
            database.run(failing, "down")
