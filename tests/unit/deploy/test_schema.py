"""The database as a deployment sees it: the files of the commit, and a migration as a step among others."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from shipit.config import open_project
from shipit.deploy import schema
from shipit.deploy.schema import CommittedFiles, MigratedSchema, committed
from shipit.engine import events
from shipit.engine.plan import done
from shipit.engine.preview import Preview
from shipit.errors import Refused, UsageError
from shipit.migrate import command
from shipit.migrate.outside import Outside
from shipit.output.problem import Report
from tests.unit.memory import lay_out_git_folder

COMMIT = "1" * 40
SETTINGS = """\
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.environments.staging.database]
url = "sqlite:///staging.sqlite3"
"""


class Tree:
    """Plays deploy.ports.Files."""

    def __init__(self, **texts: bytes) -> None:
        self.texts = texts

    def files(self, commit: str, prefix: str = "") -> Sequence[str]:
        return [path for path in self.texts if path.startswith(f"{prefix}/")]

    def read_all(self, commit: str, paths: Sequence[str]) -> Mapping[str, bytes]:
        return {path: self.texts[path] for path in paths}


def project(folder: Path, settings: str = SETTINGS) -> Any:
    lay_out_git_folder(folder)
    (folder / "pyproject.toml").write_text(settings)
    return open_project(folder)


def test_the_files_are_those_of_the_commit() -> None:
    tree = Tree(
        **{
            "migrations/0001_begin.sql": b"CREATE TABLE notes (id INTEGER PRIMARY KEY);",
            "migrations/0002_more.py": b"def up(database): ...",
            "migrations/README.md": b"no migration",
            "migrations/.0003_hidden.sql": b"SELECT 1;",
            "migrations/old/0000_never.sql": b"SELECT 1;",
            "other/0009_other.sql": b"SELECT 1;",
        }
    )
    files = CommittedFiles(history=tree, commit=COMMIT, folder="migrations")
    found, path = files.read()
    assert found == {
        "0001_begin.sql": b"CREATE TABLE notes (id INTEGER PRIMARY KEY);",
        "0002_more.py": b"def up(database): ...",
        "old/0000_never.sql": b"",  # named only, so that somebody can say what is wrong with it
    }
    assert path == Path("migrations")


def test_a_commit_without_migrations_says_so() -> None:
    files = CommittedFiles(history=Tree(), commit=COMMIT, folder="migrations")
    with pytest.raises(UsageError) as caught:
        files.read()
    assert caught.value.what == "there are no migrations in `migrations` at 1111111111"


def test_a_tool_of_the_project_is_not_run_by_a_deployment(tmp_path: Path) -> None:
    settings = SETTINGS + '\n[tool.shipit.migrations]\nengine = "alembic"\n'
    with pytest.raises(UsageError) as caught:
        committed(project(tmp_path, settings), "staging", Tree(), COMMIT)
    assert caught.value.what == "a deployment cannot run alembic by itself yet"


def opened(folder: Path, tree: Tree) -> tuple[Outside, MigratedSchema]:
    outside = committed(project(folder), "staging", tree, COMMIT)
    return outside, MigratedSchema(outside)


def test_what_is_pending_and_which_of_it_drops_something(tmp_path: Path) -> None:
    tree = Tree(
        **{
            "migrations/0001_begin.sql": b"CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);\n",
            "migrations/0002_drop.sql": b"-- shipit: contract\nALTER TABLE notes DROP COLUMN text;\n",
        }
    )
    outside, made = opened(tmp_path, tree)
    assert made.version() == ""
    assert [*made.pending()] == ["0001_begin", "0002_drop"]
    assert [*made.contracts()] == ["0002_drop"]
    outside.close()
    assert not (tmp_path / "staging.sqlite3").exists()


def test_files_that_may_not_be_applied_are_refused(tmp_path: Path) -> None:
    twice = {f"migrations/0001_{name}.sql": b"CREATE TABLE a (b TEXT);\n" for name in ("one", "other")}
    outside, made = opened(tmp_path, Tree(**twice))
    with pytest.raises(Refused):
        made.pending()
    outside.close()


def test_what_a_migration_says_is_said_by_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside, made = opened(tmp_path, Tree(**{"migrations/0001_begin.sql": b"CREATE TABLE a (b TEXT);\n"}))
    said: list[str] = []

    def run(job: Any) -> None:
        assert job.outside is outside
        for event in (
            events.Said("0001_begin", "CREATE TABLE"),
            events.StepDone("0001_begin", "Apply it", done("applied"), 0.1, 1, 2),
            events.StepDone("check", "Check it", done(), 0.1, 2, 2),
            events.RollingBack("the disk is full"),
            events.StepStarted("more", "More", 2, 2),
        ):
            job.reporter.emit(event)
        job.reporter.say("one\ntwo")
        job.reporter.renderer.outputs({"migrated": "true"})
        job.reporter.renderer.close()

    monkeypatch.setattr(command, "run", run)
    made.migrate(said.append)
    assert said == ["CREATE TABLE", "0001_begin: applied", "check", "rolling back: the disk is full", "one", "two"]
    outside.close()


def test_a_plan_and_an_error_within_a_step_are_not_shown_twice() -> None:
    said: list[str] = []
    relay = schema._Relay(said.append)
    relay.preview(Preview(title="a plan"))
    relay.error(cast(Report, object()))
    assert said == []


def test_its_end_is_not_notified_beside_that_of_the_deployment_and_is_in_the_audit_file(tmp_path: Path) -> None:
    lay_out_git_folder(tmp_path)
    notify = '\n[tool.shipit.notify]\nrun = ["no-such-program"]\non = ["complete"]\n'
    (tmp_path / "pyproject.toml").write_text(SETTINGS + notify)
    tree = Tree(**{"migrations/0001_begin.sql": b"CREATE TABLE a (b TEXT);\n"})
    outside = committed(open_project(tmp_path), "staging", tree, COMMIT)
    MigratedSchema(outside).migrate(lambda _: None)
    outside.close()
    assert [*outside.notifiers] == []
    assert '"event":"end"' in (tmp_path / "reports" / "migrations.jsonl").read_text().replace(" ", "")


def test_the_database_is_the_one_of_the_environment(tmp_path: Path) -> None:
    outside, made = opened(tmp_path, Tree(**{"migrations/0001_begin.sql": b"CREATE TABLE a (b TEXT);\n"}))
    made.migrate(lambda _: None)
    assert made.version() == "0001"
    assert [*made.pending()] == []
    outside.close()
