"""What somebody meets who reads docs/migrations.md and tries `shipit migrate` on SQLite for the first time."""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.inside import Ended, shipit

NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);\n"


class Product:
    """A folder without git, whose name holds a space and letters that are not ASCII."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.configure()

    def configure(self, staging: str = "", tables: str = "", url: str = "sqlite:///my data/größe.db") -> None:
        text = f'{tables}\n[environments.staging.database]\nurl = "{url}"\n{staging}\n'
        (self.folder / "shipit.toml").write_text(text)

    def write(self, files: Mapping[str, str]) -> None:
        (self.folder / "migrations").mkdir(exist_ok=True)
        for name, text in files.items():
            (self.folder / "migrations" / name).write_text(text)

    def run(self, *argv: str, **environment: str) -> Ended:
        ended = shipit(self.folder, *argv, **environment)
        assert "a bug in shipit" not in ended.err
        return ended

    def migrate(self, *argv: str, **environment: str) -> Ended:
        return self.run("migrate", *argv, "--env", "staging", **environment)

    def names(self) -> set[str]:
        return {path.name for path in (self.folder / "migrations").iterdir()}


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(tmp_path / "my prüduct")


@pytest.fixture
def written(product: Product) -> Product:
    product.write({"0001_notes.sql": NOTES, "0001_notes.down.sql": "DROP TABLE notes;\n"})
    return product


def test_the_first_two_migrations_are_made_before_either_is_written(product: Product) -> None:
    assert product.run("migrate", "new", "add notes").code == 0
    second = product.run("migrate", "new", "Add tags!")
    assert second.code == 0, second.err
    assert product.names() == {
        f"000{n}_add_{what}{end}.sql" for n, what in ((1, "notes"), (2, "tags")) for end in ("", ".down")
    }
    unwritten = product.migrate()
    assert (unwritten.code, unwritten.err.count("[empty-script]")) == (4, 2)
    product.write({"0001_add_notes.sql": NOTES, "0002_add_tags.sql": "CREATE TABLE tags (id INTEGER);\n"})
    assert product.migrate().code == 0
    with closing(sqlite3.connect(product.folder / "my data" / "größe.db")) as connection:
        assert connection.execute("SELECT count(*) FROM tags").fetchall() == [(0,)]


def test_a_mistake_elsewhere_still_stops_what_would_count_on_from_it(product: Product) -> None:
    product.write({"notes.sql": NOTES})
    ended = product.run("migrate", "new", "add tags")
    assert (ended.code, "[unreadable-name]" in ended.err) == (4, True)
    assert product.names() == {"notes.sql"}


def test_a_folder_for_each_database_is_named_by_the_address(product: Product) -> None:
    product.configure(tables='[migrations]\npath = "migrations/{engine}"', url="env:ACME_DATABASE")
    unknown = product.run("migrate", "new", "add notes")
    assert (unknown.code, "it is not known for which database" in unknown.err) == (2, True)
    made = product.run("migrate", "new", "add notes", ACME_DATABASE="sqlite:///acme.db")
    assert made.code == 0, made.err
    assert (product.folder / "migrations" / "sqlite" / "0001_add_notes.sql").exists()


@pytest.mark.parametrize("where", ["relative.db", "deep/er/relative.db", "/{top}/absolute with spaces.db"])
def test_an_address_is_relative_to_the_top_or_absolute(written: Product, where: str) -> None:
    path = where.format(top=str(written.folder.parent).lstrip("/"))
    written.configure(url=f"sqlite:///{path}")
    assert written.migrate().code == 0
    assert (written.folder / path).exists()


def test_backups_can_be_put_into_the_home_folder(written: Product) -> None:
    written.configure('backup = { path = "~/backups of acme", keep = 1 }')
    assert written.migrate().code == 0
    assert "removed the old backup" in written.migrate("backup").err
    kept = Path(os.environ["HOME"], "backups of acme", "staging")
    assert len(list(kept.glob("*.sqlite3"))) == 1
    assert not (written.folder / "~").exists()


def test_what_cannot_be_rolled_back_is_named_with_where_to_look(written: Product) -> None:
    written.write({"0002_tags.sql": "CREATE TABLE tags (id INTEGER);\n"})
    assert written.migrate().code == 0
    ended = written.migrate("rollback")
    assert ended.code == 4
    assert "error: there is no way back by down scripts; no database was touched" in ended.err
    assert "migrations/0002_tags.sql:1:1: 0002_tags has no down script [no-way-back]" in ended.err
    assert "hint: shipit migrate history --env staging" in ended.err


def test_status_says_what_the_database_has_although_a_file_is_broken(written: Product) -> None:
    assert written.migrate().code == 0
    written.write({"0002_tags.sql": "BEGIN;\n", "tags.sql": ""})
    lines = written.migrate("status").out.splitlines()
    assert "version     0001 (1 applied)" in lines
    assert "pending     not known: the files cannot be read" in lines
    assert any(line.startswith("problem     migrations/tags.sql:1:1: ") for line in lines)
    assert json.loads(written.migrate("status", "--json").out)["pending"] is None


def test_what_a_restore_would_lose_is_counted_in_rows(written: Product) -> None:
    assert written.migrate().code == 0
    taken = json.loads(written.migrate("backup", "--json").out.splitlines()[-1])["outputs"]["run"]
    with closing(sqlite3.connect(written.folder / "my data" / "größe.db", isolation_level=None)) as connection:
        connection.execute("INSERT INTO notes (body) VALUES ('since'), ('then')")
    assert "2 rows other than in the backup" in written.migrate("restore", taken, "--dry-run").err
    refused = written.migrate("restore", taken)
    assert (refused.code, "restoring would take away 2 changes made since the backup" in refused.err) == (4, True)
    assert written.migrate("restore", taken, "--accept-loss", "2").code == 0


def test_a_run_without_a_backup_is_answered_with_where_to_look(written: Product) -> None:
    ended = written.migrate("restore", "yesterday")
    assert ended.code == 4
    assert "hint: shipit migrate history --env staging" in ended.err


def test_an_audit_file_that_cannot_be_written_is_said_once(written: Product) -> None:
    (written.folder / "reports").write_text("a file, no folder")
    ended = written.migrate()
    assert ended.code == 0
    assert ended.err.count("migrations.jsonl cannot be written") == 1


@pytest.mark.parametrize("answer", ["connection.execute('SELECT count(*) = 7 FROM notes').fetchone()[0]", "False"])
def test_a_verify_function_says_no_with_sqlites_own_false(written: Product, answer: str) -> None:
    written.configure(tables='[migrations]\nrehearse = "never"')
    up = "def up(connection):\n    connection.execute('CREATE TABLE tags (id)')\n"
    written.write({"0002_tags.py": f"{up}\n\ndef verify(connection):\n    return {answer}\n"})
    ended = written.migrate()
    assert "the verify function answered" in ended.err
    assert ended.code == 5, ended.err  # 0001 is committed, and on-failure is "stop"
    assert json.loads(written.migrate("status", "--json").out)["pending"] == ["0002_tags"]


@pytest.mark.parametrize("answer", ["None", "True", "1", "'nothing to say'"])
def test_every_other_answer_is_a_yes(written: Product, answer: str) -> None:
    written.write({"0002_tags.py": f"def up(connection): ...\ndef verify(connection): return {answer}\n"})
    assert written.migrate().code == 0


class TestCommandsOfTheProject:
    """backup.store and notify.run are programs of others: they fail, print, are missing or take their time."""

    def test_a_store_gets_the_file_whatever_is_in_its_path(self, written: Product) -> None:
        written.configure('backup.store = "cp {file} stored.sqlite3"')
        assert written.migrate().code == 0
        assert (written.folder / "stored.sqlite3").stat().st_size > 0

    @pytest.mark.parametrize(
        ("command", "line"),
        [
            ("sh -c 'echo no space >&2; exit 3' {file}", "  no space\n"),
            ("no-such-program {file}", "`no-such-program` is not installed or not on PATH"),
        ],
    )
    def test_a_store_that_fails_lets_nothing_be_migrated(self, written: Product, command: str, line: str) -> None:
        written.configure(f'backup.store = "{command}"')
        ended = written.migrate()
        assert (ended.code, line in ended.err) == (7, True), ended.err
        assert json.loads(written.migrate("status", "--json").out)["version"] is None

    @pytest.mark.parametrize(
        ("command", "line"),
        [
            ("false", "nobody could be notified: `false` failed: exit code 1"),
            ("no-such-program", "nobody could be notified: `no-such-program` is not installed or not on PATH"),
            ("echo hello", ""),
        ],
    )
    def test_a_notification_changes_nothing(self, written: Product, command: str, line: str) -> None:
        written.configure(tables=f'[notify]\nrun = "{command}"\non = ["complete"]')
        ended = written.migrate()
        assert (ended.code, line in ended.err, ended.out) == (0, True, ""), ended.err

    def test_a_notification_that_hangs_is_given_up(self, written: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        from shipit.adapters import notify_command

        monkeypatch.setattr(notify_command.CommandNotifier, "patience", 0.3)
        script = f"{sys.executable} -c 'import time; time.sleep(60)'"
        written.configure(tables=f'[notify]\nrun = "{script}"\non = ["complete"]')
        began = time.monotonic()
        ended = written.migrate()
        assert time.monotonic() - began < 20
        assert (ended.code, "nobody could be notified: " in ended.err) == (0, True), ended.err
