"""Small things around a run: the lock of a stuck one, what another tool applied, files without a database."""

from pathlib import Path

import pytest

from shipit.errors import Refused
from shipit.migrate import maintenance
from tests.unit.migrate.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


class TestUnlock:
    @pytest.fixture
    def held(self, scene: Scene) -> Scene:
        scene.database.holder_ = "pid 4711, bob, for 3 h"
        return scene

    def test_says_who_holds_it_before_it_asks_and_a_no_leaves_it_to_them(self, held: Scene) -> None:
        held.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            maintenance.unlock(held.asking())
        assert held.said == "held by pid 4711, bob, for 3 h"
        assert held.questions == ["End that session? What it has not committed is rolled back."]
        assert held.database.holder() == "pid 4711, bob, for 3 h"

    @pytest.mark.parametrize("asks", [True, False])
    def test_ends_it_and_writes_that_down(self, held: Scene, asks: bool) -> None:
        assert maintenance.unlock(held.asking() if asks else held.job()) == {"unlocked": "true"}
        assert held.database.holder() is None
        assert held.said.endswith("ended: pid 4711, bob, for 3 h")
        assert [(line["event"], line["detail"]) for line in held.audit] == [("unlock", "pid 4711, bob, for 3 h")]

    def test_one_that_ended_by_itself_meanwhile_is_named_too(
        self, held: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(held.database), "break_", lambda _: None)
        assert maintenance.unlock(held.job()) == {"unlocked": "true"}
        assert held.said.endswith("ended: pid 4711, bob, for 3 h")

    def test_without_a_holder_nobody_is_asked(self, scene: Scene) -> None:
        assert maintenance.unlock(scene.asking()) == {"unlocked": "false"}
        assert (scene.questions, scene.audit) == ([], [])


class TestAdopt:
    @pytest.fixture
    def theirs(self, scene: Scene) -> Scene:
        scene.database.others_tools["dbmate"] = ["0001"]
        return scene

    def test_asks_with_the_list_above_it_and_a_no_records_nothing(self, theirs: Scene) -> None:
        theirs.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            maintenance.adopt(theirs.asking())
        assert theirs.said == "0001_notes"
        assert theirs.questions == ["Record these 1 as applied, without running them?"]
        assert (theirs.database.rows, theirs.database.bound) == ([], None)

    def test_records_without_running(self, theirs: Scene) -> None:
        facts = maintenance.adopt(theirs.asking())
        assert facts["adopted"] == "1"
        assert [row.version for row in theirs.database.rows] == ["0001"]
        assert theirs.database.bound == "staging"
        assert theirs.database.tables == {"kept": 5}
        assert [line["event"] for line in theirs.audit] == ["adopt", "end"]
        assert theirs.audit[0]["detail"] == "dbmate"


class TestVerifyingFiles:
    def test_what_makes_one_doubt_is_said_and_does_not_stop_it(self, scene: Scene) -> None:
        scene.write({"0002_tags.sql": "CREATE TABLE tags (id INTEGER);\n"})
        scene.write({"0004_kinds.sql": "CREATE TABLE kinds (id INTEGER);\n"})
        job = scene.job()
        facts = maintenance.verify_files(job.outside.project, job.reporter)
        assert facts == {"verified": "true", "migrations": "3"}
        assert "migrations/0004_kinds.sql:1:1: 0003 is missing before 0004 [gap]" in scene.said
        assert "migrations: 3 migrations are sound for SQLite" in scene.said
        assert scene.database.log == []

    def test_what_is_wrong_is_refused(self, scene: Scene) -> None:
        scene.write({"0002_bad.sql": "CREATE TABEL a (id int);\n"})
        job = scene.job()
        with pytest.raises(Refused, match="the migrations have 1 mistake"):
            maintenance.verify_files(job.outside.project, job.reporter)
        assert "sound" not in scene.said
