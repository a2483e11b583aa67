"""Migrations by a project's own tool: lock, identity, backup, audit and notification are ours."""

from pathlib import Path

import pytest

from shipit.errors import ExternalError, Refused, StoppedHalfway, UsageError
from shipit.migrate import command, recovery
from tests.unit.migrate.scene import FakeTool, Scene

ADDRESS = "sqlite:///staging.sqlite3"


@pytest.fixture
def tool() -> FakeTool:
    return FakeTool()


@pytest.fixture
def scene(tmp_path: Path, tool: FakeTool) -> Scene:
    scene = Scene(tmp_path, migrations='engine = "alembic"')
    vars(scene.outside)["tool"] = tool
    return scene


class TestForward:
    def test_the_tool_runs_under_our_lock_and_after_our_backup(self, scene: Scene, tool: FakeTool) -> None:
        facts = command.run(scene.job())
        assert tool.calls == [("upgrade", ADDRESS, None)]
        assert scene.done == ["lock", "begin", "backup", "apply", "record"]
        assert scene.database.log[:3] == ["lock", "open_run", "backup"]
        assert facts["migrated"] == "true"
        assert [(run.id, run.outcome) for run in scene.database.runs()] == [(facts["run"], "complete")]
        assert scene.database.bound == "staging"

    def test_it_can_be_told_where_to_stop(self, scene: Scene, tool: FakeTool) -> None:
        command.run(scene.job(to="abc"))
        assert tool.calls == [("upgrade", ADDRESS, "abc")]
        assert tool.left == ["def"]

    def test_the_plan_says_what_cannot_be_promised_and_what_is_pending(self, scene: Scene, tool: FakeTool) -> None:
        facts = command.run(scene.job(dry_run=True))
        assert facts["migrated"] == "false"
        assert "not promised with alembic: that a failed revision leaves nothing" in scene.said
        [preview] = scene.recorder.previews
        assert preview.title == "Migrate staging with alembic"
        assert preview.point_of_no_return == "backup"
        [look] = [one.look for one in preview.looked if one.name == "apply"]
        assert look.evidence == "2 pending: abc, def"
        assert (tool.calls, scene.database.log) == ([], [])

    def test_with_nothing_pending_there_is_no_run(self, scene: Scene, tool: FakeTool) -> None:
        tool.left.clear()
        assert command.run(scene.job()) == {"migrated": "false"}
        assert "nothing to migrate: alembic has nothing pending on staging" in scene.said
        assert (tool.calls, scene.database.log) == ([], [])

    def test_not_even_then_in_the_database_of_another_environment(self, scene: Scene, tool: FakeTool) -> None:
        tool.left.clear()
        scene.database.bound = "production"
        with pytest.raises(Refused, match="this database belongs to production, not to staging"):
            command.run(scene.job())

    def test_one_that_cannot_tell_what_is_pending_is_run(self, scene: Scene, tool: FakeTool) -> None:
        tool.tells = False
        assert command.run(scene.job())["migrated"] == "true"
        assert tool.calls == [("upgrade", ADDRESS, None)]

    def test_nobody_can_say_how_much_is_there_when_it_fails(self, scene: Scene, tool: FakeTool) -> None:
        tool.trouble = ExternalError("alembic ended with exit code 1")
        with pytest.raises(StoppedHalfway, match="alembic ended with exit code 1") as caught:
            command.run(scene.job())
        assert (caught.value.hint or "").endswith("fix that, then run shipit migrate --env staging again")
        assert [run.outcome for run in scene.database.runs()] == ["stopped half-way"]


class TestBack:
    def test_the_tool_takes_back_after_a_backup(self, scene: Scene, tool: FakeTool) -> None:
        recovery.rollback(scene.job(to="base"))
        assert tool.calls == [("downgrade", ADDRESS, "base")]
        assert scene.done == ["lock", "begin", "backup", "take-down", "record"]

    def test_a_question_names_where_to(self, scene: Scene, tool: FakeTool) -> None:
        scene.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            recovery.rollback(scene.asking(to="base"))
        assert scene.questions == ["Let alembic roll staging back to base?"]
        assert tool.calls == []

    def test_it_must_be_told_where_to(self, scene: Scene, tool: FakeTool) -> None:
        with pytest.raises(UsageError, match="alembic needs a revision: --to"):
            recovery.rollback(scene.job())
        assert tool.calls == []
