"""However a run ends, also before its first step, the audit file has one line of that and people are told once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shipit.engine.plan import Problem
from shipit.errors import Denied, LeaseLost, LostRace, Refused, Signalled, Stop, Unavailable, UsageError
from shipit.migrate import command as forward
from shipit.migrate import maintenance, recovery
from shipit.migrate.run import MigrationJob
from shipit.notification.ending import outcome_of
from tests.unit.migrate.scene import FakeNotifier, Scene

NOTIFY = 'apprise = "env:CHAT"\non = ["complete", "refused", "rolled-back", "stopped-half-way", "interrupted"]'
WRONG_PASSWORD = Denied("the server does not let us in", evidence=['password authentication failed for user "ada"'])
COMMANDS: Mapping[str, Callable[[MigrationJob], Any]] = {
    "migrate": forward.run,
    "rollback": recovery.rollback,
    "backup": recovery.backup,
    "restore": lambda job: recovery.restore(job, "20260101T000000Z-ab12"),
    "adopt": maintenance.adopt,
}


class Told(Scene):
    """A scene with a notifier that remembers."""

    def __init__(self, top: Path, **settings: str) -> None:
        super().__init__(top, notify=NOTIFY, **settings)
        self.notifier = FakeNotifier()
        self.notified_by(self.notifier)

    def raises(self, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
        """The database answers no question of the ledger."""

        def raised(*_: object) -> None:
            raise error

        for question in ("identity", "applied", "runs", "found", "problems"):
            monkeypatch.setattr(self.database, question, raised, raising=False)

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(line["command"], line["outcome"]) for line in self.audit if line["event"] == "end"]


@pytest.fixture
def scene(tmp_path: Path) -> Told:
    return Told(tmp_path)


class TestBeforeTheFirstStep:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_wrong_password_is_audited_and_told_once(
        self, scene: Told, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        scene.raises(monkeypatch, WRONG_PASSWORD)
        with pytest.raises(Stop):
            COMMANDS[command](scene.job())
        assert scene.ends == [(command, "refused")]
        [notice] = scene.notifier.notices
        assert (notice.title, notice.failed) == (f"staging: {command} refused", True)
        assert "password authentication failed" in notice.body
        assert not {"open_run", "close_run"} & set(scene.database.log)
        assert (scene.database.runs_, scene.database.bound) == ([], None)

    def test_it_says_which_database_by_whom_and_which_run(
        self, scene: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scene.raises(monkeypatch, Unavailable("no answer"))
        with pytest.raises(Unavailable):
            forward.run(scene.job())
        [end] = scene.audit
        assert (end["host"], end["database"], end["user"]) == ("db.example", "acme", "ada")
        assert end["actor"].startswith("ada on ")
        [notice] = scene.notifier.notices
        assert notice.body == f"run {end['run']} on ada@db.example:5432/acme\nno answer"

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_database_of_another_environment(self, scene: Told, command: str) -> None:
        scene.database.bound = "production"
        with pytest.raises(Refused):
            COMMANDS[command](scene.job())
        assert len(scene.ends) == len(scene.notifier.notices) == 1
        assert (scene.database.runs_, scene.database.bound) == ([], "production")

    def test_a_refused_check(self, scene: Told) -> None:
        scene.database.server_problems = (Problem("the server is a replica", "", ""),)
        with pytest.raises(Refused):
            forward.run(scene.job())
        assert scene.ends == [("migrate", "refused")]
        assert "the server is a replica" in scene.notifier.notices[0].body

    def test_an_edited_file(self, scene: Told) -> None:
        forward.run(scene.job())
        scene.write({"0001_notes.sql": "CREATE TABLE other (id INTEGER PRIMARY KEY);\n"})
        with pytest.raises(Refused):
            forward.run(scene.job())
        assert scene.ends == [("migrate", "complete"), ("migrate", "refused")]
        assert [one.failed for one in scene.notifier.notices] == [False, True]

    def test_an_address_that_nobody_can_read_does_not_hide_what_is_wrong_with_the_files(self, scene: Told) -> None:
        scene.write({"0001_again.sql": "SELECT 1;\n"})
        del vars(scene.outside)["database"]
        vars(scene.outside)["address"] = "postgresql://["
        with pytest.raises(Refused, match="mistake"):
            forward.run(scene.job())
        [end] = scene.audit
        assert "host" not in end
        assert scene.notifier.notices[0].body.startswith(f"run {end['run']}\n")

    def test_a_signal_is_an_interruption(self, scene: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.raises(monkeypatch, Signalled("SIGTERM"))
        with pytest.raises(Signalled):
            forward.run(scene.job())
        assert scene.ends == [("migrate", "interrupted")]

    def test_a_bug_is_called_one(self, scene: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.raises(monkeypatch, ZeroDivisionError("division by zero"))
        with pytest.raises(ZeroDivisionError):
            forward.run(scene.job())
        assert scene.ends == [("migrate", "bug")]

    def test_the_interpreter_may_leave_without_a_word(self, scene: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.raises(monkeypatch, SystemExit(3))
        with pytest.raises(SystemExit):
            forward.run(scene.job())
        assert (scene.audit, scene.notifier.notices) == ([], [])


class TestNobodyIsTold:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_in_a_dry_run(self, scene: Told, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
        scene.raises(monkeypatch, WRONG_PASSWORD)
        with pytest.raises(Stop):
            COMMANDS[command](scene.job(dry_run=True))
        assert (scene.audit, scene.notifier.notices) == ([], [])

    def test_of_a_mistake_in_the_configuration(self, scene: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.raises(monkeypatch, UsageError("the secret env:DATABASE_URL is missing"))
        with pytest.raises(UsageError):
            forward.run(scene.job())
        assert (scene.audit, scene.notifier.notices) == ([], [])

    def test_where_a_person_said_no(self, scene: Told) -> None:
        scene.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            forward.run(scene.asking())
        assert (scene.audit, scene.notifier.notices) == ([], [])

    def test_where_nothing_was_pending(self, scene: Told) -> None:
        forward.run(scene.job())
        before = scene.audit
        forward.run(scene.job())
        assert scene.audit == before


class TestOnce:
    def test_a_step_that_fails_ends_the_run_and_is_told_by_nobody_else(self, scene: Told) -> None:
        scene.database.fails["apply"] = Unavailable("no answer")
        with pytest.raises(Stop):
            forward.run(scene.job())
        assert scene.ends == [("migrate", "rolled back")]
        assert len(scene.notifier.notices) == 1

    def test_a_restore_that_cannot_get_the_lock(self, scene: Told) -> None:
        run = recovery.backup(scene.job())["run"]
        scene.database.holder_ = "pid 4711"
        with pytest.raises(LeaseLost):
            recovery.restore(scene.job(), run)
        assert scene.ends == [("backup", "complete"), ("restore", "another run")]
        assert [one.failed for one in scene.notifier.notices] == [False, True]

    def test_the_run_of_steps_and_of_its_end_is_one(self, scene: Told) -> None:
        forward.run(scene.job())
        assert {line["run"] for line in scene.audit} == {scene.database.runs_[0].id}


@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (None, "complete"),
        (Unavailable("x"), "refused"),
        (LeaseLost("x"), "another run"),
        (LostRace("x"), "another run"),
    ],
)
def test_an_outcome_is_a_word_of_the_exit_codes(why: Stop | None, outcome: str) -> None:
    assert outcome_of(why) == outcome
