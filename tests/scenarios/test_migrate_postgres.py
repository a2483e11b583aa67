"""shipit migrate from the command line on PostgreSQL: the story of the sample product, and all around it."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.contract.migrations.conftest import database, debian, embedded, server
from tests.support import run
from tests.support.description import Asked
from tests.support.http_listener import Listener
from tests.support.inside import Ended
from tests.support.migrations import ACME, NO_BACKUP, NOTES, Product
from tests.support.postgres import Server, wait_until

__all__ = ["database", "debian", "embedded", "server"]

LAST = "0011"
ALEMBIC = {
    "alembic.ini": "[alembic]\nscript_location = scripts\n",
    "scripts/env.py": """\
import os
from alembic import context
from sqlalchemy import create_engine

url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""",
    "scripts/versions/one.py": """\
revision = "a1"
down_revision = None
from alembic import op

def upgrade():
    op.execute("CREATE TABLE notes (id serial PRIMARY KEY)")

def downgrade():
    op.execute("DROP TABLE notes")
""",
}


ALL_ENDS = """[tool.shipit.notify]
apprise = "env:CHANNEL"
on = ["complete", "rolled-back", "refused", "stopped-half-way", "interrupted"]"""


@pytest.fixture
def product(tmp_path: Path, server: Server, database: str) -> Iterator[Product]:
    """An empty product and an empty database; what a restore keeps goes afterwards."""
    made = Product(tmp_path / "product", server, database, settings="")
    yield made
    for (name,) in server.query("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{database}\\_%'"):
        server.drop(str(name))


@pytest.fixture
def acme(product: Product) -> Product:
    shutil.copytree(ACME, product.folder / "migrations", dirs_exist_ok=True)
    return product


@pytest.fixture
def notes(product: Product) -> Product:
    """One table, migrated without a rehearsal."""
    product.configure(settings='rehearse = "never"')
    product.write(NOTES)
    good(product.migrate())
    return product


class TestTheStoryOfTheSample:
    def test_it_is_planned_applied_told_and_verified(self, acme: Product) -> None:
        planned = good(acme.migrate("--dry-run"))
        assert "Migrate staging: 11 migrations in" in planned.err
        assert "0007_notes_by_written_at" in planned.err
        assert acme.query("SELECT to_regclass('notes') IS NULL, to_regnamespace('shipit') IS NULL") == [
            (True, True)
        ]

        assert f"staging is at version {LAST}" in good(acme.migrate()).err

        assert f"nothing to migrate: staging is at {LAST}, 11 applied" in good(acme.migrate()).err
        told = json.loads(good(acme.migrate("status", "--json")).out)
        assert (told["version"], told["applied"], told["pending"], told["drift"]) == (LAST, 11, [], False)
        assert (told["bound"], told["lock"], told["problems"]) == ("staging", None, [])
        history = json.loads(good(acme.migrate("history", "--json")).out)
        assert [row["version"] for row in history["applied"]] == [f"{number:04}" for number in range(1, 12)]
        assert [run["outcome"] for run in history["runs"]] == ["complete"]
        verified = good(acme.run("verify", "migrations", "--env", "staging"))
        assert "is what its 11 migrations left; 0 pending" in verified.err
        assert len(acme.backups()) == 1

    def test_it_goes_back_to_any_version_and_up_again_and_is_verified_then(self, acme: Product) -> None:
        good(acme.migrate())
        for version in ("0010", "0009", "0007", "0006", "0001"):
            good(acme.migrate("rollback", "--to", version))
            assert acme.applied()[-1] == version
            good(acme.run("verify", "migrations", "--env", "staging"))
        good(acme.migrate())
        assert acme.applied()[-1] == LAST
        good(acme.run("verify", "migrations", "--env", "staging"))

    def test_drift_is_named_with_the_object(self, acme: Product) -> None:
        good(acme.migrate())
        acme.query("CREATE INDEX by_hand ON events (kind)")
        acme.query("ALTER TABLE events ADD COLUMN more text")
        acme.query("DROP INDEX notes_by_written_at")
        ended = acme.run("verify", "migrations", "--env", "staging")
        assert ended.code == 6, ended.err
        assert f"the schema has changed since {LAST} was applied" in ended.err
        found = [line.strip() for line in ended.err.splitlines() if ": index " in line or ": table " in line]
        assert found == [
            "appeared: index public.by_hand",
            "gone: index public.notes_by_written_at",
            "changed: table public.events",
        ]

    def test_it_can_stop_at_a_version(self, acme: Product) -> None:
        good(acme.migrate("--to", "0003"))
        assert acme.applied() == ["0001", "0002", "0003"]
        assert json.loads(acme.migrate("status", "--json").out)["pending"][0] == "0004_notes_written_at_backfill"
        unknown = acme.migrate("--to", "0099")
        assert unknown.code == 2, unknown.err

    def test_the_facts_come_as_json_lines(self, acme: Product) -> None:
        facts = outputs(good(acme.migrate("--json", "--to", "0002")))
        assert (facts["migrated"], facts["applied"], facts["version"]) == ("true", "2", "0002")
        assert Path(facts["backup"]).exists()
        assert outputs(good(acme.migrate("--json", "--to", "0002")))["migrated"] == "false"


class TestWaysBack:
    def test_a_backup_comes_back_only_when_what_others_wrote_may_be_lost(self, notes: Product) -> None:
        taken = outputs(good(notes.migrate("backup", "--json")))["run"]
        notes.query("INSERT INTO notes (body) VALUES ('theirs')")

        refused = notes.migrate("restore", taken)

        assert refused.code == 4, refused.err
        assert f"shipit migrate restore {taken} --env" in refused.err
        assert "--accept-loss 1" in refused.err
        assert notes.query("SELECT body FROM notes") == [("theirs",)]
        looked = good(notes.migrate("restore", taken, "--dry-run"))
        assert "1 transaction of others since the backup" in looked.err

        facts = outputs(good(notes.migrate("restore", taken, "--accept-loss", "1", "--json")))

        assert (facts["restored"], facts["lost"]) == ("true", "1")
        assert notes.query("SELECT body FROM notes") == []
        assert notes.server.query(facts["kept"], "SELECT body FROM notes") == [("theirs",)]
        good(notes.run("verify", "migrations", "--env", "staging"))
        assert "restore by" in good(notes.migrate("history")).out

    def test_production_stops_at_the_last_good_version_and_says_how_to_go_back(self, product: Product) -> None:
        product.configure(settings='rehearse = "never"')
        product.write(NOTES)
        good(product.migrate(env="production"))
        product.write(
            {
                "0002_kind.sql": "CREATE TYPE kind AS ENUM ('a');\n",
                "0002_kind.down.sql": "DROP TYPE kind;\n",
                "0003_more.sql": "ALTER TYPE kind ADD VALUE 'b';\n",
                "0004_fails.sql": "INSERT INTO notes (id) VALUES (NULL);\n",
            }
        )

        ended = product.migrate(env="production")

        assert ended.code == 5, ended.err
        assert "R3: stays at the last good version" in ended.err
        assert "last good version: 0003" in ended.err
        failed = product.query("SELECT id FROM shipit.run ORDER BY started_at DESC LIMIT 1")[0][0]
        assert f"shipit migrate restore {failed} --env production" in ended.err
        assert product.query("SELECT outcome FROM shipit.run WHERE id = '" + str(failed) + "'") == [
            ("stopped half-way",)
        ]
        product.write({"0004_fails.sql": "INSERT INTO notes (body) VALUES ('fixed');\n"})
        good(product.migrate(env="production"))
        assert product.applied() == ["0001", "0002", "0003", "0004"]


class TestOthersAtWork:
    def test_who_waits_in_vain_for_another_run_is_told_whose_it_is(self, notes: Product) -> None:
        notes.configure(settings='rehearse = "never"', staging=f"{NO_BACKUP}\nlock-wait = 0.5")
        notes.write({"0002_slow.sql": "SELECT pg_sleep(30);\n"})
        child = notes.start()
        try:
            wait_until(lambda: notes.is_doing("pg_sleep"), 30)

            ended = notes.migrate()

            assert ended.code == 9, ended.err
            assert "another run still holds the migration lock" in ended.err
            assert "application shipit" in ended.err
            assert "application shipit" in good(notes.migrate("status")).out

            unlocked = good(notes.migrate("unlock"))

            assert "ended: pid" in unlocked.err
            child.wait(20)
            assert child.returncode in {5, 7}
            assert "lock        free" in good(notes.migrate("status")).out
        finally:
            child.kill()
            child.communicate()
        notes.write({"0002_slow.sql": "SELECT 1;\n"})
        good(notes.migrate())

    def test_the_database_of_another_environment_is_refused(self, notes: Product) -> None:
        ended = notes.migrate(env="production")
        assert ended.code == 4
        assert "this database belongs to staging, not to production" in ended.err

    def test_what_another_tool_applied_is_adopted(self, product: Product) -> None:
        product.write(NOTES)
        product.query(NOTES["0001_notes.sql"])
        product.query("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        product.query("INSERT INTO schema_migrations VALUES ('0001')")
        looked = good(product.migrate("adopt", "--dry-run"))
        assert product.query("SELECT to_regnamespace('shipit') IS NULL") == [(True,)], looked.err

        assert "1 adopted from dbmate" in good(product.migrate("adopt")).err

        assert "nothing to migrate" in good(product.migrate()).err
        assert product.applied() == ["0001"]


class TestFaces:
    def test_github_gets_a_summary_and_outputs(self, acme: Product, tmp_path: Path) -> None:
        summary, output = tmp_path / "summary", tmp_path / "output"
        ended = good(
            acme.migrate(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(output))
        )
        assert "::group::" in ended.err + ended.out
        assert "Migrate staging" in summary.read_text()
        assert LAST in output.read_text()
        assert "migrated" in output.read_text()

    def test_on_github_a_failure_is_an_annotation(self, notes: Product, tmp_path: Path) -> None:
        notes.write({"0002_fails.sql": "INSERT INTO notes (id) VALUES (NULL);\n"})
        ended = notes.migrate(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
        assert ended.code == 7
        assert "::error" in ended.err + ended.out
        assert "0002_fails.sql" in (tmp_path / "summary").read_text()

    def test_the_audit_file_tells_the_run_from_its_beginning_to_its_end(self, notes: Product) -> None:
        records = [json.loads(line) for line in notes.audit().splitlines()]
        assert (records[0]["event"], records[-1]["event"], records[-1]["outcome"]) == ("begin", "end", "complete")
        assert {"lock", "begin", "backup", "apply-0001", "verify", "record"} <= {row.get("name") for row in records}
        assert {row["database"] for row in records} == {notes.database}

    @pytest.mark.parametrize("package", ["psycopg", "postgast"])
    def test_without_the_extra_it_is_named(self, notes: Product, package: str) -> None:
        notes.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
        without = (
            f"import runpy, sys; sys.modules[{package!r}] = None; runpy.run_module('shipit', run_name='__main__')"
        )
        argv = [sys.executable, "-c", without, "migrate", "--env", "staging", "--yes"]
        variables = run.environment(**notes.variables)

        ended = subprocess.run(argv, cwd=notes.folder, env=variables, capture_output=True, text=True, check=False)

        assert ended.returncode == 2, ended.stderr
        assert 'hint: pip install "shipit-release[postgres]"' in ended.stderr
        assert "Traceback" not in ended.stderr


@dataclass(frozen=True)
class Answer:
    status: int = 200
    data: bytes = b"{}"
    all_headers: dict[str, str] = field(default_factory=dict)


class TestPeopleAreTold:
    @pytest.fixture
    def heard(self, notes: Product) -> Iterator[list[dict[str, Any]]]:
        heard: list[dict[str, Any]] = []

        def answer(asked: Asked) -> Answer:
            heard.append(json.loads(asked.body))
            return Answer()

        listener = Listener(answer)
        listener.start()
        notes.environment["CHANNEL"] = listener.root.replace("http", "json", 1)
        notes.configure(tables=ALL_ENDS)
        yield heard
        listener.stop()

    def test_of_success_and_of_failure(self, notes: Product, heard: list[dict[str, Any]]) -> None:
        notes.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
        good(notes.migrate())
        notes.write({"0003_fails.sql": "INSERT INTO notes (id) VALUES (NULL);\n"})
        assert notes.migrate().code == 7
        good(notes.migrate("--dry-run"))

        assert [one["title"] for one in heard] == ["staging: migrate complete", "staging: migrate rolled back"]
        assert [one["type"] for one in heard] == ["success", "failure"]
        assert notes.database in heard[0]["message"]
        assert "0003_fails" in heard[1]["message"]

    def test_of_a_password_that_is_wrong_and_of_a_server_that_is_not_there(
        self, notes: Product, heard: list[dict[str, Any]]
    ) -> None:
        there = notes.query("SELECT count(*) FROM shipit.run")
        notes.server.role("stranger", "right", "LOGIN")
        place = f"127.0.0.1:{notes.server.port}/{notes.database}"
        for address in (
            f"postgresql://stranger:wr0ngSecret@{place}",
            "postgresql://ada:wr0ngSecret@127.0.0.1:1/acme",
        ):
            notes.address = address
            assert notes.migrate().code == 4
        notes.address = notes.server.url(notes.database)

        assert [one["title"] for one in heard] == ["staging: migrate refused"] * 2
        assert "stranger" in heard[0]["message"]
        ends = [json.loads(line) for line in notes.audit().splitlines()][-2:]
        assert [(end["event"], end["outcome"], end["user"]) for end in ends] == [
            ("end", "refused", "stranger"),
            ("end", "refused", "ada"),
        ]
        assert "wr0ngSecret" not in notes.audit() + json.dumps(heard)
        assert notes.query("SELECT count(*) FROM shipit.run") == there

    def test_only_of_what_they_want_to_hear(self, notes: Product, heard: list[dict[str, Any]]) -> None:
        notes.configure(tables='[tool.shipit.notify]\napprise = "env:CHANNEL"')
        notes.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
        good(notes.migrate())
        assert heard == []

    def test_a_channel_that_is_down_changes_nothing(self, notes: Product) -> None:
        notes.environment["CHANNEL"] = "json://127.0.0.1:1/"
        notes.configure(tables=ALL_ENDS)
        notes.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
        ended = good(notes.migrate())
        assert "nobody could be notified: notification 1 of 1" in ended.err


class TestOtherTools:
    def test_alembic_runs_within_lock_backup_and_audit(self, product: Product) -> None:
        product.configure(settings='engine = "alembic"\npath = "database"')
        for name, text in ALEMBIC.items():
            path = product.folder / "database" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

        first = good(product.migrate("--verbose"))

        assert "Run alembic" in first.err
        assert product.query("SELECT count(*) FROM notes") == [(0,)]
        assert len(product.backups()) == 1
        assert product.query("SELECT command, outcome FROM shipit.run") == [("migrate", "complete")]
        assert '"apply"' in product.audit()
        before = product.next_xid()
        assert "nothing to migrate: alembic has nothing pending" in good(product.migrate()).err
        assert (product.next_xid(), len(product.backups())) == (before, 1)

        assert product.migrate("rollback").code == 2  # it must be told where to
        good(product.migrate("rollback", "--to", "base"))
        assert product.query("SELECT to_regclass('notes') IS NULL") == [(True,)]

    def test_a_command_runs_within_lock_backup_and_audit(self, product: Product) -> None:
        tool = product.folder / "tool.py"
        tool.write_text(
            "import os, sys, psycopg\n"
            "with psycopg.connect(os.environ['DATABASE_URL'], autocommit=True) as c:\n"
            "    there = c.execute(\"SELECT to_regclass('done') IS NOT NULL\").fetchone()[0]\n"
            "    if sys.argv[1] == 'status':\n"
            "        print('' if there else 'one')\n"
            "    else:\n"
            '        held = c.execute("TABLE pg_locks").fetchall()\n'
            "        c.execute('CREATE TABLE done AS SELECT %s AS held' % sum('advisory' in row for row in held))\n"
        )
        words = f'command = ["{sys.executable}", "tool.py", "up"]'
        asks = f'status-command = ["{sys.executable}", "tool.py", "status"]'
        product.configure(settings=f'engine = "command"\n{words}\n{asks}')

        planned = good(product.migrate("--dry-run"))
        assert "Run " in planned.err
        assert product.query("SELECT to_regclass('done') IS NULL") == [(True,)]
        good(product.migrate())

        assert product.query("SELECT held FROM done") == [(1,)]
        assert len(product.backups()) == 1
        assert json.loads(product.audit().splitlines()[-1])["outcome"] == "complete"
        assert "nothing to migrate" in good(product.migrate()).err
        assert len(product.backups()) == 1

    def test_a_tool_that_fails_is_stopped_half_way_and_told_to_history(self, product: Product) -> None:
        product.configure(settings='engine = "command"\ncommand = ["sh", "-c", "echo no such luck; exit 3"]')
        ended = product.migrate()
        assert ended.code == 5, ended.err
        assert "no such luck" in ended.err
        assert "no such luck" in good(product.migrate("history")).out


class TestStuck:
    def test_a_session_that_hangs_in_a_transaction_is_ended_by_unlock(self, notes: Product) -> None:
        with closing(psycopg.connect(notes.address, autocommit=True, application_name="shipit")) as stuck:
            stuck.execute("SELECT pg_advisory_lock(1936222576, 1769209856)")
            assert notes.migrate("status").out.count("application shipit") == 1
            good(notes.migrate("unlock"))
            with pytest.raises(psycopg.OperationalError):
                stuck.execute("SELECT 1")
        assert "nobody holds the lock" in good(notes.migrate("unlock")).err

    def test_a_table_that_is_locked_all_the_time_is_told_with_its_holder(self, notes: Product) -> None:
        notes.configure(settings='rehearse = "never"', staging=f"{NO_BACKUP}\nlock-patience = 1")
        notes.write({"0002_more.sql": "ALTER TABLE notes ADD COLUMN more text;\n"})
        held, over = threading.Event(), threading.Event()

        def hold() -> None:
            with notes.server.connect(notes.database) as other, other.transaction():
                other.execute("SELECT 1 FROM notes")
                held.set()
                over.wait(30)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        ended = notes.migrate()
        over.set()
        thread.join()
        assert ended.code == 7, ended.err
        assert "in the way: pid" in ended.err
        good(notes.migrate())


def good(ended: Ended) -> Ended:
    assert ended.code == 0, ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
    return ended


def outputs(ended: Ended) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.out.splitlines()[-1])["outputs"]
    return found
