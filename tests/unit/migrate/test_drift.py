"""A schema that is not what the migrations left: what differs is named, as far as the ledger knows it."""

from pathlib import Path

import pytest

from shipit.errors import LiveDiffers, StoppedHalfway, Unavailable
from shipit.migrate import command, recovery, status
from shipit.migrations.drift import Schema
from shipit.migrations.records import Run
from tests.unit.migrate.scene import Scene

NOT_KNOWN = "what differs is not known"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def drifted(scene: Scene) -> list[str]:
    with pytest.raises(LiveDiffers) as caught:
        status.verify(scene.job())
    what, *lines = caught.value.evidence
    assert "the schema has changed since 0001 was applied" in what
    return [line.strip() for line in lines]


def test_what_a_run_left_is_what_it_is_compared_with(scene: Scene) -> None:
    command.run(scene.job())
    assert status.verify(scene.job())["verified"] == "true"
    scene.database.tables["by_hand"] = 0
    del scene.database.tables["kept"]
    assert drifted(scene) == ["appeared: by_hand", "gone: kept"]


def test_of_a_run_that_was_killed_nothing_is_said_that_is_not_known(scene: Scene) -> None:
    command.run(scene.job())
    scene.database.kept_schema = None
    scene.database.tables["by_hand"] = 0
    [line] = drifted(scene)
    assert line.startswith(NOT_KNOWN)


def test_nor_where_an_earlier_run_left_another_schema(scene: Scene) -> None:
    command.run(scene.job())
    scene.database.kept_schema = Schema("of an earlier one", {"table a": ""})
    scene.database.tables["by_hand"] = 0
    [line] = drifted(scene)
    assert line.startswith(NOT_KNOWN)


def test_another_order_of_columns_is_called_so(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    command.run(scene.job())
    monkeypatch.setattr(scene.database, "fingerprint", lambda: "another", raising=False)
    [line] = drifted(scene)
    assert "the order of columns" in line


def test_a_run_that_stops_half_way_leaves_what_can_be_compared(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.run(scene.job())
    scene.database.kept_schema = None
    close_run = scene.database.close_run

    def failing(run: Run, schema: Schema | None = None) -> None:
        if run.outcome == "complete":
            raise Unavailable("no answer")
        close_run(run, schema)

    monkeypatch.setattr(scene.database, "close_run", failing, raising=False)
    with pytest.raises(StoppedHalfway):
        recovery.rollback(scene.job(to="0"))
    assert scene.database.kept_schema is None, "nothing is applied any more"
    with pytest.raises(StoppedHalfway):
        command.run(scene.job())
    assert scene.database.kept_schema
    scene.database.tables["by_hand"] = 0
    assert drifted(scene) == ["appeared: by_hand"]


def test_after_a_run_that_was_killed_at_its_end_the_next_one_keeps_it(scene: Scene) -> None:
    command.run(scene.job())
    scene.database.kept_schema = None
    scene.database.holder_ = None
    scene.database.runs_.append(Run("killed", "migrate", "ada", "laptop", 1.0))
    command.run(scene.job())
    assert scene.database.runs()[0].outcome == "killed"
    scene.database.tables["by_hand"] = 0
    assert drifted(scene) == ["appeared: by_hand"]
