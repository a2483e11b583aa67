"""Backups of SQLite beside a live writer, and the way back into the file that is live."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from shipit.adapters.sqlite import copies
from shipit.adapters.sqlite.database import open_database
from shipit.errors import ExternalError, LeaseLost, Refused
from shipit.migrate.ports import Database
from shipit.migrations.records import Run
from tests.contract.migrations.contracts import NOTES, RUN, options, silent


@pytest.fixture(params=["delete", "wal"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "acme.db"
    others(path, f"PRAGMA journal_mode = {request.param}", NOTES)
    return path


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = open_database(path, options(5, 0), path.parent / "backups")
    yield made
    made.close()


def others(path: Path, *statements: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
        return [connection.execute(statement).fetchall() for statement in statements][-1]


def test_a_backup_is_one_state_while_others_write_on(path: Path, database: Database) -> None:
    others(path, "CREATE TABLE pairs (a INTEGER)")
    stop, written = threading.Event(), list[int]()

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as writer:
            while not stop.is_set():
                number = len(written)
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("INSERT INTO pairs VALUES (?), (-?)", (number, number))
                writer.execute("INSERT INTO notes VALUES (?, hex(randomblob(2000)))", (number,))
                writer.execute("COMMIT")
                written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            backup = database.backups.take(f"run-{number}", silent)
            [(count, total)] = others(Path(backup.path), "SELECT count(*), coalesce(sum(a), 0) FROM pairs")
            assert (count, total) == (2 * backup.counts["notes"], 0)
            assert backup.counts["pairs"] == count
    finally:
        stop.set()
        thread.join()
    assert others(path, "SELECT count(*) FROM notes") == [(len(written),)]


def test_nothing_lies_beside_the_backup(path: Path, database: Database) -> None:
    database.backups.take(RUN.id, silent)
    assert sorted(file.name for file in (path.parent / "backups").iterdir()) == [
        f"{RUN.id}.json",
        f"{RUN.id}.sqlite3",
    ]


def test_a_damaged_database_gives_no_backup(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    others(path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) "
                 "INSERT INTO notes SELECT i, hex(randomblob(100)) FROM n",
           "CREATE INDEX notes_title ON notes (title)", "PRAGMA wal_checkpoint(TRUNCATE)")  # fmt: skip
    data = bytearray(path.read_bytes())
    data[-6000:-2000] = bytes(4000)
    path.write_bytes(data)
    with pytest.raises(ExternalError, match="damaged"):
        database.backups.take(RUN.id, silent)
    assert list((path.parent / "backups").iterdir()) == []


def test_a_database_that_stays_locked_ends_the_copy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_LOOKS", 3)
    target = path.with_name("copy.db")
    others(target, NOTES)
    with (
        closing(sqlite3.connect(target, isolation_level=None)) as holder,
        closing(sqlite3.connect(target, isolation_level=None, timeout=0)) as busy,
        closing(sqlite3.connect(path)) as source,
    ):
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ExternalError, match="stays locked"):
            copies.copy(source, busy)


def test_a_restore_keeps_the_file_its_mode_and_its_journal(path: Path, database: Database) -> None:
    path.chmod(0o640)
    before, mode = path.stat(), others(path, "PRAGMA journal_mode")
    backup = database.backups.take(RUN.id, silent)
    others(path, "INSERT INTO notes VALUES (1, 'later')")
    restored = database.restorer.restore(backup, 1, silent)
    after = path.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert others(path, "PRAGMA journal_mode") == mode
    assert others(Path(restored.kept), "SELECT title FROM notes") == [("later",)]
    assert restored.gap < 5


def test_a_second_restore_does_not_write_over_what_the_first_one_kept(path: Path, database: Database) -> None:
    backup = database.backups.take(RUN.id, silent)
    others(path, "INSERT INTO notes VALUES (1, 'first')")
    one = database.restorer.restore(backup, 9, silent)
    others(path, "INSERT INTO notes VALUES (1, 'second')")
    two = database.restorer.restore(backup, 9, silent)
    kept = [others(Path(each.kept), "SELECT title FROM notes") for each in (one, two)]
    assert kept == [[("first",)], [("second",)]]
    left = {file.name for file in path.parent.iterdir() if file.name.startswith("acme.db.")}
    assert left == {f"acme.db.kept-{RUN.id}", f"acme.db.kept-{RUN.id}-2"}


def test_the_history_of_runs_outlives_a_restore(path: Path, database: Database) -> None:
    database.ledger.open_run(RUN)
    backup = database.backups.take(RUN.id, silent)
    ended = replace(RUN, ended=RUN.started + 5, outcome="failed")
    database.ledger.close_run(ended)
    later = Run("later", "restore", "ada", "laptop", RUN.started + 9)
    database.ledger.open_run(later)
    database.restorer.restore(backup, 0, silent)
    assert list(database.ledger.runs()) == [later, ended]


def test_a_backup_of_another_schema_than_it_says_is_refused(path: Path, database: Database) -> None:
    backup = replace(database.backups.take(RUN.id, silent), fingerprint="00" * 32)
    with pytest.raises(Refused, match="not what was written"):
        database.restorer.restore(backup, 0, silent)
    assert {file.name for file in path.parent.glob("acme.db.*")} == set()


def test_nothing_is_restored_where_nothing_is(tmp_path: Path, database: Database, path: Path) -> None:
    backup = database.backups.take(RUN.id, silent)
    database.close()
    path.unlink()
    with pytest.raises(Refused) as caught:
        database.restorer.restore(backup, 0, silent)
    assert "is not there" in caught.value.evidence[0]


def test_the_time_of_a_backup_is_foretold_from_the_last_one(path: Path, database: Database) -> None:
    assert database.backups.seconds(60_000_000) == pytest.approx(1.0)
    taken = database.backups.take(RUN.id, silent)
    assert database.backups.seconds(taken.size) == pytest.approx(taken.seconds)


def test_without_space_for_two_copies_nothing_begins(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = database.backups.take(RUN.id, silent)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(Refused) as caught:
        database.restorer.restore(backup, 0, silent)
    assert "0.0 MB free" in caught.value.evidence[0]
    assert "too little space" in database.backups.problems()[0].what


@pytest.mark.parametrize("accepted", [0, 10**6])
def test_no_acknowledged_row_is_lost_to_a_restore_beside_a_live_writer(
    path: Path, database: Database, accepted: int
) -> None:
    stop, acknowledged, kept = threading.Event(), list[int](), set[object]()

    def write() -> None:
        while not stop.is_set():
            others(path, f"INSERT INTO notes VALUES ({len(acknowledged)}, 'theirs')")
            acknowledged.append(len(acknowledged))

    backup = database.backups.take(RUN.id, silent)
    thread = threading.Thread(target=write)
    thread.start()
    lost = 0
    try:
        while not acknowledged:
            time.sleep(0.01)
        for _ in range(3):
            with suppress(Refused, LeaseLost):
                found = database.restorer.restore(backup, accepted, silent)
                kept |= set(others(Path(found.kept), "SELECT id FROM notes"))
                lost += found.lost
    finally:
        stop.set()
        thread.join()
    live = set(others(path, "SELECT id FROM notes"))
    assert (live | kept if accepted else live) == {(number,) for number in acknowledged}
    assert bool(lost) == bool(accepted)
