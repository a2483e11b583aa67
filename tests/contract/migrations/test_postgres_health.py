"""What is known of a server before anything is touched."""

from collections.abc import Iterator

import psycopg
import pytest

from shipit.adapters.postgres import address, health
from shipit.adapters.postgres.health import Health
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.session import Session
from shipit.migrations.records import Needs
from tests.contract.migrations.conftest import NAMES
from tests.support import pgbouncer, postgres
from tests.support.postgres import Server, wait_until
from tests.support.require import require

SPECIAL = {
    "autovacuum": "on",
    "max_prepared_transactions": "4",
    "wal_level": "logical",
    "autovacuum_naptime": "1",
    "autovacuum_freeze_max_age": "100000",
    "autovacuum_vacuum_cost_delay": "0",
}
BURN = """
DO $$ BEGIN
    FOR number IN 1..110000 LOOP
        BEGIN INSERT INTO burnt VALUES (1); EXCEPTION WHEN division_by_zero THEN NULL; END;
    END LOOP;
END $$
"""
NOTHING = Needs()


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    made = Session(address.read(server.url(database)))
    yield made
    made.close()


@pytest.fixture
def guest(server: Server, database: str) -> Iterator[Session]:
    """A role that may only connect."""
    server.role("guest", "x1")
    server.query(database, "REVOKE ALL ON SCHEMA public FROM public")
    made = Session(address.read(server.url(database, "guest", "x1")))
    yield made
    made.close()
    server.query(database, "DROP OWNED BY guest CASCADE")
    server.query("postgres", "DROP ROLE guest")


@pytest.fixture(scope="module", params=NAMES)
def special(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of the tests' own, with settings that others would not like."""
    folder = postgres.programs().get(request.param)
    require(f"PostgreSQL programs of {request.param}", folder is not None)
    assert folder
    server = Server.start(folder, SPECIAL)
    yield server
    server.remove()


def test_a_server_is_told_in_words(server: Server, session: Session) -> None:
    major = "15" if "15" in str(server.bin) else "18"
    found = Health(session).server()
    assert found.startswith(f"PostgreSQL {major}.")
    assert "Debian" not in found
    assert Health(session).address == session.address


def test_its_size_is_that_of_this_database(server: Server, session: Session, database: str) -> None:
    before = Health(session).size()
    assert before > 1_000_000
    server.query(database, "CREATE TABLE a AS SELECT repeat('x', 1000) FROM generate_series(1, 5000)")
    assert Health(session).size() > before + 4_000_000


def test_who_may_do_everything_has_no_problem_and_nothing_to_know(session: Session) -> None:
    session.ask("CREATE TABLE a ()")
    needs = Needs(frozenset({"public.a", "nothing"}), solo=True)
    assert list(Health(session).problems(needs)) == []
    assert list(Health(session).remarks(needs)) == []


@pytest.mark.parametrize(
    ("version", "supported"), [(110022, False), (120000, True), (180006, True), (190000, True)]
)
def test_an_old_server_is_refused_and_a_new_one_remarked(
    session: Session, monkeypatch: pytest.MonkeyPatch, version: int, supported: bool
) -> None:
    monkeypatch.setattr(Session, "version", version)
    problems = Health(session).problems(NOTHING)
    assert [problem.hint for problem in problems] == ([] if supported else ["supported: 12 to 18"])
    assert any("newer than" in line for line in Health(session).remarks(NOTHING)) == (version > 189999)


def test_a_database_that_cannot_be_written_to_is_refused(server: Server, database: str, session: Session) -> None:
    server.query("postgres", f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    (problem,) = Health(session).problems(NOTHING)
    assert problem.what == "every transaction is read-only here"
    assert problem.evidence == f"as postgres on {session.address}"


def test_a_replica_is_refused(special: Server) -> None:
    special.down()
    signal = special.data / "standby.signal"
    signal.touch()
    special.up()
    session = Session(address.read(special.url()))
    try:
        assert [problem.what for problem in Health(session).problems(NOTHING)] == ["this server is a replica"]
    finally:
        session.close()
        special.down()
        signal.unlink()
        special.up()


def test_a_role_must_be_able_to_make_the_ledger(server: Server, database: str, guest: Session) -> None:
    assert _problems(guest) == ["the role may not make the schema of the ledger"]
    server.query(database, "CREATE SCHEMA shipit")
    assert _problems(guest) == ["the role may not make the ledger's tables"]
    server.query(database, "GRANT USAGE, CREATE ON SCHEMA shipit TO guest")
    assert _problems(guest) == []
    server.query(database, "DROP SCHEMA shipit")
    server.query(database, f"GRANT CREATE ON DATABASE {database} TO guest")
    assert _problems(guest) == []
    Ledger(guest).bind("staging")
    assert _problems(guest) == []


def test_a_role_must_be_able_to_write_the_ledger_of_another(
    server: Server, session: Session, guest: Session
) -> None:
    Ledger(session).bind("staging")
    assert _problems(guest) == ["the role may not write the ledger"]
    session.ask("GRANT USAGE ON SCHEMA shipit TO guest; GRANT ALL ON ALL TABLES IN SCHEMA shipit TO guest")
    assert _problems(guest) == []
    Ledger(guest).bind("staging")


def test_relations_of_others_are_named(server: Server, session: Session, guest: Session, database: str) -> None:
    session.ask(f"GRANT CREATE ON DATABASE {database} TO guest; GRANT USAGE, CREATE ON SCHEMA public TO guest")
    session.ask(
        'CREATE TABLE a (); CREATE TABLE "Or d" (); CREATE TABLE c (); CREATE SCHEMA s; CREATE TABLE s.a ()'
    )
    guest.ask("CREATE TABLE own ()")
    session.ask("GRANT INSERT ON c TO guest")
    for spelled in ({"public.a", 'public."Or d"'}, {"a", '"Or d"'}, {"a", "Or d"}):
        needs = Needs(frozenset({*spelled, "public.c", "own", "nowhere.a"}))
        problems = Health(guest).problems(needs)
        assert [problem.what for problem in problems] == [
            "the role has no rights on public.Or d",
            "the role has no rights on public.a",
        ]
        assert problems[0].evidence == "it belongs to postgres, and guest may not even write to it"
        assert "public.c belongs to postgres: guest may write to it, but not alter it" in Health(guest).remarks(
            needs
        )
        assert list(Health(session).problems(needs)) == []
    assert [problem.what for problem in Health(guest).problems(Needs(frozenset({"s.a"})))] == [
        "the role has no rights on s.a"
    ]


def test_a_member_of_the_owner_may_do_what_the_owner_may(server: Server, database: str, guest: Session) -> None:
    server.query(database, "CREATE ROLE team; CREATE TABLE a (); ALTER TABLE a OWNER TO team; GRANT team TO guest")
    server.query(database, f"GRANT USAGE ON SCHEMA public TO guest; GRANT CREATE ON DATABASE {database} TO guest")
    needs = Needs(frozenset({"a"}))
    assert list(Health(guest).problems(needs)) == []
    assert not any("belongs to" in line for line in Health(guest).remarks(needs))
    server.query(database, "DROP OWNED BY team; DROP ROLE team")


def test_a_pooler_is_named_and_takes_no_solo_statement(server: Server, database: str) -> None:
    with pgbouncer.before(server) as pooler:
        session = Session(address.read(pooler.url(database)))
        try:
            assert Health(session).server().endswith(", behind a transaction pooler")
            assert list(Health(session).problems(NOTHING)) == []
            (problem,) = Health(session).problems(Needs(solo=True))
            assert problem.hint == "give the address of the server itself"
        finally:
            session.close()


def test_a_long_transaction_is_named_but_not_what_it_says(
    server: Server, database: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LONG", 0.2)
    session.ask("CREATE TABLE a (id text); CREATE TABLE b ()")
    with psycopg.connect(server.url(database), application_name="shop") as other:
        pid = other.info.backend_pid
        other.execute("INSERT INTO a VALUES ('secret of somebody')")
        other.execute("SELECT FROM b")
        wait_until(lambda: bool(Health(session).remarks(NOTHING)))
        (found,) = Health(session).remarks(Needs(frozenset({"public.a", "other"})))
        assert found.startswith(f"a long transaction: pid {pid}, application shop, user postgres, from 127.0.0.1")
        assert "idle in transaction" in found
        assert found.endswith(" s, holding locks on public.a")
        (less,) = Health(session).remarks(NOTHING)
        assert "holding" not in less
        assert "secret" not in found
    wait_until(lambda: not Health(session).remarks(NOTHING))


def test_a_young_transaction_is_not_worth_a_word(server: Server, database: str, session: Session) -> None:
    with psycopg.connect(server.url(database)) as other:
        other.execute("SELECT 1")
        assert list(Health(session).remarks(NOTHING)) == []


def test_a_dump_of_somebody_else_is_named(server: Server, database: str, session: Session) -> None:
    with psycopg.connect(server.url(database), application_name="pg_dump") as dump:
        dump.execute("SELECT 1")
        (found,) = Health(session).remarks(NOTHING)
        pid = dump.info.backend_pid
        assert found.startswith(f"a pg_dump is running, which keeps its locks until it ends: pid {pid}, ")


def test_what_a_role_cannot_see_is_said(server: Server, database: str, session: Session, guest: Session) -> None:
    session.ask("SELECT 1")
    (found,) = Health(guest).remarks(NOTHING)
    assert found.startswith("1 sessions of other roles cannot be looked into")
    server.query("postgres", "GRANT pg_read_all_stats TO guest")
    assert list(Health(guest).remarks(NOTHING)) == []


def test_an_event_trigger_is_named(session: Session) -> None:
    session.ask("CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
    session.ask("CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION look()")
    found = "an event trigger takes part in every schema change: watch on ddl_command_end"
    assert list(Health(session).remarks(NOTHING)) == [found]
    session.ask("ALTER EVENT TRIGGER watch DISABLE")
    assert list(Health(session).remarks(NOTHING)) == []


def test_a_prepared_transaction_is_named(special: Server) -> None:
    special.create("prepared")
    special.query("prepared", "BEGIN; CREATE TABLE a (); PREPARE TRANSACTION 'left behind'")
    session = Session(address.read(special.url("prepared")))
    try:
        (found,) = Health(session).remarks(NOTHING)
        assert found.startswith("a prepared transaction keeps its locks: left behind of postgres, prepared ")
    finally:
        session.ask("ROLLBACK PREPARED 'left behind'")
        session.close()
        special.drop("prepared")


def test_a_logical_slot_is_named(special: Server) -> None:
    special.create("read")
    special.query("read", "SELECT pg_create_logical_replication_slot('reader', 'pgoutput')")
    session = Session(address.read(special.url("read")))
    elsewhere = session.another("postgres")
    try:
        (found,) = Health(session).remarks(NOTHING)
        assert found.endswith("schema changes do not travel: reader, not active")
        assert list(Health(elsewhere).remarks(NOTHING)) == []
    finally:
        session.ask("SELECT pg_drop_replication_slot('reader')")
        session.close()
        elsewhere.close()
        special.drop("read")


def test_an_autovacuum_that_gives_way_to_nobody_is_named(special: Server) -> None:
    special.create("old")
    slowly = "autovacuum_enabled = false, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
    rows = "SELECT repeat('x', 1000) AS x FROM generate_series(1, 5000)"
    special.query("old", f"CREATE TABLE a WITH ({slowly}) AS {rows}")
    special.query("old", "CREATE TABLE b (); CREATE TABLE burnt (id int)")
    special.query("old", BURN)
    session = Session(address.read(special.url("old")))
    try:
        needs = Needs(frozenset({"public.a"}))
        wait_until(lambda: any("wraparound" in line for line in Health(session).remarks(needs)), 30)
        found = "\n".join(Health(session).remarks(needs))
        assert "an autovacuum to prevent wraparound works on public.a and gives way to nobody: pid " in found
        assert list(Health(session).remarks(Needs(frozenset({"b"})))) == []
    finally:
        session.close()
        special.drop("old")


def _problems(session: Session) -> list[str]:
    return [problem.what for problem in Health(session).problems(NOTHING)]
