"""A session: it says who it is, leaves nothing behind when it dies, and never shows its password."""

import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from shipit import masking
from shipit.adapters.postgres import address
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.troubles import is_lost, line_of, state, translated
from shipit.errors import Denied, ExternalError, Stop, Unavailable
from tests.support import pgbouncer
from tests.support.postgres import Server, wait_until

PASSWORD = "s3cr#t@a:b/c% d"
PIECES = ("s3cr", "t@a", "b/c", "%23", "%40", "c% d")
DOOMED = """
import os
from shipit.adapters.postgres import address
from shipit.adapters.postgres.session import Session
session = Session(address.read(os.environ["DATABASE_URL"]))
with session.transaction() as connection:
    connection.execute("LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    connection.execute("SELECT pg_sleep(60) /* doomed */")
"""


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    made = Session(address.read(server.url(database)))
    yield made
    made.close()


def test_nothing_is_opened_before_it_is_needed(server: Server, database: str, session: Session) -> None:
    seen = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'shipit'"
    assert server.query("postgres", seen) == [(0,)]
    assert not session.is_alive()
    assert session.ask("SELECT 1") == [(1,)]
    assert session.is_alive()
    assert server.query("postgres", seen) == [(1,)]
    session.close()
    wait_until(lambda: server.query("postgres", seen) == [(0,)])
    assert not session.is_alive()


def test_a_session_knows_its_server(server: Server, session: Session) -> None:
    assert session.version // 10000 == (15 if "15" in str(server.bin) else 18)
    assert not session.pooled
    assert session.connection.autocommit
    assert session.ask("SHOW client_connection_check_interval") == [("500ms",)]
    assert session.ask("SHOW application_name") == [("shipit",)]


def test_the_server_notices_a_machine_that_is_gone(session: Session) -> None:
    """It would ask for the first time after two hours, and hold the migration lock until then."""
    asked = "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings WHERE name ~ '^tcp_'"
    assert session.ask(asked) == [("3 10 5 30000",)]
    session.ask("RESET ALL")
    assert session.ask(asked) != [("3 10 5 30000",)]
    session.keep_alive()
    assert session.ask(asked) == [("3 10 5 30000",)]


def test_a_question_may_have_parameters_and_need_not_have_an_answer(session: Session) -> None:
    assert session.ask("CREATE TABLE a (id int, b text)") == []
    session.ask("INSERT INTO a VALUES (%s, %s)", (1, "50 %"))
    assert session.ask("SELECT b FROM a WHERE b LIKE '50 %'") == [("50 %",)]
    assert session.ask("SELECT FROM a") == [()]
    assert session.ask(sql.SQL("SELECT id FROM {}").format(sql.Identifier("a"))) == [(1,)]


def test_a_further_session_is_of_the_same_user_elsewhere(session: Session, database: str) -> None:
    other = session.another("postgres")
    try:
        assert other.ask("SELECT current_database(), current_user") == [("postgres", "postgres")]
        assert other.address.database == "postgres"
        assert session.ask("SELECT current_database()") == [(database,)]
        assert other.lock_timeout == session.lock_timeout
    finally:
        other.close()


def test_a_broken_link_is_said_and_never_replaced_silently(server: Server, session: Session) -> None:
    pid = session.ask("SELECT pg_backend_pid()")[0][0]
    server.query("postgres", f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(Unavailable) as stopped:
        session.ask("SELECT 1", doing="count")
    assert is_lost(stopped.value)
    assert stopped.value.what == "could not count"
    assert not session.is_alive()
    with pytest.raises(Unavailable) as again:
        session.ask("SELECT 1")
    assert is_lost(again.value)
    session.reconnect()
    assert session.ask("SELECT pg_backend_pid()")[0][0] != pid


def test_an_error_in_a_transaction_rolls_it_back_and_is_translated(session: Session) -> None:
    session.ask("CREATE TABLE a (id int PRIMARY KEY)")
    with pytest.raises(ExternalError) as stopped:
        _fill_twice(session)
    assert stopped.value.what == "could not fill a"
    assert session.ask("SELECT count(*) FROM a") == [(0,)]
    evidence = "\n".join(stopped.value.evidence)
    assert 'duplicate key value violates unique constraint "a_pkey" (SQLSTATE 23505)' in evidence
    assert "RELATION: public.a" in evidence
    assert "CONSTRAINT: a_pkey" in evidence
    assert state(stopped.value) == "23505"
    assert not is_lost(stopped.value)


def _fill_twice(session: Session) -> None:
    with session.transaction("fill a") as connection:
        connection.execute("INSERT INTO a VALUES (1)")
        connection.execute("INSERT INTO a VALUES (1)")


def test_a_fault_has_the_line_of_the_statement(session: Session) -> None:
    text = "SELECT 1,\n  2,\n  nothing_like_it\nFROM pg_class"
    with pytest.raises(ExternalError) as stopped:
        session.ask(text)
    assert "line 3 of the statement" in stopped.value.evidence
    assert isinstance(stopped.value.__cause__, psycopg.Error)
    assert line_of(stopped.value.__cause__, text) == 3
    assert line_of(stopped.value.__cause__, "") is None


def test_a_row_of_somebodys_data_is_no_evidence(session: Session) -> None:
    session.ask("CREATE TABLE a (person text, id int NOT NULL)")
    with pytest.raises(ExternalError) as stopped:
        session.ask("INSERT INTO a VALUES ('Ada Lovelace', NULL)")
    assert "Ada" not in "\n".join(stopped.value.evidence)
    assert "RELATION: public.a" in stopped.value.evidence


@pytest.mark.parametrize(
    ("settings", "statement", "kind", "code"),
    [
        ("SET statement_timeout = 20", "SELECT pg_sleep(9)", Unavailable, "57014"),
        ("SET lock_timeout = 20", "SELECT FROM taken", Unavailable, "55P03"),
        ("SET default_transaction_read_only = on", "CREATE TABLE b ()", Denied, "25006"),
        ("SET ROLE pg_monitor", "CREATE SCHEMA b", Denied, "42501"),
        ("RESET ROLE", "CREATE TABEL b ()", ExternalError, "42601"),
    ],
)
def test_a_no_of_the_server_has_its_kind(
    server: Server,
    database: str,
    session: Session,
    settings: str,
    statement: str,
    kind: type[ExternalError],
    code: str,
) -> None:
    session.ask("CREATE TABLE taken ()")
    session.ask(settings)
    with server.connect(database) as other, other.transaction():
        other.execute("LOCK TABLE taken")
        with pytest.raises(kind) as stopped:
            session.ask(statement)
    assert type(stopped.value) is kind
    assert state(stopped.value) == code
    assert stopped.value.where == str(session.address)


def test_what_is_no_error_of_postgresql_passes(session: Session) -> None:
    with pytest.raises(KeyError), translated(session.address, "look"):
        raise KeyError
    assert state(KeyError()) == ""
    assert not is_lost(KeyError())
    assert not is_lost(None)


def test_the_password_is_in_no_error(server: Server, database: str) -> None:
    server.role("ada", PASSWORD)
    quoted = quote(PASSWORD, safe="")
    at = f"127.0.0.1:{server.port}"
    closed = _closed_port()
    try:
        assert _kind(f"postgresql://ada:{quoted}x@{at}/{database}") is Denied
        assert _kind(f"postgresql://ada:{quoted}@{at}/nowhere") is Denied
        assert _kind(f"postgresql://nobody:{quoted}@{at}/{database}") is Denied
        assert _kind(f"postgresql://ada:{quoted}@no-such-host.invalid/{database}") is Unavailable
        assert _kind(f"postgresql://ada:{quoted}@127.0.0.1:{closed}/{database}") is Unavailable
        assert _kind(f"postgresql://ada:{quoted}@127.0.0.1:{closed},{at}x/{database}") is None
        assert _kind(f"postgresql://ada:{quoted}@{at}/{database}?sslmode=nonsense") is ExternalError
        assert _kind(f"postgresql://ada:{quoted}@{at}/{database}?sslmode=require") is Unavailable
        assert _kind(f"postgresql://ada:{quoted}@{at}/{database}?options=-c%20nothing%3D1") is Denied
        assert _kind(f"postgresql://ada:{quoted}@{at}/{database}?nothing=1") is None
        assert _kind(f"postgresql://ada:{PASSWORD}@{at}/{database}") is None
        assert _kind(f"host=127.0.0.1 port={server.port} user=ada dbname={database}") is Denied
    finally:
        server.query("postgres", "DROP ROLE ada")


def test_a_password_from_the_environment_is_masked_too(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.role("ada", PASSWORD)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    session = Session(address.read(server.url(database, "ada")))
    try:
        with pytest.raises(ExternalError) as stopped:
            session.ask(f'TABLE "{PASSWORD}"')
        assert not any(piece in "\n".join(stopped.value.evidence) for piece in PIECES)
        assert "***" in "\n".join(stopped.value.evidence)
    finally:
        session.close()
        server.query("postgres", "DROP ROLE ada")


def test_two_seconds_after_a_kill_nothing_is_left(server: Server, database: str) -> None:
    server.query(database, "CREATE TABLE a ()")
    assert _left_after_kill(server, database, server.url(database)) <= 2


def test_two_seconds_after_a_kill_behind_a_pooler_nothing_is_left(server: Server, database: str) -> None:
    server.query(database, "CREATE TABLE a ()")
    with pgbouncer.before(server) as pooler:
        assert _left_after_kill(server, database, pooler.url(database)) <= 2


def test_a_pooler_is_noticed_and_no_setting_stays_behind_it(server: Server, database: str) -> None:
    with pgbouncer.before(server) as pooler:
        session = Session(address.read(pooler.url(database)))
        try:
            assert session.pooled
            assert session.version // 10000 in {15, 18}
            with session.transaction() as connection:
                watched = connection.execute("SHOW client_connection_check_interval").fetchall()
            assert watched == [("500ms",)]
            assert session.ask("SHOW client_connection_check_interval") == [("0",)]
        finally:
            session.close()


def _left_after_kill(server: Server, database: str, url: str) -> float:
    """Kill a process in the middle of a statement; seconds until its statement and its locks are gone."""
    others = f"FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE '%doomed%' AND state = 'active'"
    locks = "SELECT count(*) FROM pg_locks WHERE relation = 'a'::regclass"
    child = subprocess.Popen([sys.executable, "-c", DOOMED], env={**os.environ, "DATABASE_URL": url})
    try:
        with server.connect("postgres") as watcher, server.connect(database) as inside:
            wait_until(lambda: watcher.execute(f"SELECT {others}".encode()).fetchall() != [])
            assert inside.execute(locks.encode()).fetchall() == [(1,)]
            child.send_signal(signal.SIGKILL)
            started = time.monotonic()
            wait_until(lambda: watcher.execute(f"SELECT {others}".encode()).fetchall() == [])
            wait_until(lambda: inside.execute(locks.encode()).fetchall() == [(0,)])
            return time.monotonic() - started
    finally:
        child.kill()
        child.wait()


def _kind(url: str) -> type[Stop] | None:
    """How an address fails; None if it is not even read. The password must be nowhere."""
    masking.forget_all()
    try:
        session = Session(address.read(url))
    except Stop as stopped:
        _assert_silent(stopped)
        return None
    try:
        session.ask("SELECT 1")
    except Stop as stopped:
        _assert_silent(stopped)
        return type(stopped)
    finally:
        session.close()
    pytest.fail("it connected")


def _assert_silent(stopped: Stop) -> None:
    found = [stopped.what, str(stopped.where), *stopped.evidence, repr(stopped)]
    found += traceback.format_exception(stopped)
    chain: BaseException | None = stopped
    while chain is not None:
        found += [str(chain), repr(chain), repr(chain.args)]
        chain = chain.__cause__
    code = list(
        map(str.strip, Path(__file__).read_text().splitlines())
    )  # a traceback shows the lines of this test as well
    lines = [line for one in found for line in one.splitlines() if line.strip() not in code]
    assert not any(piece in line for piece in PIECES for line in lines), lines


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
