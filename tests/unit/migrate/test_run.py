"""What every run on a database has around it: the question before it, the audit file, and who is told its end."""

from pathlib import Path
from typing import Any

import pytest

from shipit.errors import Denied, ExternalError, Refused, RolledBack, StoppedHalfway, Unavailable
from shipit.migrate import command, pending, recovery
from shipit.migrate.files import ReadFiles
from shipit.migrate.recipe import detail
from shipit.migrations.model import Footprint
from tests.fakes_database import group, made
from tests.unit.migrate.scene import FakeNotifier, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


class TestTheQuestion:
    def test_comes_after_the_plan_and_a_no_touches_nothing(self, scene: Scene) -> None:
        scene.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            command.run(scene.asking())
        assert scene.questions == ["Apply 1 to staging?"]
        assert [preview.title for preview in scene.recorder.previews] == [
            "Migrate staging: 1 migration in 1 transaction"
        ]
        assert not {"lock", "open_run"} & set(scene.database.log)
        assert scene.audit == []

    def test_is_answered_with_yes_and_the_run_goes_on(self, scene: Scene) -> None:
        facts = command.run(scene.asking())
        assert facts["migrated"] == "true"
        assert [row.version for row in scene.database.rows] == ["0001"]

    def test_is_not_asked_where_the_environment_wants_none(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, environment="confirm = false")
        scene.answer = False
        command.run(scene.asking())
        assert (scene.questions, scene.recorder.previews) == ([], [])
        assert [row.version for row in scene.database.rows] == ["0001"]


class TestTheAudit:
    def test_tells_every_step_and_that_it_was_taken_back(self, scene: Scene) -> None:
        scene.database.fails["apply"] = ExternalError("division by zero")
        with pytest.raises(RolledBack):
            command.run(scene.job())
        events = [record["event"] for record in scene.audit]
        assert events[0] == "begin"
        assert events[-4:] == ["StepFailed", "rolling back", "StepUndone", "end"]
        end = scene.audit[-1]
        assert (end["outcome"], end["host"], end["database"], end["user"]) == (
            "rolled back",
            "db.example",
            "acme",
            "ada",
        )
        assert "division by zero" in end["detail"]
        assert len({record["run"] for record in scene.audit}) == 1

    def test_that_cannot_be_written_is_said_and_stops_nobody(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        (tmp_path / "reports").touch()
        assert command.run(scene.job())["migrated"] == "true"
        assert "migrations.jsonl cannot be written" in scene.said

    def test_a_run_whose_end_cannot_be_written_stops_with_its_own_reason(self, scene: Scene) -> None:
        scene.database.fails |= {"apply": ExternalError("division by zero"), "close_run": Unavailable("no answer")}
        with pytest.raises(RolledBack, match="division by zero"):
            command.run(scene.job())
        assert [run.outcome for run in scene.database.runs()] == [""]
        assert scene.audit[-1]["outcome"] == "rolled back"


class TestBehindThePointOfNoReturn:
    """The last step fails: everything is committed, and only the row of the run is not."""

    @pytest.fixture
    def scene(self, scene: Scene) -> Scene:
        scene.database.fails["close_run"] = Unavailable("no answer")
        return scene

    def test_what_is_committed_is_said_and_the_way_back_that_a_person_can_go(self, scene: Scene) -> None:
        with pytest.raises(StoppedHalfway, match="no answer") as caught:
            command.run(scene.job())
        assert "last good version: 0001" in caught.value.evidence
        run = scene.database.runs()[0].id
        assert f"shipit migrate restore {run} --env staging" in (caught.value.hint or "")
        assert "last good version: 0001" in scene.audit[-1]["detail"]

    def test_a_database_that_does_not_answer_leaves_the_first_reason(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: object) -> None:
            def applied(_: object) -> None:
                raise Unavailable("still no answer")

            monkeypatch.setattr(type(scene.database), "applied", applied)
            raise Unavailable("no answer")

        monkeypatch.setattr(scene.database, "close_run", gone, raising=False)
        with pytest.raises(StoppedHalfway, match="no answer") as caught:
            command.run(scene.job())
        assert "still no answer" not in "\n".join((caught.value.what, *caught.value.evidence))
        assert scene.audit[-1]["outcome"] == "stopped half-way"


class TestOldBackups:
    def test_go_when_the_run_is_complete(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, environment="backup.keep = 1")
        recovery.backup(scene.job())
        [old] = [one.path for one in scene.database.backups_]
        facts = command.run(scene.job())
        assert [one.path for one in scene.database.backups_] == [facts["backup"]]
        assert f"removed the old backup {old}" in scene.said

    def test_that_cannot_be_removed_stay_and_the_run_is_complete(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def prune(keep: int) -> None:
            raise Denied("the folder is read-only")

        monkeypatch.setattr(scene.database, "prune", prune, raising=False)
        assert command.run(scene.job())["migrated"] == "true"
        assert "old backups stay: the folder is read-only" in scene.said


class TestWhoIsTold:
    URL = 'apprise = "env:CHAT"\n'
    BOTH = 'on = ["complete", "rolled-back"]'

    def notices(
        self, tmp_path: Path, notify: str = BOTH, *, lost: tuple[str, ...] = (), fails: bool = False
    ) -> Any:
        scene = Scene(tmp_path, notify=self.URL + notify)
        notifier = FakeNotifier(lost)
        scene.notified_by(notifier)
        if fails:
            scene.database.fails["apply"] = ExternalError("division by zero")
            with pytest.raises(RolledBack):
                command.run(scene.job())
        else:
            command.run(scene.job())
        return scene, notifier.notices

    def test_success_is_told_with_run_and_database(self, tmp_path: Path) -> None:
        scene, [notice] = self.notices(tmp_path)
        assert (notice.title, notice.failed) == ("staging: migrate complete", False)
        assert notice.body == f"run {scene.database.runs()[0].id} on ada@db.example:5432/acme"

    def test_failure_is_told_with_its_reason(self, tmp_path: Path) -> None:
        scene, [notice] = self.notices(tmp_path, fails=True)
        assert (notice.title, notice.failed) == ("staging: migrate rolled back", True)
        assert "division by zero" in notice.body
        assert notice.facts["event"] == "rolled-back"
        assert (notice.facts["environment"], notice.facts["command"]) == ("staging", "migrate")
        assert notice.facts["run"] == scene.database.runs()[0].id

    @pytest.mark.parametrize(("on", "fails"), [("rolled-back", False), ("complete", True), ("interrupted", True)])
    def test_who_did_not_want_to_hear_it_is_not_told(self, tmp_path: Path, on: str, fails: bool) -> None:
        _, notices = self.notices(tmp_path, f'on = ["{on}"]', fails=fails)
        assert notices == []

    def test_success_is_no_news_unless_it_is_asked_for(self, tmp_path: Path) -> None:
        _, notices = self.notices(tmp_path, "")
        assert notices == []

    def test_what_could_not_be_delivered_is_said_and_the_run_is_complete(self, tmp_path: Path) -> None:
        scene, _ = self.notices(tmp_path, lost=("the chat does not answer",))
        assert "nobody could be notified: the chat does not answer" in scene.said
        assert [run.outcome for run in scene.database.runs()] == ["complete"]

    def test_an_address_that_is_not_there_is_said_and_the_run_is_complete(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, notify=self.URL + self.BOTH)
        assert command.run(scene.job())["migrated"] == "true"
        assert "nobody could be notified" in scene.said
        assert "CHAT" in scene.said

    def test_without_addresses_nobody_is(self, scene: Scene) -> None:
        command.run(scene.job())
        assert list(scene.outside.notifiers) == []
        assert "told" not in scene.said


class TestBeforeThePlan:
    def remarks(self, scene: Scene, *groups: Any) -> list[str]:
        job = scene.job()
        parts = job.parts("migrate", ReadFiles(sources=job.outside, migrations=(), findings=()), groups)
        return pending.remarks(job, parts, ())

    def test_what_cannot_be_taken_back_once_it_is_committed_is_said(self, scene: Scene) -> None:
        groups = group(made("1", down=None)), group(made("2"))
        assert "once it is committed, 1_step has no down script" in "\n".join(self.remarks(scene, *groups))

    def test_one_transaction_needs_no_such_remark(self, scene: Scene) -> None:
        assert "once it is committed" not in "\n".join(self.remarks(scene, group(made("1", down=None))))

    def test_where_every_script_has_a_way_back_there_is_none_either(self, scene: Scene) -> None:
        groups = group(made("1")), group(made("2"))
        assert "once it is committed" not in "\n".join(self.remarks(scene, *groups))

    def test_a_size_that_nobody_knows_leaves_the_time_of_the_backup_out(self, scene: Scene) -> None:
        assert "the backup of 80.0 MB takes about 2 s" in self.remarks(scene, group(made("1")))
        scene.database.fails["size"] = Unavailable("no answer")
        assert "backup" not in "\n".join(self.remarks(scene, group(made("1"))))

    def test_a_lock_that_several_migrations_take_is_named_once(self) -> None:
        locks = Footprint({"notes": "ACCESS EXCLUSIVE"})
        both = group(made("1", footprint=locks), made("2", footprint=locks))
        assert detail(both, "R1: rolled back") == "2 statements, ACCESS EXCLUSIVE on notes; if it fails: R1"  # type: ignore[arg-type]


class TestBackup:
    def test_a_dry_run_takes_none(self, scene: Scene) -> None:
        assert recovery.backup(scene.job(dry_run=True)) == {"run": "", "backup": ""}
        assert scene.database.backups_ == []
        assert scene.said == ""


class TestRestore:
    @pytest.fixture
    def run(self, scene: Scene) -> str:
        facts = recovery.backup(scene.job())
        scene.database.tables["kept"] = 9
        return facts["run"]

    def test_where_it_is_not_possible_nothing_is_touched(self, scene: Scene, run: str) -> None:
        scene.database.no_restore = "the role may not create databases"
        with pytest.raises(Refused, match="a restore is not possible here") as caught:
            recovery.restore(scene.job(), run)
        assert caught.value.evidence == ("the role may not create databases",)
        assert "restore" not in scene.database.log

    def test_the_answer_no_leaves_the_database_as_it_is(self, scene: Scene, run: str) -> None:
        scene.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            recovery.restore(scene.asking(), run)
        assert scene.questions == [f"Put the backup of {run} in the place of staging?"]
        assert scene.database.tables == {"kept": 9}

    def test_the_answer_yes_brings_it_back(self, scene: Scene, run: str) -> None:
        facts = recovery.restore(scene.asking(), run)
        assert (facts["restored"], facts["kept"]) == ("true", "acme_kept")
        assert scene.database.tables == {"kept": 5}

    def test_a_refusal_is_in_the_audit_and_raised(self, scene: Scene, run: str) -> None:
        scene.database.foreign = 3
        with pytest.raises(Refused, match="3 transactions of others would be lost"):
            recovery.restore(scene.job(loss=2), run)
        assert (scene.audit[-1]["command"], scene.audit[-1]["outcome"]) == ("restore", "refused")
