"""What is asked before anything is touched: each question names what is wrong, and the way out."""

import pytest

from shipit.engine.plan import Problem
from shipit.errors import Unavailable
from shipit.migrate.checks import (
    BackupPossible,
    LedgerAgrees,
    RehearsalPossible,
    RightDatabase,
    ServerReady,
    quietly,
)
from shipit.migrations.records import Needs
from tests.fakes_database import FakeDatabase


class TestIdentity:
    @pytest.mark.parametrize("bound", [None, "staging"])
    def test_a_database_that_is_new_or_its_own_is_right(self, bound: str | None) -> None:
        assert RightDatabase(database=FakeDatabase(bound=bound).ports(), environment="staging").problems() == ()

    def test_another_ones_is_named_with_its_address_and_without_a_password(self) -> None:
        [problem] = RightDatabase(
            database=FakeDatabase(bound="production").ports(), environment="staging"
        ).problems()
        assert problem == Problem(
            "this database belongs to production, not to staging",
            "ada@db.example:5432/acme",
            "shipit migrate --env production, or give staging the address of its own database",
        )


def test_files_and_ledger_are_compared_anew_with_every_question() -> None:
    answers = iter([(), (Problem("0001 was edited"),)])
    check = LedgerAgrees(objections=lambda: next(answers))
    assert check.problems() == ()
    assert check.problems() == (Problem("0001 was edited"),)


def test_server_and_backups_speak_for_themselves() -> None:
    database = FakeDatabase(server_problems=(Problem("read only"),), backup_problems=(Problem("no pg_dump"),))
    assert ServerReady(database=database.ports(), needs=Needs()).problems() == (Problem("read only"),)
    assert BackupPossible(database=database.ports()).problems() == (Problem("no pg_dump"),)


def test_a_rehearsal_that_is_not_possible_is_a_problem_with_its_reason() -> None:
    database = FakeDatabase()
    assert RehearsalPossible(database=database.ports()).problems() == ()
    database.no_rehearsal = "the role may not create databases"
    [problem] = RehearsalPossible(database=database.ports()).problems()
    assert (problem.what, problem.evidence) == (
        "a rehearsal is asked for and not possible",
        "the role may not create databases",
    )


def test_trouble_with_what_only_decorates_the_plan_is_no_reason_to_stop() -> None:
    def unavailable() -> str:
        raise Unavailable("no answer")

    assert quietly(lambda: "80 MB", "") == "80 MB"
    assert quietly(unavailable, "unknown") == "unknown"
