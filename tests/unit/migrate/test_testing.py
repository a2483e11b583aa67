"""The database of the environment `testing`: whose it must be, and what is done to it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.config import Project
from shipit.errors import Refused
from shipit.migrate import testing
from shipit.migrate.outside import Outside
from shipit.output import Renderer
from shipit.output.reporter import Reporter
from tests.fakes_database import FakeDatabase
from tests.unit.memory import Recorder
from tests.unit.migrate.scene import Scene

ENVIRONMENT = '\n[tool.shipit.environments.testing.database]\nurl = "sqlite:///testing.sqlite3"\n'


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def prepare(tmp_path: Path, database: FakeDatabase, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    scene = Scene(tmp_path, environment=ENVIRONMENT)

    class Faked(Outside):
        def __init__(self, project: Project, name: str) -> None:
            super().__init__(project, name)
            assert name == "testing"
            vars(self)["database"] = database.ports()

    def migrated(job: object) -> None:
        database.log.append(f"migrate without backup: {not Faked.options.fget(job.outside).backup.enabled}")  # type: ignore[attr-defined]

    monkeypatch.setattr(testing, "Outside", Faked)
    monkeypatch.setattr(testing, "run", migrated)
    return lambda: testing.prepare(scene.outside.project, Reporter(Renderer(Recorder())))


@pytest.mark.parametrize("bound", [None, "testing"])
def test_one_of_its_own_or_an_empty_one_of_nobody_is_emptied_and_migrated(
    prepare: Callable[[], str], database: FakeDatabase, bound: str | None
) -> None:
    database.bound = bound
    database.tables = {"notes": 3} if bound else {}
    assert prepare() == "sqlite:///testing.sqlite3"
    assert database.log == ["lock", "empty", "migrate without backup: True"]
    assert (database.bound, database.tables, database.closed) == ("testing", {}, 1)


def test_one_of_another_environment_is_refused_and_not_touched(
    prepare: Callable[[], str], database: FakeDatabase
) -> None:
    database.bound, database.tables = "production", {"notes": 3}
    with pytest.raises(Refused):
        prepare()
    assert (database.log, database.tables, database.closed) == ([], {"notes": 3}, 1)


@pytest.mark.parametrize(("number", "shown"), [(2, 2), (7, 6)])
def test_one_of_nobody_that_holds_something_is_refused_and_its_content_named(
    prepare: Callable[[], str], database: FakeDatabase, number: int, shown: int
) -> None:
    database.tables = {f"t{index}": 1 for index in range(number)}
    with pytest.raises(Refused, match="not bound to testing, and it is not empty") as caught:
        prepare()
    assert len(caught.value.evidence) == shown
    assert (database.log, len(database.tables), database.bound) == ([], number, None)
