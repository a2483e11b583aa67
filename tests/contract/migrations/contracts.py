"""What every database must do that plays the ports of shipit.migrate.ports: one class for each port.

A subclass gives the fixture `scene`. The SQL is read by every dialect.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shipit.config import DatabaseOptions
from shipit.errors import ExternalError, LeaseLost, Refused, Stop
from shipit.migrate.ports import Database
from shipit.migrations.drift import Schema
from shipit.migrations.losses import Risk
from shipit.migrations.model import Footprint, Migration, Position, Prepared, Script, Statement
from shipit.migrations.records import Applied, Run

RUN = Run("20260101T000000Z-ab12", "migrate", "ada", "laptop", 1_700_000_000.25)
NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, title VARCHAR(80) NOT NULL)"
EVENTS = "CREATE TABLE events (id INTEGER PRIMARY KEY, note INTEGER REFERENCES notes (id))"


def options(lock_patience: float, statement_timeout: float = 0) -> DatabaseOptions:
    """Of a database whose address is given elsewhere; times in seconds."""
    return DatabaseOptions(
        url="sqlite:///acme.db", lock_patience=lock_patience, statement_timeout=statement_timeout
    )


@dataclass(frozen=True)
class Scene:
    """`run` is somebody else, who commits at once and gets rows back; `another` is a second shipit on the same."""

    database: Database
    run: Callable[[str], Sequence[tuple[Any, ...]]]
    another: Callable[[], Database]

    def tables(self) -> set[str]:
        return set(bare(self.database.catalog.counts()))


def bare(names: Mapping[str, Any]) -> dict[str, Any]:
    """The same without a schema before each name."""
    return {name.rsplit(".", 1)[-1]: value for name, value in names.items()}


def script(path: str, texts: Sequence[str]) -> Script:
    text = "".join(f"{each};\n" for each in texts)
    return Script(path, text, hashlib.sha256(text.encode()).hexdigest())


def statements(path: str, texts: Sequence[str]) -> tuple[Statement, ...]:
    return tuple(Statement(text, Position(path, number)) for number, text in enumerate(texts, 1))


def migration(version: str, *up: str, down: Sequence[str] = (), verify: Sequence[str] = ()) -> Prepared:
    stem = f"migrations/{version}_step"
    paths = (f"{stem}.sql", f"{stem}.down.sql", f"{stem}.verify.sql")
    known = Migration(
        version,
        "step",
        script(paths[0], up),
        script(paths[1], down) if down else None,
        script(paths[2], verify) if verify else None,
    )
    return Prepared(
        known, statements(paths[0], up), statements(paths[1], down), statements(paths[2], verify), Footprint({})
    )


def python(version: str, text: str) -> Prepared:
    path = f"migrations/{version}_step.py"
    written = Script(path, text, hashlib.sha256(text.encode()).hexdigest(), language="python")
    down = written if "def down" in text else None
    verify = written if "def verify" in text else None
    return Prepared(Migration(version, "step", written, down, verify), (), footprint=Footprint({}, known=False))


FIRST = migration("0001", NOTES, down=["DROP TABLE notes"])
SECOND = migration("0002", EVENTS, "INSERT INTO notes VALUES (1, 'first')", down=["DROP TABLE events"])


def silent(_: str) -> None: ...


class LedgerContract:
    def test_a_database_without_a_ledger_remembers_nothing(self, scene: Scene) -> None:
        ledger = scene.database.ledger
        assert (ledger.identity(), [*ledger.applied()], [*ledger.runs()]) == (None, [], [])

    def test_a_database_is_bound_once_and_by_name(self, scene: Scene) -> None:
        scene.database.ledger.bind("staging")
        scene.database.ledger.bind("staging")
        assert scene.another().ledger.identity() == "staging"

    def test_the_database_of_another_environment_is_refused(self, scene: Scene) -> None:
        scene.database.ledger.bind("production")
        with pytest.raises(Refused, match="production") as caught:
            scene.another().ledger.bind("staging")
        assert "staging" in caught.value.what
        assert scene.another().ledger.identity() == "production"

    def test_a_run_is_remembered_from_its_beginning_and_its_end_is_written_down(self, scene: Scene) -> None:
        ledger = scene.database.ledger
        ledger.open_run(RUN)
        assert list(scene.another().ledger.runs()) == [RUN]
        ended = replace(RUN, ended=RUN.started + 9.5, outcome="failed", detail="it's said", backup="ab12.dump")
        ledger.close_run(ended)
        assert list(scene.another().ledger.runs()) == [ended]

    def test_runs_are_told_newest_first(self, scene: Scene) -> None:
        for number in (2, 1, 3):
            scene.database.ledger.open_run(Run(f"run-{number}", "migrate", "ada", "laptop", float(number)))
        assert [run.id for run in scene.database.ledger.runs()] == ["run-3", "run-2", "run-1"]

    def test_adopted_rows_come_back_as_they_went_in_and_those_that_are_there_stay(self, scene: Scene) -> None:
        ledger = scene.database.ledger
        rows = [Applied(f"000{n}", "step", "ab" * 32, "adopted", 1.7e9 + n, 0) for n in (1, 2)]
        ledger.adopt(rows[:1])
        ledger.adopt([Applied("0001", "other", "cd" * 32, "adopted", 0.0, 0), rows[1]])
        assert list(ledger.applied()) == rows

    def test_the_schema_that_the_newest_migration_left_is_kept_with_the_end_of_a_run(self, scene: Scene) -> None:
        ledger = scene.database.ledger
        assert ledger.left() is None
        ledger.bind("staging")
        assert ledger.left() is None
        for fingerprint, objects in (("f1", {"table a": "ab"}), ("f2", {"table a": "cd", 'view "ß \\ 日"': "ef"})):
            ledger.adopt([Applied(fingerprint, "step", "ab" * 32, "adopted", 1.7e9, 0, fingerprint)])
            ledger.close_run(RUN, Schema(fingerprint, objects))
            assert scene.another().ledger.left() == Schema(fingerprint, objects)

    def test_another_schema_than_that_is_not_kept(self, scene: Scene) -> None:
        ledger = scene.database.ledger
        ledger.close_run(RUN, Schema("f1", {"table a": "ab"}))
        assert ledger.left() is None, "nothing is applied"
        ledger.adopt([Applied("0001", "step", "ab" * 32, "adopted", 1.7e9, 0, "f1")])
        ledger.close_run(RUN, Schema("f1", {"table a": "ab"}))
        ledger.close_run(RUN, Schema("f2", {}))
        assert ledger.left() == Schema("f1", {"table a": "ab"})


class GuardContract:
    def test_what_one_holds_another_does_not_get_and_is_told_who(self, scene: Scene) -> None:
        first, second, said = scene.database.guard, scene.another().guard, list[str]()
        first.take(0, silent)
        with pytest.raises(LeaseLost) as caught:
            second.take(0.3, said.append)
        assert "pid" in " ".join([*said, *caught.value.evidence])
        assert (first.is_held(), second.is_held()) == (True, False)

    def test_who_waits_long_enough_gets_it(self, scene: Scene) -> None:
        first, second = scene.database.guard, scene.another().guard
        first.take(0, silent)
        free = threading.Timer(0.3, first.release)
        free.start()
        began = time.monotonic()
        second.take(10, silent)
        free.join()
        assert second.is_held()
        assert 0.2 < time.monotonic() - began < 5

    def test_the_holder_is_named_as_long_as_there_is_one(self, scene: Scene) -> None:
        guard, other = scene.database.guard, scene.another().guard
        assert other.holder() is None
        guard.take(0, silent)
        assert "pid" in (other.holder() or "")
        guard.release()
        assert other.holder() is None
        assert not guard.is_held()

    def test_taking_what_one_has_and_releasing_what_one_has_not_change_nothing(self, scene: Scene) -> None:
        guard = scene.database.guard
        guard.release()
        guard.take(0, silent)
        guard.take(0, silent)
        assert guard.is_held()

    def test_breaking_what_nobody_holds_says_so(self, scene: Scene) -> None:
        assert scene.database.guard.break_() is None


class RunnerContract:
    @pytest.fixture(autouse=True)
    def _bound(self, scene: Scene) -> None:
        """Every run binds the database first, and by that makes the ledger."""
        scene.database.ledger.bind("staging")

    def test_migrations_and_their_rows_are_there_together(self, scene: Scene) -> None:
        scene.database.runner.apply([FIRST, SECOND], RUN.id, silent)
        rows = scene.another().ledger.applied()
        assert [(row.version, row.name, row.sha256, row.run) for row in rows] == [
            ("0001", "step", FIRST.migration.up.sha256, RUN.id),
            ("0002", "step", SECOND.migration.up.sha256, RUN.id),
        ]
        assert rows[-1].fingerprint == scene.database.catalog.fingerprint()
        assert list(scene.run("SELECT id, title FROM notes")) == [(1, "first")]

    def test_the_last_of_a_run_may_give_the_schema_that_it_left(self, scene: Scene) -> None:
        left = scene.database.runner.apply([FIRST], RUN.id, silent, last=True)
        assert left is None or left == scene.database.catalog.schema()
        assert scene.another().ledger.applied()[-1].fingerprint == scene.database.catalog.fingerprint()

    def test_what_the_ledger_has_is_not_applied_again(self, scene: Scene) -> None:
        scene.database.runner.apply([FIRST, SECOND], RUN.id, silent)
        scene.another().runner.apply([FIRST, SECOND], "later", silent)
        assert list(scene.run("SELECT count(*) FROM notes")) == [(1,)]
        assert {row.run for row in scene.database.ledger.applied()} == {RUN.id}

    def test_a_statement_that_fails_takes_the_whole_batch_with_it_and_is_named(self, scene: Scene) -> None:
        before = scene.database.catalog.fingerprint()
        bad = migration("0002", EVENTS, "INSERT INTO nowhere VALUES (1)")
        with pytest.raises(ExternalError) as caught:
            scene.database.runner.apply([FIRST, bad], RUN.id, silent)
        assert "nowhere" in " ".join([caught.value.what, *caught.value.evidence])
        assert (caught.value.where or "").startswith("migrations/0002_step.sql:2")
        assert (scene.tables(), [*scene.database.ledger.applied()]) == (set(), [])
        assert scene.database.catalog.fingerprint() == before

    def test_the_verify_script_runs_before_the_commit(self, scene: Scene) -> None:
        sound = migration("0001", NOTES, verify=["SELECT 1 FROM notes", "SELECT count(*) = 0 FROM notes"])
        wrong = migration("0002", EVENTS, verify=["SELECT count(*) = 7 FROM notes"])
        scene.database.runner.apply([sound], RUN.id, silent)
        with pytest.raises(ExternalError, match="verify") as caught:
            scene.database.runner.apply([wrong], RUN.id, silent)
        assert "0002_step.verify.sql:1" in (caught.value.where or "")
        assert scene.tables() == {"notes"}

    def test_every_statement_is_told(self, scene: Scene) -> None:
        said = list[str]()
        scene.database.runner.apply([SECOND_ALONE], RUN.id, said.append)
        assert sum("0001_step" in line for line in said) >= 2
        assert any("INSERT INTO notes" in line for line in said)

    def test_taking_back_deletes_the_rows_and_gives_the_schema_that_was(self, scene: Scene) -> None:
        runner, catalog = scene.database.runner, scene.database.catalog
        empty = catalog.fingerprint()
        runner.apply([FIRST], RUN.id, silent)
        runner.apply([SECOND], RUN.id, silent)
        runner.revert([SECOND, FIRST], RUN.id, silent, expected=empty)
        assert (catalog.fingerprint(), [*scene.database.ledger.applied()]) == (empty, [])

    def test_a_way_back_that_ends_elsewhere_is_rolled_back(self, scene: Scene) -> None:
        scene.database.runner.apply([FIRST, SECOND], RUN.id, silent)
        before = scene.database.catalog.fingerprint()
        with pytest.raises(Refused):
            scene.database.runner.revert([SECOND], RUN.id, silent, expected="00" * 32)
        assert scene.database.catalog.fingerprint() == before
        assert [row.version for row in scene.database.ledger.applied()] == ["0001", "0002"]

    def test_what_somebody_wrote_since_is_not_dropped(self, scene: Scene) -> None:
        scene.database.runner.apply([FIRST], RUN.id, silent)
        scene.run("INSERT INTO notes VALUES (7, 'theirs')")
        with pytest.raises(Refused):
            scene.database.runner.revert([FIRST], RUN.id, silent, empty=[Risk("notes")])
        assert list(scene.run("SELECT id FROM notes")) == [(7,)]

    def test_a_column_that_holds_its_default_alone_may_go_and_one_that_holds_more_not(self, scene: Scene) -> None:
        add = "ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 3"
        more = migration("0002", add, down=["ALTER TABLE notes DROP COLUMN stars"])
        scene.run(NOTES)
        scene.run("INSERT INTO notes VALUES (1, 'mine')")
        runner, risk = scene.database.runner, Risk("notes", "stars")
        runner.apply([more], RUN.id, silent)
        runner.revert([more], RUN.id, silent, empty=[risk])
        runner.apply([more], RUN.id, silent)
        scene.run("UPDATE notes SET stars = 5")
        with pytest.raises(Refused):
            runner.revert([more], RUN.id, silent, empty=[risk, Risk("not_there")])
        assert list(scene.run("SELECT stars FROM notes")) == [(5,)]

    def test_a_python_script_works_on_the_open_transaction(self, scene: Scene) -> None:
        text = """
def up(connection):
    connection.execute("INSERT INTO notes VALUES (5, 'by hand')")
def verify(connection):
    return len(connection.execute("SELECT 1 FROM notes WHERE id = 5").fetchall()) == 1
def down(connection):
    connection.execute("DELETE FROM notes WHERE id = 5")
"""
        one = python("0002", text)
        scene.database.runner.apply([FIRST, one], RUN.id, silent)
        assert list(scene.run("SELECT id FROM notes")) == [(5,)]
        scene.database.runner.revert([one], RUN.id, silent)
        assert list(scene.run("SELECT id FROM notes")) == []

    @pytest.mark.parametrize(
        "body", ["connection.commit()", "connection.rollback()", "connection.execute('COMMIT')", "1 / 0"]
    )
    def test_a_python_script_that_fails_or_ends_the_transaction_leaves_nothing(
        self, scene: Scene, body: str
    ) -> None:
        one = python("0002", f"def up(connection):\n    connection.execute({EVENTS!r})\n    {body}\n")
        with pytest.raises(Stop) as caught:
            scene.database.runner.apply([FIRST, one], RUN.id, silent)
        assert "0002_step.py" in (caught.value.where or "")
        if "execute" not in body:  # one that says so to the server itself has done it when it is noticed
            assert (scene.tables(), [*scene.database.ledger.applied()]) == (set(), [])

    def test_a_solo_migration_is_settled_once_it_is_recorded(self, scene: Scene) -> None:
        one = migration("0001", "VACUUM")
        assert scene.database.runner.settled(one) is False
        scene.database.runner.apply_solo(one, RUN.id, silent)
        assert scene.another().runner.settled(one) is True
        scene.another().runner.apply_solo(one, "later", silent)
        assert [row.run for row in scene.database.ledger.applied()] == [RUN.id]


SECOND_ALONE = migration("0001", NOTES, "INSERT INTO notes VALUES (1, 'first')")


class CatalogContract:
    def test_the_same_schema_has_the_same_fingerprint_and_another_one_not(self, scene: Scene) -> None:
        catalog, seen = scene.database.catalog, list[str]()
        for sql in (NOTES, EVENTS, "CREATE INDEX notes_title ON notes (title)"):
            seen.append(catalog.fingerprint())
            scene.run(sql)
        seen.append(catalog.fingerprint())
        assert len(set(seen)) == 4
        scene.run("DROP INDEX notes_title")
        assert catalog.fingerprint() == seen[2]

    def test_rows_and_the_ledger_are_not_part_of_the_schema(self, scene: Scene) -> None:
        scene.run(NOTES)
        before = scene.database.catalog.fingerprint()
        scene.database.ledger.bind("staging")
        scene.run("INSERT INTO notes VALUES (1, 'a')")
        assert scene.database.catalog.fingerprint() == before
        assert bare(scene.database.catalog.counts()) == {"notes": 1}

    def test_only_the_tables_that_are_asked_for_are_counted(self, scene: Scene) -> None:
        for sql in (NOTES, EVENTS, "INSERT INTO notes VALUES (1, 'a')"):
            scene.run(sql)
        catalog = scene.database.catalog
        notes, events = sorted(catalog.counts(), key=lambda name: "events" in name)
        assert catalog.counts([notes]) == {notes: 1}
        assert catalog.counts([events, "nowhere"]) == {events: 0}
        assert catalog.counts([]) == {}

    def test_drift_is_named(self, scene: Scene) -> None:
        scene.run(NOTES)
        before = scene.database.catalog.describe()
        scene.run("ALTER TABLE notes ADD COLUMN body TEXT")
        scene.run("CREATE VIEW titles AS SELECT title FROM notes")
        after = scene.database.catalog.describe()
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        assert any(name.startswith("table") and name.endswith("notes") for name in changed)
        assert any(name.startswith("view") and name.endswith("titles") for name in changed)

    def test_one_look_tells_fingerprint_and_objects(self, scene: Scene) -> None:
        catalog = scene.database.catalog
        for sql in (NOTES, EVENTS, "CREATE INDEX notes_title ON notes (title)"):
            scene.run(sql)
            assert catalog.schema() == Schema(catalog.fingerprint(), catalog.describe())

    @pytest.mark.parametrize(
        ("there", "back"),
        [
            ("ALTER TABLE notes RENAME TO remarks", "ALTER TABLE remarks RENAME TO notes"),
            ("ALTER TABLE notes RENAME COLUMN title TO name", "ALTER TABLE notes RENAME COLUMN name TO title"),
            ("ALTER TABLE notes ADD COLUMN body TEXT DEFAULT 'x'", "ALTER TABLE notes DROP COLUMN body"),
        ],
    )
    def test_up_and_down_again_give_the_same_fingerprint(self, scene: Scene, there: str, back: str) -> None:
        for sql in (NOTES, EVENTS, "CREATE VIEW titles AS SELECT id, title FROM notes",
                    "CREATE INDEX notes_title ON notes (title)"):  # fmt: skip
            scene.run(sql)
        catalog = scene.database.catalog
        first = catalog.fingerprint()
        scene.run(there)
        second = catalog.fingerprint()
        scene.run(back)
        assert catalog.fingerprint() == first != second
        scene.run(there)
        assert catalog.fingerprint() == second

    def test_a_baseline_tells_all_three_and_nobody_wrote_at_first(self, scene: Scene) -> None:
        scene.run(NOTES)
        catalog = scene.database.catalog
        baseline = catalog.baseline()
        assert (baseline.fingerprint, baseline.counts) == (catalog.fingerprint(), catalog.counts())
        assert catalog.foreign_since(baseline.mark) == 0

    def test_what_we_write_is_not_foreign_and_what_others_write_is(self, scene: Scene) -> None:
        scene.database.ledger.bind("staging")
        mark = scene.database.catalog.baseline().mark
        scene.database.ledger.open_run(RUN)
        scene.database.runner.apply([FIRST, SECOND], RUN.id, silent)
        assert scene.database.catalog.foreign_since(mark) == 0
        scene.run("INSERT INTO notes VALUES (2, 'theirs')")
        assert scene.database.catalog.foreign_since(mark) >= 1

    def test_a_failed_migration_is_not_foreign_either(self, scene: Scene) -> None:
        scene.database.ledger.bind("staging")
        mark = scene.database.catalog.baseline().mark
        with pytest.raises(ExternalError):
            scene.database.runner.apply([migration("0001", NOTES, "SELECT nothing")], RUN.id, silent)
        assert scene.database.catalog.foreign_since(mark) == 0


class BackupsContract:
    def test_a_backup_tells_what_it_holds_and_is_found_again(self, scene: Scene) -> None:
        scene.run(NOTES)
        scene.run("INSERT INTO notes VALUES (1, 'a')")
        taken = scene.database.backups.take(RUN.id, silent)
        assert (taken.run, taken.fingerprint) == (RUN.id, scene.database.catalog.fingerprint())
        assert bare(taken.counts) == {"notes": 1}
        data = Path(taken.path).read_bytes()
        assert (taken.size, taken.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert scene.another().backups.find(RUN.id) == taken
        assert list(scene.database.backups.all()) == [taken]

    def test_a_run_without_a_backup_has_none(self, scene: Scene) -> None:
        assert scene.database.backups.find("no-such-run") is None
        assert list(scene.database.backups.problems()) == []

    @pytest.mark.parametrize("harm", ["cut", "flipped"])
    def test_a_backup_that_is_not_what_was_written_is_refused(self, scene: Scene, harm: str) -> None:
        scene.run(NOTES)
        path = Path(scene.database.backups.take(RUN.id, silent).path)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data) if harm == "flipped" else bytes(data[:-10]))
        with pytest.raises(Refused):
            scene.database.backups.find(RUN.id)

    def test_the_newest_are_kept(self, scene: Scene) -> None:
        scene.run(NOTES)
        paths = [Path(scene.database.backups.take(f"run-{number}", silent).path) for number in range(3)]
        assert len(scene.database.backups.prune(2)) >= 1
        assert [path.exists() for path in paths] == [False, True, True]
        assert [backup.run for backup in scene.database.backups.all()] == ["run-2", "run-1"]


class RestorerContract:
    def test_a_backup_comes_back_and_the_former_database_is_kept(self, scene: Scene) -> None:
        scene.database.ledger.bind("staging")
        scene.run(NOTES)
        scene.run("INSERT INTO notes VALUES (1, 'kept')")
        backup = scene.database.backups.take(RUN.id, silent)
        scene.database.runner.apply([migration("0001", "DROP TABLE notes")], RUN.id, silent)
        assert scene.database.restorer.possible() == ""
        restored = scene.database.restorer.restore(backup, 0, silent)
        assert (restored.lost, bool(restored.kept)) == (0, True)
        again = scene.another()
        assert (again.catalog.fingerprint(), again.catalog.counts()) == (backup.fingerprint, backup.counts)
        assert list(scene.run("SELECT title FROM notes")) == [("kept",)]
        assert (again.ledger.identity(), [*again.ledger.applied()]) == ("staging", [])

    def test_rows_that_somebody_wrote_since_are_never_taken_away_unasked(self, scene: Scene) -> None:
        scene.database.ledger.bind("staging")
        scene.run(NOTES)
        backup = scene.database.backups.take(RUN.id, silent)
        scene.run("INSERT INTO notes VALUES (9, 'theirs')")
        with pytest.raises(Refused) as caught:
            scene.database.restorer.restore(backup, 0, silent)
        assert "--accept-loss 1" in (caught.value.hint or "")
        assert list(scene.run("SELECT id FROM notes")) == [(9,)]
        scene.run("INSERT INTO notes VALUES (10, 'the fence is open again')")

    def test_what_is_accepted_is_taken_away(self, scene: Scene) -> None:
        scene.database.ledger.bind("staging")
        scene.run(NOTES)
        backup = scene.database.backups.take(RUN.id, silent)
        scene.run("INSERT INTO notes VALUES (9, 'theirs')")
        assert scene.database.restorer.restore(backup, 1, silent).lost == 1
        assert list(scene.run("SELECT id FROM notes")) == []

    def test_a_backup_that_is_not_what_was_written_is_not_brought_back(self, scene: Scene) -> None:
        scene.run(NOTES)
        backup = scene.database.backups.take(RUN.id, silent)
        Path(backup.path).write_bytes(Path(backup.path).read_bytes()[:-512])
        with pytest.raises(Stop):
            scene.database.restorer.restore(backup, 0, silent)
        assert scene.tables() == {"notes"}


class RehearsalContract:
    def test_it_is_possible_and_touches_nothing(self, scene: Scene) -> None:
        scene.run(NOTES)
        before = scene.database.catalog.baseline()
        assert scene.database.rehearsal.possible() == ""
        one = migration("0002", EVENTS, "INSERT INTO notes VALUES (1, 'x')", down=["DROP TABLE events"])
        scene.database.rehearsal.rehearse([[one]], silent)
        after = scene.database.catalog.baseline()
        assert (before.fingerprint, before.counts) == (after.fingerprint, after.counts)
        assert [*scene.database.ledger.applied()] == []

    def test_a_migration_that_fails_is_named_with_its_place(self, scene: Scene) -> None:
        scene.run(NOTES)
        bad = migration("0003", "ALTER TABLE notes ADD COLUMN title TEXT")
        with pytest.raises(Refused) as caught:
            scene.database.rehearsal.rehearse([[migration("0002", EVENTS)], [bad]], silent)
        assert "0003_step" in f"{caught.value.what} {caught.value.where}"

    def test_a_way_back_that_leaves_something_is_named(self, scene: Scene) -> None:
        index = "CREATE INDEX notes_title ON notes (title)"
        bad = migration("0002", EVENTS, index, down=["DROP TABLE events"])
        scene.run(NOTES)
        with pytest.raises(Refused) as caught:
            scene.database.rehearsal.rehearse([[bad]], silent)
        assert "0002_step" in caught.value.what
        assert "notes_title" in " ".join(caught.value.evidence)
