import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from acme.store import Store

MIGRATIONS = Path(__file__).parent.parent / "migrations" / "sqlite"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "acme.sqlite3")


def test_a_note_is_found_by_its_text_and_by_its_tag(store: Store) -> None:
    milk = store.add_note("buy milk", ["home"])
    store.add_note("call Bob")

    assert store.find_notes("milk", 10) == store.find_notes("home", 10) == [milk]


def test_the_newest_notes_come_first(store: Store) -> None:
    notes = [store.add_note(f"note {number}") for number in range(5)]

    assert store.find_notes("note", 2) == [notes[4], notes[3]]


def test_an_event_is_remembered_once(store: Store) -> None:
    assert store.add_event("d-1", "push", "{}")
    assert not store.add_event("d-1", "push", "{}")
    assert store.count_events() == 1


def test_a_database_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    Store(tmp_path / "acme.sqlite3").add_note("stays")

    assert Store(tmp_path / "acme.sqlite3").find_notes("stays", 1)


def test_the_migrations_make_the_tables_of_a_new_database(tmp_path: Path) -> None:
    Store(tmp_path / "new.sqlite3")
    with closing(sqlite3.connect(tmp_path / "migrated.sqlite3")) as database:
        for script in sorted(MIGRATIONS.glob("[0-9]*.sql")):
            if script.suffixes == [".sql"]:
                database.executescript(script.read_text(encoding="utf-8"))

    assert _tables(tmp_path / "migrated.sqlite3") == _tables(tmp_path / "new.sqlite3")


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    Store(tmp_path / "acme.sqlite3")
    with closing(sqlite3.connect(tmp_path / "acme.sqlite3")) as database:
        for script in sorted(MIGRATIONS.glob("*.down.sql"), reverse=True):
            database.executescript(script.read_text(encoding="utf-8"))

    assert _tables(tmp_path / "acme.sqlite3") == set()


def test_notes_and_events_survive_the_migrations_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "acme.sqlite3"
    scripts = [script for script in sorted(MIGRATIONS.glob("[0-9]*.sql")) if script.suffixes == [".sql"]]
    for number, script in enumerate(scripts):
        with closing(sqlite3.connect(path)) as database:
            database.executescript(script.read_text(encoding="utf-8"))
        if number >= 1:
            Store(path).add_note(f"note {number}")
            Store(path).add_event(f"d-{number}", "push", "{}")

    notes = Store(path).find_notes("note", 20)
    assert [note.body for note in notes] == [f"note {number}" for number in range(len(scripts) - 1, 0, -1)]
    assert Store(path).count_events() == len(scripts) - 1
    assert not Store(path).add_event("d-1", "push", "{}")


def _tables(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
