"""What a statement outside of any transaction commits by itself is known as ours, and nothing else is."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from shipit.adapters import python_scripts
from shipit.adapters.postgres import address, inner
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.inner import Inner
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.runner import Runner
from shipit.adapters.postgres.session import Session
from shipit.errors import ExternalError
from tests.support.migrations import Writer, writing
from tests.support.postgres import Server
from tests.support.prepared import prepared

STATEMENTS = (
    "CREATE INDEX CONCURRENTLY a_i ON a (i)",
    "REINDEX TABLE CONCURRENTLY a",
    "DROP INDEX CONCURRENTLY a_j",
    "VACUUM (ANALYZE) a",
    "CALL commits_often()",
)
PROCEDURE = """
CREATE PROCEDURE commits_often() LANGUAGE plpgsql AS $$
BEGIN
    FOR number IN 1..3 LOOP
        INSERT INTO a VALUES (number);
        COMMIT;
    END LOOP;
END $$
"""


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    with closing(Session(address.read(server.url(database)))) as session:
        Ledger(session).bind("test")
        session.ask("CREATE TABLE a (i int, j int)")
        session.ask("INSERT INTO a SELECT n, n FROM generate_series(1, 5000) n")
        session.ask("CREATE INDEX a_j ON a (j)")
        session.ask(PROCEDURE)
        yield session


@pytest.fixture
def runner(session: Session) -> Runner:
    return Runner(session, python_scripts.load)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_nobody_else_wrote_when_only_a_solo_statement_did(session: Session, runner: Runner, statement: str) -> None:
    catalog = Catalog(session)
    mark = catalog.baseline().mark
    runner.apply_solo(prepared("0001", statement), "run-1", print)
    assert catalog.foreign_since(mark) == 0
    assert session.ask("SHOW client_min_messages") == [("notice",)]


def test_what_is_cleaned_up_after_a_failure_is_ours_too(session: Session, runner: Runner) -> None:
    session.ask("INSERT INTO a VALUES (7, 7)")
    catalog = Catalog(session)
    mark = catalog.baseline().mark
    with pytest.raises(ExternalError):
        runner.apply_solo(prepared("0001", "CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)"), "run-1", print)
    assert session.ask("SELECT to_regclass('a_i')") == [(None,)]
    assert catalog.foreign_since(mark) == 0


@pytest.mark.parametrize("statement", STATEMENTS[:3])
def test_every_row_of_somebody_else_counts_while_one_runs(
    server: Server, database: str, session: Session, runner: Runner, statement: str
) -> None:
    session.ask("CREATE TABLE theirs (id serial PRIMARY KEY)")
    catalog = Catalog(session)
    mark = catalog.baseline().mark
    insert = "INSERT INTO theirs DEFAULT VALUES RETURNING id"
    with writing(Writer(server.url(database), insert)) as writer:
        runner.apply_solo(prepared("0001", statement), "run-1", print)
        acknowledged = writer.end()
    assert acknowledged
    assert catalog.foreign_since(mark) == len(acknowledged)


def test_an_id_is_the_full_one_also_after_the_short_ones_began_anew(session: Session) -> None:
    one = Inner(session=session)
    with session.transaction() as connection:
        [[now]] = connection.execute("SELECT txid_current()").fetchall()
        one._by, one._told = connection, {now % 2**32, (now - 5) % 2**32, (now + 5) % 2**32}
        one.note(connection)
        found = {xid for (xid,) in connection.execute("SELECT xid FROM shipit.own").fetchall()}
        connection.execute("ROLLBACK")
    assert {now, now - 5, now + 5 - 2**32} <= found, "what is told has happened, so it is never of the future"


def test_what_was_heard_on_a_lost_link_is_noted_nowhere_else(session: Session) -> None:
    """After a failover another server may have given the same ids to others."""
    one = Inner(session=session)
    with one.listening():
        session.ask("CREATE INDEX CONCURRENTLY a_i ON a (i)")
    before = session.ask("SELECT count(*) FROM shipit.own")
    session.reconnect()
    one.note(session.connection)
    assert session.ask("SELECT count(*) FROM shipit.own") == before
    with one.listening():
        pass
    one.note(session.connection)
    assert session.ask("SELECT count(*) FROM shipit.own") == before


def test_nobody_can_pretend_that_a_transaction_was_ours(session: Session) -> None:
    """The text of the server in a message of somebody's function, say in the expression of an index."""
    one = Inner(session=session)
    text = "CommitTransaction(1) name: unnamed; blockState: STARTED; state: INPROGRESS, xid/subid/cid: 99/1/2"
    with one.listening():
        session.ask(f"DO $$ BEGIN RAISE DEBUG '{text}'; END $$")
    assert 99 not in one._told


def test_subtransactions_are_told_with_the_one_that_they_are_part_of(session: Session) -> None:
    catalog = Catalog(session)
    mark = catalog.baseline().mark
    one = Inner(session=session)
    nested = (
        "BEGIN INSERT INTO a VALUES (1); BEGIN INSERT INTO a VALUES (2); EXCEPTION WHEN OTHERS THEN NULL; END; END"
    )
    with one.listening():
        session.ask(f"DO $$ {nested} $$")
    with session.transaction() as connection:
        one.note(connection)
        connection.execute("INSERT INTO shipit.own VALUES (txid_current())")
    assert catalog.foreign_since(mark) == 0


def test_a_server_that_tells_of_every_read_is_not_listened_to_on_a_large_database(
    session: Session, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then what it commits counts as somebody else's, and a restore is for a person to decide."""
    monkeypatch.setattr(inner, "LARGEST", 1)
    catalog = Catalog(session)
    mark = catalog.baseline().mark
    runner.apply_solo(prepared("0001", STATEMENTS[0]), "run-1", print)
    assert (catalog.foreign_since(mark) > 0) == (session.version >= 180000)


def test_a_session_that_ends_meanwhile_is_told_as_it_is(server: Server, session: Session) -> None:
    with pytest.raises(psycopg.Error), Inner(session=session).listening():
        session.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
