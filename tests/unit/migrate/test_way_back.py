"""The way back where the run has committed nothing: is the schema as it was, and if not, whose doing is it?"""

import pytest
from msgspec.structs import replace

from shipit.errors import LeaseLost, LostRace, StoppedHalfway, Unavailable
from shipit.migrate.steps import connection
from shipit.migrate.steps.way_back import WayBack
from shipit.migrations.ladder import Policy
from shipit.migrations.model import Footprint
from shipit.migrations.records import Run
from tests.fakes_database import FakeDatabase, made

RUN = Run("run", "migrate", "ada", "host", 1000.0)
SOLO = made("1", footprint=Footprint({}, alone=True))


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase({"kept": 5}, runs_=[RUN], holder_="me")


@pytest.fixture
def way_back(database: FakeDatabase) -> WayBack:
    return WayBack(
        database=database.ports(), policy=Policy(downs=True), environment="staging", run="run", migrations=[SOLO]
    )


def test_a_schema_as_it_was_needs_nothing(database: FakeDatabase, way_back: WayBack) -> None:
    said: list[str] = []
    way_back.go(database.baseline(), None, said.append)
    assert said == ["R1: rolled back, nothing was committed"]


def test_what_a_statement_outside_of_a_transaction_left_is_ours_and_the_next_run_settles_it(
    database: FakeDatabase, way_back: WayBack
) -> None:
    before = database.baseline()
    database.tables["invalid_index"] = 0
    database.begun.add("1")
    with pytest.raises(StoppedHalfway, match="1_step was begun outside of a transaction") as caught:
        way_back.go(before, None, lambda _: None)
    assert caught.value.hint == "shipit migrate --env staging"


def test_another_change_is_somebody_elses(database: FakeDatabase, way_back: WayBack) -> None:
    before = database.baseline()
    database.tables["theirs"] = 0
    with pytest.raises(StoppedHalfway, match="somebody else changed it") as caught:
        way_back.go(before, None, lambda _: None)
    assert caught.value.hint == "shipit verify migrations --env staging"


class TestAnotherRunHadTheLock:
    """Ours was lost with its session, and nobody may roll back what somebody else builds upon."""

    def test_what_it_left_in_the_ledger_tells(self, database: FakeDatabase, way_back: WayBack) -> None:
        before = database.baseline()
        database.runs_ = [replace(RUN, ended=1001.0, outcome="killed")]
        with pytest.raises(LostRace, match="another run went on with the database") as caught:
            way_back.go(before, None, lambda _: None)
        assert "the ledger has nothing of this run" in caught.value.evidence
        assert (caught.value.hint or "").startswith("shipit migrate --env staging when it has ended")

    def test_a_restore_that_took_our_row_away_does_too(self, database: FakeDatabase, way_back: WayBack) -> None:
        before = database.baseline()
        database.runs_ = []
        with pytest.raises(LostRace):
            way_back.go(before, None, lambda _: None)

    def test_what_we_had_committed_stays(self, database: FakeDatabase, way_back: WayBack) -> None:
        before = database.baseline()
        database.ports().runner.apply([SOLO], "run", lambda _: None)
        database.fails["lock"] = LeaseLost("held", evidence=["pid 4711"])
        database.holder_ = None
        with pytest.raises(StoppedHalfway, match="everything is left to it") as caught:
            way_back.go(before, None, lambda _: None)
        assert caught.value.evidence == ("pid 4711", "committed by this run: 1_step", "last good version: 1")
        assert "t1" in database.tables

    def test_behind_a_pooler_the_ledger_cannot_tell(self, database: FakeDatabase, way_back: WayBack) -> None:
        before = database.baseline()
        database.runs_, database.pooled = [], True
        way_back.go(before, None, lambda _: None)

    def test_before_anything_was_written_there_is_nothing_to_be_overtaken_in(self, way_back: WayBack) -> None:
        way_back.go(None, None, lambda _: None)


def test_a_database_that_stays_away_is_told_with_the_next_command(
    database: FakeDatabase, way_back: WayBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.0)
    database.fails["lock"] = Unavailable("connection refused")
    database.holder_ = None
    with pytest.raises(StoppedHalfway, match="cannot tell what is there") as caught:
        way_back.go(database.baseline(), None, lambda _: None)
    assert "connection refused" in caught.value.evidence[0]
    assert (caught.value.hint or "").startswith("shipit migrate --env staging")
