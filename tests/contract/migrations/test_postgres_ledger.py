"""The ledger that a database keeps of itself."""

import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from msgspec.structs import replace
from psycopg import Rollback

from shipit.adapters.postgres import address
from shipit.adapters.postgres.ledger import (
    Ledger,
    delete_applied,
    drop_intent,
    insert_applied,
    note_own,
    put_intent,
)
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.troubles import state
from shipit.errors import Denied, ExternalError, Refused, Stop
from shipit.migrations.drift import Schema
from shipit.migrations.records import Applied, Run
from tests.support import pgbouncer
from tests.support.postgres import Server

RUN = Run("20260101T000000Z-ab12", "migrate", "ada", "laptop", 1_700_000_000.25)


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    made = Session(address.read(server.url(database)))
    yield made
    made.close()


@pytest.fixture
def ledger(session: Session) -> Ledger:
    return Ledger(session)


def _row(version: str) -> Applied:
    return Applied(version, f"make_{version}", "ab" * 32, RUN.id, 1_700_000_000.5, 12, "cd" * 32)


def _schemas(session: Session) -> list[tuple[object, ...]]:
    return session.ask("SELECT FROM pg_namespace WHERE nspname = 'shipit'")


def test_a_database_without_a_ledger_remembers_nothing_and_reading_makes_none(
    session: Session, ledger: Ledger
) -> None:
    assert ledger.identity() is None
    assert (*ledger.applied(), *ledger.runs(), *ledger.intents()) == ()
    assert _schemas(session) == []


def test_a_database_is_bound_once(session: Session, ledger: Ledger) -> None:
    ledger.bind("staging")
    ledger.bind("staging")
    assert ledger.identity() == "staging"
    assert Ledger(session).identity() == "staging"
    with pytest.raises(Refused) as stopped:
        ledger.bind("production")
    assert stopped.value.what == "this database belongs to staging, not to production"
    assert ledger.identity() == "staging"


def test_many_who_bind_at_once_agree(server: Server, database: str) -> None:
    outcomes: list[str] = []

    def bind(environment: str) -> None:
        session = Session(address.read(server.url(database)))
        try:
            Ledger(session).bind(environment)
            outcomes.append(environment)
        except Stop as stopped:
            outcomes.append(type(stopped).__name__)
        finally:
            session.close()

    threads = [threading.Thread(target=bind, args=[name]) for name in ("production", "staging") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bound = server.query(database, "SELECT environment FROM shipit.identity")[0][0]
    assert sorted(outcomes) == sorted([str(bound)] * 4 + ["Refused"] * 4)


def test_what_was_applied_is_told_in_the_order_of_applying(session: Session, ledger: Ledger) -> None:
    ledger.bind("staging")
    with session.transaction() as connection:
        insert_applied(connection, [_row("9"), _row("10")])
    with session.transaction() as connection:
        insert_applied(connection, [_row("1")])
        insert_applied(connection, [])
    assert ledger.applied() == [_row("9"), _row("10"), _row("1")]
    with session.transaction() as connection:
        delete_applied(connection, ["10", "1"])
    assert ledger.applied() == [_row("9")]
    assert session.ask("SELECT algorithm FROM shipit.migration") == [("sha256-lf",)]


def test_a_row_dies_with_its_transaction(session: Session, ledger: Ledger) -> None:
    ledger.bind("staging")
    with session.transaction() as connection:
        insert_applied(connection, [_row("1")])
        raise Rollback
    assert ledger.applied() == []


def test_a_version_is_recorded_once(session: Session, ledger: Ledger) -> None:
    ledger.adopt([_row("1")])
    ledger.adopt([replace(_row("1"), name="other"), _row("2")])
    assert ledger.applied() == [_row("1"), _row("2")]
    with pytest.raises(ExternalError) as stopped, session.transaction() as connection:
        insert_applied(connection, [_row("3"), _row("2")])
    assert state(stopped.value) == "23505"
    assert ledger.applied() == [_row("1"), _row("2")]


def test_a_run_is_written_down_when_it_begins_and_when_it_ends(session: Session, ledger: Ledger) -> None:
    ledger.open_run(RUN)
    later = replace(RUN, id="20260102T000000Z-cd34", started=RUN.started + 60)
    ledger.open_run(later)
    assert ledger.runs() == [later, RUN]
    ended = replace(RUN, ended=RUN.started + 5, outcome="rolled back", detail="no", backup="x.dump")
    ledger.close_run(ended)
    assert ledger.runs() == [later, ended]


def test_the_end_of_a_run_is_written_down_whatever_became_of_its_connection(
    server: Server, session: Session, ledger: Ledger
) -> None:
    ledger.open_run(RUN)
    ended = replace(RUN, ended=RUN.started + 5, outcome="stopped", detail="the link was lost")
    pid = session.ask("SELECT pg_backend_pid()")[0][0]
    server.query("postgres", f"SELECT pg_terminate_backend({pid})")
    ledger.close_run(ended)
    session.reconnect()
    assert ledger.runs() == [ended]


def test_the_end_of_a_run_does_not_hang_on_an_open_transaction(session: Session, ledger: Ledger) -> None:
    ledger.open_run(RUN)
    with session.transaction():
        ledger.close_run(replace(RUN, ended=RUN.started + 5, outcome="complete"))
        raise Rollback
    assert [run.outcome for run in ledger.runs()] == ["complete"]


def test_an_intent_stays_until_it_is_dropped(session: Session, ledger: Ledger) -> None:
    ledger.bind("staging")
    before = time.time()
    with session.transaction() as connection:
        put_intent(connection, "7", "ab", "first", "CREATE INDEX CONCURRENTLY a_b ON a (b)")
        put_intent(connection, "7", "cd", "second", "CREATE INDEX CONCURRENTLY a_c ON a (c)")
    (left,) = ledger.intents()
    assert (left.version, left.sha256, left.run) == ("7", "cd", "second")
    assert left.statement == "CREATE INDEX CONCURRENTLY a_c ON a (c)"
    assert before - 5 < left.begun < time.time() + 5
    with session.transaction() as connection:
        drop_intent(connection, "7")
    assert ledger.intents() == []


def test_every_transaction_in_which_the_ledger_wrote_is_known_as_ours(session: Session, ledger: Ledger) -> None:
    session.ask("CREATE TABLE elsewhere ()")
    assert _strangers(session) == {"elsewhere"}
    ledger.bind("staging")
    ledger.open_run(RUN)
    ledger.adopt([_row("1")])
    with session.transaction() as connection:
        insert_applied(connection, [_row("2")])
        put_intent(connection, "7", "ab", RUN.id, "x")
    with session.transaction() as connection:
        drop_intent(connection, "7")
        delete_applied(connection, ["2"])
    ledger.close_run(replace(RUN, ended=RUN.started + 5))
    with session.transaction() as connection:
        note_own(connection)
        note_own(connection)
        connection.execute("CREATE TABLE of_ours ()")
    assert session.ask("SELECT count(*) FROM shipit.own") == [(7,)]
    assert _strangers(session) == {"elsewhere"}
    assert session.ask("SELECT count(*) FROM shipit.migration WHERE xid IN (SELECT xid FROM shipit.own)") == [(1,)]


def test_making_the_ledger_is_ours_even_when_nothing_is_adopted(session: Session, ledger: Ledger) -> None:
    ledger.adopt([])
    assert _strangers(session) == set()


def test_a_role_without_rights_is_told_so(server: Server, database: str, ledger: Ledger) -> None:
    ledger.bind("staging")
    server.role("guest", "x1")
    guest = Session(address.read(server.url(database, "guest", "x1")))
    try:
        with pytest.raises(Denied) as stopped:
            Ledger(guest).applied()
        assert stopped.value.what == "could not read the ledger"
        assert "permission denied for schema shipit (SQLSTATE 42501)" in stopped.value.evidence[0]
        with pytest.raises(Denied):
            Ledger(guest).open_run(RUN)
    finally:
        guest.close()
        server.query("postgres", "DROP ROLE guest")


def test_a_schema_that_was_made_for_the_role_is_enough(server: Server, database: str) -> None:
    server.role("maker", "x1")
    server.query(database, "CREATE SCHEMA shipit AUTHORIZATION maker")
    maker = Session(address.read(server.url(database, "maker", "x1")))
    try:
        Ledger(maker).bind("staging")
        assert Ledger(maker).identity() == "staging"
    finally:
        maker.close()
        server.query(database, "DROP SCHEMA shipit CASCADE")
        server.query("postgres", "DROP ROLE maker")


def test_a_schema_of_somebody_else_is_not_written_into(session: Session, ledger: Ledger) -> None:
    session.ask("CREATE SCHEMA shipit; CREATE TABLE shipit.run (theirs int)")
    with pytest.raises(ExternalError):
        ledger.bind("staging")
    assert session.ask("SELECT relname FROM pg_class WHERE relnamespace = 'shipit'::regnamespace") == [("run",)]


def test_a_ledger_of_a_newer_version_is_left_alone(session: Session, ledger: Ledger) -> None:
    ledger.bind("staging")
    session.ask("UPDATE shipit.layout SET version = 99")
    for question in (Ledger(session).identity, Ledger(session).applied, Ledger(session).runs):
        with pytest.raises(Refused) as stopped:
            question()
        assert stopped.value.what == "the ledger in this database was made by a newer shipit"
    with pytest.raises(Refused):
        Ledger(session).open_run(RUN)


def _as_older_shipit_made_it(session: Session) -> None:
    session.ask("DROP TABLE shipit.schema")
    session.ask("UPDATE shipit.layout SET version = 1")


def test_an_older_ledger_is_read_as_it_is_and_moved_on_by_the_next_write(session: Session, ledger: Ledger) -> None:
    ledger.bind("staging")
    ledger.adopt([_row("0001")])
    _as_older_shipit_made_it(session)
    older = Ledger(session)
    assert (older.identity(), older.left(), len(older.applied())) == ("staging", None, 1)
    assert session.ask("SELECT version FROM shipit.layout") == [(1,)]
    older.open_run(RUN)
    assert session.ask("SELECT version FROM shipit.layout") == [(2,)]
    older.close_run(RUN, Schema("cd" * 32, {"table public.a": "ef"}))
    assert older.left() == Schema("cd" * 32, {"table public.a": "ef"})
    assert (older.identity(), list(older.runs()), len(older.applied())) == ("staging", [RUN], 1)


def test_many_who_move_it_on_at_once_do_so_once(server: Server, database: str, ledger: Ledger) -> None:
    ledger.bind("staging")
    _as_older_shipit_made_it(ledger.session)
    troubles: list[Stop] = []

    def write(number: int) -> None:
        session = Session(address.read(server.url(database)))
        try:
            Ledger(session).open_run(replace(RUN, id=f"run-{number}"))
        except Stop as explained:
            troubles.append(explained)
        finally:
            session.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (troubles, len(ledger.runs())) == ([], 6)


def test_a_ledger_works_behind_a_pooler(server: Server, database: str) -> None:
    with pgbouncer.before(server) as pooler:
        session = Session(address.read(pooler.url(database)))
        try:
            ledger = Ledger(session)
            ledger.bind("staging")
            ledger.open_run(RUN)
            ledger.adopt([_row(str(number)) for number in range(300)])
            assert [row.version for row in ledger.applied()] == [str(number) for number in range(300)]
            assert ledger.runs() == [RUN]
        finally:
            session.close()


def _strangers(session: Session) -> set[object]:
    """Tables of this database that were made by a transaction that is not known as ours."""
    known: Sequence[tuple[object, ...]] = []
    if _schemas(session):
        known = session.ask("SELECT (xid % 4294967296)::text FROM shipit.own")
    made = session.ask(
        "SELECT relname, xmin::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384"
        " AND relnamespace::regnamespace::text IN ('public', 'shipit')"
    )
    return {name for name, xid in made if (xid,) not in known}
