"""shipit migrate from the command line on SQLite: what a person sees, and what is there afterwards."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.inside import Ended, shipit

CONFIGURATION = """
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.migrations]
{more}

[tool.shipit.environments.staging.database]
url = "sqlite:///var/staging.db"
on-failure = "down"
{staging}

[tool.shipit.environments.production.database]
url = "sqlite:///var/production.db"

[tool.shipit.environments.shared.database]
url = "env:SHARED_DATABASE"

[tool.shipit.environments.nowhere]
"""
FILES = {
    "0001_notes.sql": "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);\n",
    "0001_notes.down.sql": "DROP TABLE notes;\n",
    "0002_tags.sql": "CREATE TABLE tags (id INTEGER PRIMARY KEY);\n",
    "0002_tags.down.sql": "DROP TABLE tags;\n",
    "0002_tags.verify.sql": "SELECT count(*) = 0 FROM tags;\n",
}
Run = Callable[..., Ended]


class Product:
    """A repository with migrations and databases in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
        self.configure()
        self.write(FILES)

    def configure(self, more: str = "", staging: str = "", tables: str = "") -> None:
        """`more` are lines of [tool.shipit.migrations], `staging` of its database; `tables` come first of all."""
        text = CONFIGURATION.format(more=more, staging=staging)
        (self.folder / "pyproject.toml").write_text(f"{tables}\n{text}")

    def write(self, files: Mapping[str, str]) -> None:
        (self.folder / "migrations").mkdir(exist_ok=True)
        for name, text in files.items():
            (self.folder / "migrations" / name).write_text(text)

    def run(self, *argv: str, **environment: str) -> Ended:
        return shipit(self.folder, *argv, **environment)

    def migrate(self, *argv: str) -> Ended:
        return self.run("migrate", *argv, "--env", "staging")

    def verified(self) -> Ended:
        return self.run("verify", "migrations", "--env", "staging")

    @property
    def reported(self) -> list[dict[str, object]]:
        """The audit log."""
        return [
            json.loads(line) for line in (self.folder / "reports" / "migrations.jsonl").read_text().splitlines()
        ]

    def database(self, name: str = "staging") -> Path:
        return self.folder / "var" / f"{name}.db"

    def query(self, statement: str, name: str = "staging") -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database(name), isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()

    def tables(self, name: str = "staging") -> set[object]:
        rows = self.query("SELECT name FROM sqlite_schema WHERE type = 'table'", name)
        return {row[0] for row in rows if not str(row[0]).startswith("shipit_")}

    def status(self) -> Mapping[str, object]:
        told: Mapping[str, object] = json.loads(self.migrate("status", "--json").out)
        return told


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(tmp_path / "product")


class TestMigrating:
    def test_what_is_pending_is_applied_and_a_second_run_finds_nothing(self, product: Product) -> None:
        first = product.migrate()
        assert first.code == 0, first.err
        assert "staging is at version 0002" in first.err
        assert product.tables() == {"notes", "tags"}
        before = product.database().read_bytes()
        second = product.migrate()
        assert (second.code, "nothing to migrate: staging is at 0002, 2 applied" in second.err) == (0, True)
        assert product.database().read_bytes() == before

    def test_a_dry_run_touches_nothing(self, product: Product) -> None:
        ended = product.migrate("--dry-run")
        assert ended.code == 0, ended.err
        assert "Migrate staging: 2 migrations in 1 transaction" in ended.err
        assert not product.database().exists()

    def test_it_can_stop_at_a_version(self, product: Product) -> None:
        assert product.migrate("--to", "0001").code == 0
        assert product.tables() == {"notes"}
        assert product.status()["pending"] == ["0002_tags"]

    def test_the_facts_come_as_json_lines(self, product: Product) -> None:
        ended = product.migrate("--json")
        last = json.loads(ended.out.splitlines()[-1])["outputs"]
        assert (last["migrated"], last["applied"], last["version"]) == ("true", "2", "0002")
        assert last["run"]
        assert Path(last["backup"]).exists()

    def test_a_backup_is_no_part_of_a_run_with_nothing_to_do(self, product: Product) -> None:
        product.migrate()
        backups = list((product.folder / ".git" / "shipit" / "backups" / "staging").glob("*.sqlite3"))
        product.migrate()
        assert list((product.folder / ".git" / "shipit" / "backups" / "staging").glob("*.sqlite3")) == backups
        assert len(backups) == 1

    def test_folders_for_backups_and_audit_can_be_named(self, product: Product) -> None:
        product.configure(staging='backup.path = "kept"', tables='[tool.shipit]\nreports = "kept"')
        assert product.migrate().code == 0
        assert len(list((product.folder / "kept" / "staging").glob("*.sqlite3"))) == 1
        (product.folder / "kept").rename(product.folder / "reports")
        assert product.reported[0]["event"] == "begin"
        assert (product.reported[-1]["event"], product.reported[-1]["outcome"]) == ("end", "complete")

    def test_git_does_not_see_the_reports_that_a_run_leaves(self, product: Product) -> None:
        assert product.migrate().code == 0
        assert product.reported
        seen = subprocess.check_output(["git", "status", "--porcelain"], cwd=product.folder, text=True)
        assert "reports" not in seen
        assert "migrations/" in seen

    @pytest.mark.parametrize("value", [["--to", ""], ["--to="]])
    def test_an_empty_version_is_none_at_all_as_inputs_of_a_workflow_are(
        self, product: Product, value: list[str]
    ) -> None:
        assert product.migrate(*value).code == 0
        assert product.status()["version"] == "0002"
        assert product.migrate("rollback", *value).code == 0
        assert product.tables() == set()

    def test_without_backup_and_rehearsal_it_is_said(self, product: Product) -> None:
        product.configure('rehearse = "never"', "backup.enabled = false")
        ended = product.migrate()
        assert "no backup is taken (backup.enabled = false)" in ended.err
        assert ended.code == 0


class TestTheBackupElsewhere:
    def test_a_command_takes_it_to_another_machine(self, product: Product) -> None:
        product.configure(staging="backup.store = 'cp {file} elsewhere.sqlite3'")
        ended = product.migrate("--json")
        assert ended.code == 0, ended.err
        taken = json.loads(ended.out.splitlines()[-1])["outputs"]["backup"]
        assert (product.folder / "elsewhere.sqlite3").read_bytes() == Path(taken).read_bytes()
        product.write({"0003_more.sql": "CREATE TABLE more (id INTEGER);\n"})
        assert "then store it elsewhere" in " ".join(product.migrate("--dry-run").err.split())

    def test_without_it_nothing_is_migrated(self, product: Product) -> None:
        product.migrate("--to", "0001")
        product.configure(staging="backup.store = 'false {file}'")
        ended = product.migrate()
        assert ended.code == 7, ended.err
        assert "the backup could not be stored elsewhere" in ended.err
        assert "`false` ended with exit code 1" in ended.err
        assert product.tables() == {"notes"}
        product.configure()
        assert product.migrate().code == 0

    @pytest.mark.parametrize(
        ("settings", "variables", "is_said"),
        [("", {"CI": "true"}, True), ("", {}, False), ("backup.store = 'true {file}'", {"CI": "true"}, False)],
    )
    def test_on_a_runner_the_plan_says_that_its_disk_does_not_outlive_the_job(
        self, product: Product, settings: str, variables: Mapping[str, str], is_said: bool
    ) -> None:
        product.configure(staging=settings)
        ended = product.run("migrate", "--env", "staging", "--dry-run", **variables)
        assert ended.code == 0, ended.err
        assert ("whose disk does not outlive the job" in ended.err) is is_said


class TestNotification:
    LISTENING = '[tool.shipit.notify]\nrun = "tee -a heard"\n'

    def heard(self, product: Product) -> list[dict[str, object]]:
        decoder, text, found = json.JSONDecoder(), (product.folder / "heard").read_text(), []
        while text:
            one, end = decoder.raw_decode(text)
            found.append(one)
            text = text[end:]
        return found

    def test_a_command_hears_of_what_went_wrong_and_not_of_what_went_well(self, product: Product) -> None:
        product.configure('rehearse = "never"', tables=self.LISTENING)
        assert product.migrate().code == 0
        product.write({"0003_bad.sql": "INSERT INTO notes (id, body) VALUES (1, NULL);\n"})
        assert product.migrate().code == 7
        product.write({"0001_notes.sql": "SELECT 1;\n"})
        assert product.migrate().code == 4
        assert [one["event"] for one in self.heard(product)] == ["rolled-back", "refused"]
        first = self.heard(product)[0]
        assert (first["environment"], first["command"], first["failed"]) == ("staging", "migrate", True)
        assert "0003_bad.sql:1:1" in str(first["detail"])
        [end] = [line for line in product.reported if line.get("outcome") == "rolled back"]
        assert first["run"] == end["run"]
        assert str(first["database"]).endswith("var/staging.db")

    def test_of_success_too_if_it_is_asked_for(self, product: Product) -> None:
        product.configure(tables=f'{self.LISTENING}on = ["complete"]\n')
        assert product.migrate().code == 0
        assert [one["event"] for one in self.heard(product)] == ["complete"]

    def test_a_command_that_fails_changes_nothing(self, product: Product) -> None:
        product.configure(tables='[tool.shipit.notify]\nrun = "false"\non = ["complete"]\n')
        ended = product.migrate()
        assert (ended.code, "nobody could be notified: `false` failed" in ended.err) == (0, True), ended.err


class TestAFolderForEachEngine:
    @pytest.fixture
    def product(self, product: Product) -> Product:
        product.configure('path = "migrations/{engine}"')
        for path in list((product.folder / "migrations").iterdir()):
            (product.folder / "migrations" / "sqlite").mkdir(exist_ok=True)
            path.rename(product.folder / "migrations" / "sqlite" / path.name)
        return product

    def test_the_one_of_the_database_is_applied(self, product: Product) -> None:
        assert product.migrate().code == 0
        assert product.tables() == {"notes", "tags"}

    def test_each_is_read_as_what_its_name_says(self, product: Product) -> None:
        other = product.folder / "migrations" / "postgresql"
        other.mkdir()
        (other / "0001_notes.sql").write_text("CREATE TABLE notes (id serial PRIMARY KEY, kinds text[]);\n")
        ended = product.run("verify", "migrations")
        assert ended.code == 0, ended.err
        assert "migrations/postgresql: 1 migration is sound for PostgreSQL" in ended.err
        assert "migrations/sqlite: 2 migrations are sound for SQLite" in ended.err
        (other / "0001_notes.sql").write_text("PRAGMA user_version = 3;\n")
        refused = product.run("verify", "migrations")
        assert (refused.code, "migrations/postgresql/0001_notes.sql:1:1" in refused.err) == (4, True), refused.err

    def test_a_new_migration_is_written_for_each(self, product: Product) -> None:
        (product.folder / "migrations" / "postgresql").mkdir()
        assert product.run("migrate", "new", "orders").code == 0
        assert (product.folder / "migrations" / "sqlite" / "0003_orders.sql").exists()
        assert len(list((product.folder / "migrations" / "postgresql").glob("*_orders.sql"))) == 1

    def test_without_a_folder_and_a_known_database_it_is_asked_which(self, product: Product) -> None:
        shutil.rmtree(product.folder / "migrations")
        text = (product.folder / "pyproject.toml").read_text().replace("sqlite:///var/", "env:DATABASE_OF_")
        (product.folder / "pyproject.toml").write_text(text.replace('.db"', '"'))
        ended = product.run("migrate", "new", "orders")
        assert (ended.code, "it is not known for which database" in ended.err) == (2, True), ended.err


class TestWithoutGit:
    """As in a container image, which has the migrations and the configuration alone."""

    @pytest.fixture
    def image(self, product: Product) -> Product:
        shutil.rmtree(product.folder / ".git")
        return product

    def test_a_run_keeps_backups_and_audit_beside_the_configuration(self, image: Product) -> None:
        ended = image.migrate()
        assert ended.code == 0, ended.err
        assert image.tables() == {"notes", "tags"}
        own = image.folder / ".shipit"
        assert len(list((own / "backups" / "staging").glob("*.sqlite3"))) == 1
        last = image.reported[-1]
        assert (last["event"], last["outcome"]) == ("end", "complete")
        assert image.verified().code == 0
        assert image.migrate("rollback", "--to", "0").code == 0
        assert image.tables() == set()

    def test_files_and_configuration_can_be_looked_at(self, image: Product) -> None:
        assert image.run("verify", "migrations").code == 0
        assert 'url = "sqlite:///var/staging.db"' in image.run("config", "show").out
        assert image.run("migrate", "new", "more").code == 0
        assert (image.folder / "migrations" / "0003_more.sql").exists()

    @pytest.mark.parametrize("argv", [["release"], ["status"], ["version"], ["version", "--next"], ["changelog"]])
    def test_what_needs_history_is_refused_as_ever(self, image: Product, argv: list[str]) -> None:
        ended = image.run(*argv)
        assert (ended.code, "not a git repository" in ended.err) == (2, True), ended.err

    def test_a_folder_below_is_refused_with_the_way_out(self, image: Product) -> None:
        ended = shipit(image.folder / "migrations", "migrate", "--env", "staging")
        assert ended.code == 2
        assert "change into the repository, or into the folder with shipit.toml" in ended.err


class TestFailures:
    def test_a_migration_that_fails_leaves_nothing_of_the_run(self, product: Product) -> None:
        product.configure('rehearse = "never"')
        product.migrate()
        product.query("INSERT INTO notes (body) VALUES ('kept')")
        product.write(
            {
                "0003_more.sql": "CREATE TABLE more (id INTEGER PRIMARY KEY);\n",
                "0004_bad.sql": "INSERT INTO more (id) VALUES (1);\nINSERT INTO more (id) VALUES (1);\n",
            }
        )
        ended = product.migrate()
        assert ended.code == 7, ended.err
        assert "migrations/0004_bad.sql:2:1" in ended.err
        assert product.tables() == {"notes", "tags"}
        assert product.query("SELECT body FROM notes") == [("kept",)]
        assert product.status()["version"] == "0002"

    def test_production_stops_at_the_last_good_version_and_names_the_way_back(self, product: Product) -> None:
        product.configure('rehearse = "never"')
        product.write({"0003_vacuum.sql": "VACUUM;\n", "0004_bad.sql": "INSERT INTO nowhere VALUES (1);\n"})
        ended = product.run("migrate", "--env", "production")
        assert ended.code == 5, ended.err
        assert "last good version: 0003" in ended.err
        assert "R3: stays at the last good version" in ended.err
        assert "shipit migrate restore" in ended.err
        product.write({"0004_bad.sql": "CREATE TABLE better (id INTEGER PRIMARY KEY);\n"})
        assert product.run("migrate", "--env", "production").code == 0
        assert "better" in product.tables("production")

    def test_a_verify_script_that_says_no_takes_everything_back(self, product: Product) -> None:
        product.configure('rehearse = "never"')
        product.write({"0002_tags.verify.sql": "SELECT count(*) = 1 FROM tags;\n"})
        ended = product.migrate()
        assert ended.code == 7, ended.err
        assert "0002_tags.verify.sql:1:1" in ended.err
        assert product.tables() == set()

    def test_the_rehearsal_finds_it_before_the_database_is_touched(self, product: Product) -> None:
        product.write({"0003_bad.sql": "INSERT INTO notes (id) VALUES (1, 2);\n"})
        ended = product.migrate()
        assert ended.code == 4
        assert "0003_bad failed in the rehearsal" in ended.err
        assert product.tables() == set()

    def test_broken_files_are_refused_before_the_database_is_opened(self, product: Product) -> None:
        product.write({"0003_bad.sql": "CREATE TABEL a (id int);\n"})
        ended = product.migrate()
        assert ended.code == 4
        assert "migrations/0003_bad.sql:1:" in ended.err
        assert "no database was touched" in ended.err
        assert not product.database().exists()

    def test_an_edited_file_is_refused(self, product: Product) -> None:
        product.migrate()
        product.write({"0001_notes.sql": "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n"})
        ended = product.migrate()
        assert ended.code == 4
        assert "0001_notes" in ended.err
        verified = product.verified()
        assert verified.code == 6

    def test_the_database_of_another_environment_is_refused(self, product: Product) -> None:
        product.migrate()
        product.database("production").write_bytes(product.database().read_bytes())
        ended = product.run("migrate", "--env", "production")
        assert ended.code == 4
        assert "this database belongs to staging, not to production" in ended.err

    def test_an_unknown_environment_names_the_nearest(self, product: Product) -> None:
        ended = product.run("migrate", "--env", "stagging")
        assert ended.code == 2
        assert "nearest: staging" in ended.err

    def test_an_environment_is_needed(self, product: Product) -> None:
        ended = product.run("migrate")
        assert (ended.code, "which environment?" in ended.err) == (2, True)

    def test_an_environment_without_a_database_says_how_to_name_one(self, product: Product) -> None:
        ended = product.run("migrate", "--env", "nowhere")
        assert ended.code == 2
        assert 'database.url = "env:DATABASE_URL"' in ended.err

    def test_a_missing_secret_is_named(self, product: Product) -> None:
        ended = product.run("migrate", "--env", "shared")
        assert ended.code == 2
        assert "SHARED_DATABASE" in ended.err

    def test_a_down_script_can_be_required(self, product: Product) -> None:
        product.configure('down = "required"')
        product.write({"0003_more.sql": "CREATE TABLE more (id INTEGER);\n"})
        ended = product.migrate()
        assert ended.code == 4
        assert "0003_more has no down script [down-missing]" in ended.err
        product.write({"0003_more.sql": '-- shipit: irreversible "it is a log"\nCREATE TABLE more (id INTEGER);\n'})
        assert product.migrate().code == 0


class TestTheWayBack:
    def test_rollback_takes_the_last_run_back(self, product: Product) -> None:
        product.migrate("--to", "0001")
        product.migrate()
        ended = product.migrate("rollback")
        assert ended.code == 0, ended.err
        assert product.tables() == {"notes"}
        assert product.migrate("rollback", "--to", "0").code == 0
        assert product.tables() == set()
        again = product.migrate("rollback", "--to", "0")
        assert (again.code, "nothing to roll back" in again.err) == (0, True)

    def test_a_dry_run_of_it_takes_nothing(self, product: Product) -> None:
        product.migrate()
        ended = product.migrate("rollback", "--dry-run")
        assert ended.code == 0, ended.err
        assert product.tables() == {"notes", "tags"}

    def test_without_a_down_script_it_is_refused(self, product: Product) -> None:
        product.write({"0003_more.sql": "CREATE TABLE more (id INTEGER);\n"})
        product.migrate()
        ended = product.migrate("rollback", "--to", "0002")
        assert ended.code == 4
        assert "0003_more" in ended.err
        assert "more" in product.tables()

    def test_a_backup_can_be_taken_and_brought_back(self, product: Product) -> None:
        product.migrate()
        product.query("INSERT INTO notes (body) VALUES ('before')")
        taken = product.migrate("backup", "--json")
        run = json.loads(taken.out.splitlines()[-1])["outputs"]["run"]
        product.query("INSERT INTO notes (body) VALUES ('after')")
        refused = product.migrate("restore", run)
        assert refused.code == 4, refused.err
        assert product.query("SELECT count(*) FROM notes") == [(2,)]
        looked = product.migrate("restore", run, "--dry-run")
        assert looked.code == 0
        restored = product.migrate("restore", run, "--accept-loss", "10")
        assert restored.code == 0, restored.err
        assert product.query("SELECT body FROM notes") == [("before",)]
        assert "restore by" in product.migrate("history").out

    def test_a_run_without_a_backup_is_named_with_those_that_have_one(self, product: Product) -> None:
        ended = product.migrate("restore", "nonsense")
        assert ended.code == 4
        assert "there is no backup of run nonsense" in ended.err

    def test_old_backups_are_removed(self, product: Product) -> None:
        product.configure(staging="backup.keep = 1")
        product.migrate("backup")
        ended = product.migrate("backup")
        assert "removed" in ended.err
        assert len(list((product.folder / ".git" / "shipit" / "backups" / "staging").glob("*.sqlite3"))) == 1


class TestReports:
    def test_status_tells_people(self, product: Product) -> None:
        product.migrate("--to", "0001")
        lines = product.migrate("status").out.splitlines()
        assert lines[2:4] == ["version     0001 (1 applied)", "pending     0002_tags"]
        assert "lock        free" in lines

    def test_status_of_an_unbound_database(self, product: Product) -> None:
        told = product.migrate("status").out
        assert "environment staging (the database is not bound yet)" in told
        assert "version     none (0 applied)" in told
        assert "last run    none" in told

    def test_history_tells_failures_too(self, product: Product) -> None:
        product.configure('rehearse = "never"')
        product.migrate("--to", "0001")
        product.write({"0002_tags.verify.sql": "SELECT count(*) = 1 FROM tags;\n"})
        product.migrate()
        told = json.loads(product.migrate("history", "--json").out)
        assert [row["version"] for row in told["applied"]] == ["0001"]
        assert [run["outcome"] for run in told["runs"]] == ["complete", "rolled back"]
        assert "rolled back" in product.migrate("history").out

    def test_verify_finds_a_schema_that_somebody_changed(self, product: Product) -> None:
        product.migrate()
        assert product.verified().code == 0
        product.query("CREATE INDEX by_body ON notes (body)")
        ended = product.verified()
        assert ended.code == 6
        assert "the schema has changed since 0002 was applied" in ended.err
        assert "appeared: index by_body" in ended.err
        assert product.status()["drift"] is True

    def test_verify_names_what_changed_since_a_way_back_too(self, product: Product) -> None:
        product.migrate()
        product.migrate("rollback", "--to", "0001")
        product.query("DROP TABLE notes")
        product.query("CREATE TABLE tags (id INTEGER)")
        ended = product.verified()
        assert ended.code == 6
        assert "the schema has changed since 0001 was applied" in ended.err
        assert "gone: table notes" in ended.err
        assert "appeared: table tags" in ended.err

    def test_a_ledger_of_an_older_shipit_says_only_that_it_changed_and_the_next_run_mends_that(
        self, product: Product
    ) -> None:
        product.migrate("--to", "0001")
        product.query("DROP TABLE shipit_schema")
        product.query("CREATE TABLE by_hand (id INTEGER)")
        assert "what differs is not known" in product.verified().err
        product.query("DROP TABLE by_hand")
        assert product.migrate().code == 0
        product.query("CREATE TABLE by_hand (id INTEGER)")
        assert "appeared: table by_hand" in product.verified().err

    def test_verify_migrations_needs_no_database(self, product: Product) -> None:
        ended = product.run("verify", "migrations", "--json")
        assert ended.code == 0, ended.err
        assert not product.database().exists()
        product.write({"0003_bad.sql": "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\n"})
        refused = product.run("verify", "migrations")
        assert refused.code == 4
        assert "transaction-control" in refused.err


class TestAround:
    def test_a_new_migration_gets_the_next_version(self, product: Product) -> None:
        ended = product.run("migrate", "new", "Add orders!")
        assert ended.code == 0, ended.err
        assert (product.folder / "migrations" / "0003_add_orders.sql").exists()

    def test_the_first_one_makes_the_folder(self, product: Product) -> None:
        for path in (product.folder / "migrations").iterdir():
            path.unlink()
        (product.folder / "migrations").rmdir()
        assert product.run("migrate", "new", "first").code == 0
        assert len(list((product.folder / "migrations").glob("*_first*.sql"))) == 2

    def test_what_dbmate_applied_is_adopted(self, product: Product) -> None:
        product.database().parent.mkdir()
        product.query("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        product.query("INSERT INTO schema_migrations VALUES ('0001'), ('0002')")
        looked = product.migrate("adopt", "--dry-run")
        assert (looked.code, product.status()["applied"]) == (0, 0)
        ended = product.migrate("adopt")
        assert ended.code == 0, ended.err
        assert "nothing to migrate" in product.migrate().err

    def test_without_another_tool_there_is_nothing_to_adopt(self, product: Product) -> None:
        ended = product.migrate("adopt")
        assert ended.code == 4
        assert "looked for dbmate, golang-migrate, Flyway, Alembic and Django" in ended.err

    def test_a_lock_that_nobody_holds_need_not_be_broken(self, product: Product) -> None:
        ended = product.migrate("unlock")
        assert (ended.code, "nobody holds the lock" in ended.err) == (0, True)


class TestAProjectsOwnTool:
    """engine = "command": its status and its runs, with lock, backup and audit around them."""

    @pytest.fixture
    def wrapped(self, product: Product) -> Product:
        (product.folder / "tool.py").write_text(
            "import os, pathlib, sqlite3, sys\n"
            "path = os.environ['DATABASE_URL'].removeprefix('sqlite:///')\n"
            "done = pathlib.Path('done')\n"
            "if sys.argv[1] == 'status':\n"
            "    print('' if done.exists() else 'first')\n"
            "elif sys.argv[1] == 'up':\n"
            "    done.touch(); sqlite3.connect(path).execute('CREATE TABLE first (id int)')\n"
        )
        tool = f'["{sys.executable}", "tool.py", "%s"]'
        product.configure(f'engine = "command"\ncommand = {tool % "up"}\nstatus-command = {tool % "status"}')
        return product

    def test_status_asks_the_tool(self, wrapped: Product) -> None:
        assert wrapped.status()["pending"] == ["first"]
        assert wrapped.migrate().code == 0
        assert wrapped.status()["pending"] == []
        assert wrapped.verified().code == 0
        assert wrapped.tables() == {"first"}

    def test_a_tool_that_cannot_say_what_is_pending_is_believed(self, wrapped: Product) -> None:
        wrapped.configure(f'engine = "command"\ncommand = ["{sys.executable}", "tool.py", "up"]')
        assert wrapped.status()["pending"] is None
        assert "pending     the tool cannot say" in wrapped.migrate("status").out
        assert wrapped.migrate().code == 0
        assert "an unknown number pending" in wrapped.verified().err


class TestADeadRun:
    def test_one_that_died_after_its_last_migration_is_ended_by_the_next(self, product: Product) -> None:
        product.migrate()
        product.query("UPDATE shipit_run SET ended = NULL, outcome = ''")
        assert product.migrate().code == 0
        [run] = json.loads(product.migrate("history", "--json").out)["runs"]
        assert (run["outcome"], run["detail"]) == ("killed", "after its last migration")
        before = product.database().read_bytes()
        product.migrate()
        assert product.database().read_bytes() == before
