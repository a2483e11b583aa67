"""A link that is lost: another session, the lock again, and no patience without end."""

from dataclasses import dataclass

import pytest

from shipit.errors import ExternalError, LeaseLost, StoppedHalfway, Unavailable
from shipit.migrate.steps import connection
from tests.fakes_database import FakeDatabase


@dataclass
class Dying(FakeDatabase):
    """Its session is gone; it takes `missing` questions until the server is there again."""

    missing: int = 1

    def is_held(self) -> bool:
        if self.missing:
            self.missing -= 1
            raise Unavailable("the connection is closed")
        return super().is_held()


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []
    monkeypatch.setattr("time.sleep", taken.append)
    return taken


def test_a_lock_that_is_held_is_let_alone(naps: list[float]) -> None:
    database = FakeDatabase(holder_="me")
    connection.regain(database.ports(), print)
    assert (database.log, database.closed, naps) == ([], 0, [])


def test_a_session_that_is_gone_is_replaced_and_the_lock_taken_again() -> None:
    database, said = Dying(holder_="me", missing=3), list[str]()
    connection.regain(database.ports(), said.append)
    assert (database.holder_, database.closed, database.log) == ("me", 3, ["lock"])
    assert said == ["the link to the database is lost: asking for 30 s whether it is there again"]


def test_a_server_that_stays_away_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.0)
    with pytest.raises(Unavailable):
        connection.regain(Dying(missing=10).ports(), print)


def test_somebody_else_who_holds_the_lock_is_told_at_once(naps: list[float]) -> None:
    database = FakeDatabase(holder_="another")
    with pytest.raises(LeaseLost):
        connection.regain(database.ports(), print)
    assert naps == []


class TestSettling:
    WHY = ExternalError("could not apply 1_step", where="a.sql:1:1", evidence=["the server ended the session"])

    def test_where_the_database_can_be_asked_again_nothing_is_raised(self) -> None:
        connection.settle(Dying().ports(), self.WHY, print)

    def test_that_another_run_has_the_lock_is_said_later(self) -> None:
        connection.settle(FakeDatabase(holder_="another").ports(), self.WHY, print)

    def test_where_nobody_answers_the_first_reason_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connection, "PATIENCE", 0.0)
        with pytest.raises(StoppedHalfway, match="could not apply 1_step") as caught:
            connection.settle(Dying(missing=10).ports(), self.WHY, print)
        assert caught.value.where == "a.sql:1:1"
        assert caught.value.evidence[0] == "the server ended the session"
        assert "nothing is applied twice" in caught.value.evidence[2]
