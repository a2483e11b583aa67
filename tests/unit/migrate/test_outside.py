"""An environment of the configuration: its database and what stands around it, each built when first touched."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.adapters.backup_store import CommandStore
from shipit.adapters.notify import AppriseNotifier
from shipit.adapters.notify_command import CommandNotifier
from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.adapters.sqlite.grammar import SqliteGrammar
from shipit.adapters.wrapped.tool import CommandTool
from shipit.config import Project, open_project
from shipit.errors import UsageError
from shipit.migrate.outside import Outside, sources_of
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


SQLITE = '[tool.shipit.environments.staging.database]\nurl = "sqlite:///var/staging.db"\n'
POSTGRES = '[tool.shipit.environments.staging.database]\nurl = "env:DATABASE_URL"\n'
BY_ENGINE = '[tool.shipit.migrations]\npath = "migrations/{engine}"\n'
COMMAND = '[tool.shipit.migrations]\nengine = "command"\n'


class TestTheGrammar:
    def test_is_that_of_the_database(self, make: Make) -> None:
        assert isinstance(staging(make(POSTGRES)).syntax, PostgresGrammar)
        assert isinstance(staging(make(SQLITE)).syntax, SqliteGrammar)

    def test_follows_the_address_that_a_secret_holds(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/acme.db")
        outside = staging(make(POSTGRES + BY_ENGINE))
        assert (outside.dialect, outside.folder) == ("sqlite", "migrations/sqlite")
        assert outside.database.health.address.database == "/srv/acme.db"

    def test_without_a_database_is_what_the_environments_say(self, make: Make) -> None:
        assert [one.dialect for one in sources_of(make(SQLITE))] == ["sqlite"]
        assert [one.dialect for one in sources_of(make(POSTGRES))] == ["postgresql"]
        both = f'{POSTGRES}[tool.shipit.environments.laptop.database]\nurl = "sqlite:///a.db"\n'
        assert [one.dialect for one in sources_of(make(both))] == ["postgresql", "sqlite"]

    def test_is_that_of_postgresql_where_nothing_says_so(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATABASE_URL")
        assert [one.dialect for one in sources_of(make())] == ["postgresql"]
        assert [one.dialect for one in sources_of(make(POSTGRES))] == ["postgresql"]

    def test_of_a_folder_for_each_engine_is_known_by_the_folders(self, make: Make, tmp_path: Path) -> None:
        project = make(BY_ENGINE)
        with pytest.raises(UsageError, match="it is not known for which database"):
            sources_of(project)
        (tmp_path / "migrations" / "sqlite").mkdir(parents=True)
        assert [one.folder for one in sources_of(project)] == ["migrations/sqlite"]
        (tmp_path / "migrations" / "postgresql").mkdir()
        assert [one.folder for one in sources_of(project)] == ["migrations/postgresql", "migrations/sqlite"]


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

    @pytest.mark.parametrize(
        "address",
        ["sqlite:acme.db", "sqlite://acme.db", "sqlite:///", "sqlite:///:memory:", "sqlite:///a.db?mode=ro"],
    )
    def test_whose_address_a_secret_spells_otherwise_is_a_usage_error(
        self, make: Make, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", address)
        with pytest.raises(UsageError, match="the address of the SQLite database cannot be read") as caught:
            _ = staging(make(POSTGRES)).database
        assert "sqlite:///relative.db" in (caught.value.hint or "")

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
            _ = staging(make(POSTGRES)).syntax
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
            ("staging", "", Policy()),
            ("staging", 'on-failure = "stop"', Policy()),
            ("staging", 'on-failure = "down"', Policy(downs=True, restores=True)),
            ("staging", 'on-failure = "down"\nrestore = false', Policy(downs=True)),
            ("production", "", Policy()),
            ("production", 'on-failure = "down"', Policy(downs=True)),
            ("production", "restore = true", Policy(restores=True)),
        ],
    )
    def test_is_nothing_unless_it_is_said(self, make: Make, name: str, settings: str, policy: Policy) -> None:
        outside = make(f"[tool.shipit.environments.{name}.database]\nurl = 'env:A'\n{settings}\n")
        assert Outside(outside, name).policy == policy


class TestWhoIsTold:
    def test_nobody_without_addresses(self, make: Make) -> None:
        assert list(staging(make(SQLITE)).notifiers) == []

    def test_every_address_that_a_secret_holds(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHAT", " slack://token\nmailto://ada@acme.example ")
        outside = staging(make(f'{SQLITE}[tool.shipit.notify]\napprise = "env:CHAT"\n'))
        assert list(outside.notifiers) == [AppriseNotifier(("slack://token", "mailto://ada@acme.example"))]

    def test_a_command_as_well(self, make: Make, tmp_path: Path) -> None:
        outside = staging(make(f'{SQLITE}[tool.shipit.notify]\nrun = "notify-send"\napprise = "env:CHAT"\n'))
        command, apprise = outside.notifiers
        assert command == CommandNotifier("notify-send", tmp_path)
        assert apprise == AppriseNotifier(("slack://token",))


class TestTheProjectsOwnTool:
    def test_is_the_one_that_is_configured(self, make: Make) -> None:
        outside = staging(make(f'{SQLITE}{COMMAND}command = ["mytool", "up"]\n'))
        assert isinstance(outside.tool, CommandTool)

    def test_without_a_command_is_a_usage_error(self, make: Make) -> None:
        outside = staging(make(f"{SQLITE}{COMMAND}"))
        with pytest.raises(UsageError, match="engine command needs a command"):
            _ = outside.tool


class TestFolders:
    def test_are_beside_the_clones_own_files_unless_named(self, make: Make, tmp_path: Path) -> None:
        outside = staging(make(SQLITE))
        assert outside.backups == tmp_path / ".git" / "shipit" / "backups" / "staging"
        assert outside.audit.path == tmp_path / "reports" / "migrations.jsonl"

    def test_can_be_named(self, make: Make, tmp_path: Path) -> None:
        outside = staging(make(f'[tool.shipit]\nreports = "out"\n{SQLITE}backup.path = "kept"\n'))
        assert outside.backups == tmp_path / "kept" / "staging"
        assert outside.audit.path == tmp_path / "out" / "migrations.jsonl"

    def test_a_backup_is_stored_elsewhere_where_the_configuration_says_so(self, make: Make, tmp_path: Path) -> None:
        assert staging(make(SQLITE)).store is None
        outside = staging(make(f'{SQLITE}backup.store = "rclone copy {{file}} remote:acme"\n'))
        assert outside.store == CommandStore("rclone copy {file} remote:acme", tmp_path)


def test_a_run_has_an_id_of_its_own_that_sorts_by_time(make: Make) -> None:
    outside = staging(make(SQLITE))
    first, second = outside.new_run("migrate"), outside.new_run("rollback")
    assert first.id != second.id
    assert first.id[:21] <= second.id[:21]  # also within a second
    assert (first.command, first.actor, second.command) == ("migrate", "ada", "rollback")
    assert first.host
