"""An environment of the configuration: its database and what stands around it, each built when first touched."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.adapters.notify import AppriseNotifier
from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.adapters.sqlite.grammar import SqliteGrammar
from shipit.adapters.wrapped.tool import CommandTool
from shipit.config import Project, open_project
from shipit.errors import UsageError
from shipit.migrate.outside import Outside, Sources
from shipit.migrations.ladder import Policy

Make = Callable[..., Project]
ADDRESS = "postgresql://ada:secret@db.example:5432/acme"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes projects whose secrets are in the environment, and whose clone is one by its look."""
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    monkeypatch.setenv("CHAT", "slack://token")
    monkeypatch.setenv("USER", "ada")
    (tmp_path / ".git" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").touch()

    def made(settings: str = "") -> Project:
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "acme"\nversion = "1.0.0"\n{settings}')
        return open_project(tmp_path)

    return made


def staging(project: Project) -> Outside:
    return Outside(project, "staging")


SQLITE = (
    '[tool.shipit.environments.staging]\ndatabase = "sqlite:var/staging.db"\n'
    '[tool.shipit.migrations]\ndialect = "sqlite"\n'
)
POSTGRES = '[tool.shipit.environments.staging]\ndatabase = "env:DATABASE_URL"\n'


class TestTheGrammar:
    def test_is_postgres_unless_the_configuration_says_sqlite(self, make: Make) -> None:
        assert isinstance(Sources(make()).syntax, PostgresGrammar)
        assert isinstance(Sources(make('[tool.shipit.migrations]\ndialect = "sqlite"\n')).syntax, SqliteGrammar)


class TestTheDatabase:
    def test_on_a_server_is_not_spoken_to_before_it_is_asked(self, make: Make) -> None:
        outside = staging(make(POSTGRES))
        assert outside.database.dialect == "postgresql"
        assert str(outside.database.health.address) == "ada@db.example:5432/acme"
        outside.close()

    def test_in_a_file_lies_below_the_top_and_is_not_made(self, make: Make, tmp_path: Path) -> None:
        outside = staging(make(SQLITE))
        assert outside.database.dialect == "sqlite"
        assert outside.database.health.address.database == str(tmp_path / "var" / "staging.db")
        outside.close()
        assert not (tmp_path / "var").exists()

    def test_refuses_files_that_are_written_for_another(self, make: Make) -> None:
        with pytest.raises(UsageError, match="the database of staging is postgresql, but the files are for sqlite"):
            _ = staging(make(f'{POSTGRES}[tool.shipit.migrations]\ndialect = "sqlite"\n')).database

    def test_that_nobody_asked_for_is_not_opened_to_be_closed(self, make: Make) -> None:
        outside = staging(make("[tool.shipit.environments.staging]\n"))
        outside.close()
        with pytest.raises(UsageError, match="no database is configured for staging"):
            _ = outside.database

    def test_of_an_unknown_environment_is_a_usage_error(self, make: Make) -> None:
        with pytest.raises(UsageError) as caught:
            Outside(make(SQLITE), "stagging")
        assert caught.value.evidence == ("known: staging", "nearest: staging")
        with pytest.raises(UsageError) as caught:
            staging(make())
        assert caught.value.evidence == ("known: none",)


class TestPostgresWithoutItsExtra:
    """Who has no PostgreSQL does not install its packages."""

    HINT = 'pip install "shipit-release[postgres]"'

    def test_the_grammar_says_what_to_install(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "shipit.adapters.postgres.grammar", None)
        with pytest.raises(UsageError, match="PostgreSQL needs packages") as caught:
            _ = Sources(make()).syntax
        assert caught.value.hint == self.HINT

    def test_the_database_says_so_too(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr("shipit.adapters.postgres.database", raising=False)
        monkeypatch.setitem(sys.modules, "shipit.adapters.postgres.database", None)
        with pytest.raises(UsageError, match="PostgreSQL needs packages") as caught:
            _ = staging(make(POSTGRES)).database
        assert caught.value.hint == self.HINT


class TestWhatMayBeTakenBackByItself:
    @pytest.mark.parametrize(
        ("name", "settings", "policy"),
        [
            ("staging", "", Policy(production=False, restores=True)),
            ("production", "", Policy(production=True, restores=False)),
            ("production", "production = false", Policy(production=False, restores=True)),
            ("live", "production = true", Policy(production=True, restores=False)),
            ("production", "restore = true", Policy(production=True, restores=True)),
            ("staging", "restore = false", Policy(production=False, restores=False)),
        ],
    )
    def test_follows_from_the_name_unless_it_is_said(
        self, make: Make, name: str, settings: str, policy: Policy
    ) -> None:
        outside = make(f"[tool.shipit.environments.{name}]\n{settings}\n")
        assert Outside(outside, name).policy == policy


class TestWhoIsTold:
    def test_nobody_without_addresses(self, make: Make) -> None:
        assert staging(make(SQLITE)).notifier is None

    def test_every_address_that_a_secret_holds(self, make: Make) -> None:
        outside = staging(make(f'{SQLITE}[tool.shipit.notify]\nurls = ["env:CHAT"]\n'))
        assert outside.notifier == AppriseNotifier(("slack://token",))


class TestTheProjectsOwnTool:
    def test_is_the_one_that_is_configured(self, make: Make) -> None:
        outside = staging(make(f'{SQLITE}engine = "command"\ncommand = ["mytool", "up"]\n'))
        assert isinstance(outside.tool, CommandTool)

    def test_without_a_command_is_a_usage_error(self, make: Make) -> None:
        outside = staging(make(f'{SQLITE}engine = "command"\n'))
        with pytest.raises(UsageError, match="engine command needs a command"):
            _ = outside.tool


class TestFolders:
    def test_are_beside_the_clones_own_files_unless_named(self, make: Make, tmp_path: Path) -> None:
        outside = staging(make(SQLITE))
        assert outside.backups == tmp_path / ".git" / "shipit" / "backups" / "staging"
        assert outside.audit.path == tmp_path / ".git" / "shipit" / "audit.jsonl"

    def test_can_be_named(self, make: Make, tmp_path: Path) -> None:
        outside = staging(make(f'{SQLITE}backups = "kept"\naudit = "kept/log"\n'))
        assert outside.backups == tmp_path / "kept" / "staging"
        assert outside.audit.path == tmp_path / "kept" / "log"


def test_a_run_has_an_id_of_its_own_that_sorts_by_time(make: Make) -> None:
    outside = staging(make(SQLITE))
    first, second = outside.new_run("migrate"), outside.new_run("rollback")
    assert first.id != second.id
    assert first.id[:21] <= second.id[:21]  # also within a second
    assert (first.command, first.actor, second.command) == ("migrate", "ada", "rollback")
    assert first.host
