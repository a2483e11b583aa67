"""The demos are the first thing that a stranger runs: they must pass, and notice when something is wrong."""

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from examples import demo, demo_migrations, stage

from tests.support.acme import Laid
from tests.support.postgres import programs
from tests.support.require import require

TOP = Path(__file__).parent.parent.parent
STAGING = """\
CREATE TABLE notes (id TEXT PRIMARY KEY, body TEXT, tags TEXT);
CREATE TABLE events (delivery TEXT PRIMARY KEY);
CREATE TABLE shipit_run (id TEXT PRIMARY KEY);
INSERT INTO notes VALUES ('1', 'Buy milk', 'food'), ('2', 'Buy bread', 'food');
"""


def run(name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOP / "examples" / name)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_demo_releases_acme_migrates_its_database_and_every_check_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    ended = run("demo.py")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    checks = ended.stdout.partition("And what do git and pip say?")[2]
    assert checks.count("✓ ") >= 9
    assert "✗" not in checks.partition("# What would a migration")[0]
    asked = checks.partition("And what does sqlite3 say?")[2]
    answers = asked.partition("And what answers?")[2]
    assert (asked.partition("# What would a deployment")[0].count("✓ "), answers.count("✓ ")) == (3, 5)
    assert "✗" not in answers
    assert "v1.1.0 is released, migrated and deployed, and everything holds" in ended.stdout


def test_the_demo_on_postgres_starts_a_server_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("PostgreSQL programs", bool(programs()))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    ended = run("demo_postgres.py")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    asked = ended.stdout.partition("And what does psql say?")[2]
    assert (asked.count("✓ "), "✗" in asked) == (3, False)
    assert "staging is migrated, and everything holds" in ended.stdout
    assert "postgresql://" not in ended.stdout  # nobody shows an address with a password
    [port] = {line.split("@127.0.0.1:")[1].split("/")[0] for line in ended.stdout.splitlines() if "@127" in line}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)), timeout=5)


def test_the_demo_fails_when_nothing_was_released(acme: Laid, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(stage.Failed):
        demo.check(acme, "v1.1.0")

    said = capsys.readouterr().out
    for sentence in ("an annotated tag", "main contains", "a wheel and a source archive", "pip installs"):
        assert any(sentence in line and "✗" in line for line in said.splitlines())


class TestTheDatabaseIsAskedWithoutShipit:
    @pytest.fixture
    def staging(self, acme: Laid) -> demo_migrations.Sqlite:
        """As the demo leaves it, with its backup."""
        backups = acme.clone / ".git" / "shipit" / "backups" / "staging"
        backups.mkdir(parents=True)
        for path in (acme.folder / "live" / "staging" / "acme.sqlite3", backups / "20260102T030405Z-ab12.sqlite3"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(STAGING)
        return demo_migrations.Sqlite(acme.folder / "live" / "staging" / "acme.sqlite3")

    def failures(self, acme: Laid, staging: demo_migrations.Sqlite, capsys: pytest.CaptureFixture[str]) -> str:
        with pytest.raises(stage.Failed):
            stage.check("And?", demo_migrations.questions(acme, staging))
        return "\n".join(line for line in capsys.readouterr().out.splitlines() if "✗" in line)

    def test_as_it_should_be_everything_holds(self, acme: Laid, staging: demo_migrations.Sqlite) -> None:
        stage.check("And?", demo_migrations.questions(acme, staging))

    @pytest.mark.parametrize(
        ("statement", "noticed"),
        [
            ("CREATE TABLE tags (name TEXT)", "nothing of the migration that failed"),
            ("DROP TABLE events", "the tables of the product are there"),
            ("DELETE FROM notes WHERE id = '1'", "the notes that were written are there"),
        ],
    )
    def test_a_database_that_is_not_as_before_is_noticed(
        self,
        acme: Laid,
        staging: demo_migrations.Sqlite,
        capsys: pytest.CaptureFixture[str],
        statement: str,
        noticed: str,
    ) -> None:
        staging.ask(statement)

        failures = self.failures(acme, staging, capsys)

        assert noticed in failures
        assert failures.count("✗") == 1

    def test_a_backup_that_is_damaged_is_noticed(
        self, acme: Laid, staging: demo_migrations.Sqlite, capsys: pytest.CaptureFixture[str]
    ) -> None:
        backup = demo_migrations.newest(acme.clone / ".git" / "shipit" / "backups" / "staging")
        backup.write_bytes(backup.read_bytes()[:5000])

        failures = self.failures(acme, staging, capsys)

        assert "the backup from before can be read whole" in failures
        assert failures.count("✗") == 1


def test_a_command_that_ends_otherwise_than_expected_ends_the_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.show(tmp_path, "It fails.", f"{sys.executable} -c 'raise SystemExit(7)'", expected=7)
    assert "(exit code 7)" in capsys.readouterr().out
    with pytest.raises(stage.Failed, match="ended with exit code 0, not 7"):
        stage.show(tmp_path, "It fails.", f"{sys.executable} -c pass", expected=7)
