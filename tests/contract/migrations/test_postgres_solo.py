"""Statements that can be in no transaction: no row without its effect, no ruin left, nothing of others touched."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import psycopg
import pytest

from shipit.adapters import python_scripts
from shipit.adapters.postgres import address
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.runner import Runner
from shipit.adapters.postgres.session import Session
from shipit.errors import ExternalError, Refused, Unavailable
from tests.support import pgbouncer
from tests.support.postgres import Server, wait_until
from tests.support.prepared import prepared, scripted

INDEX = prepared(
    "0001",
    "CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)",
    down="DROP INDEX CONCURRENTLY a_i",
    verify="SELECT count(*) = 1 FROM pg_indexes WHERE indexname = 'a_i'",
)
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('a_i')"


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    with closing(Session(address.read(server.url(database)), lock_timeout=0.1, lock_patience=1)) as session:
        Ledger(session).bind("test")
        session.ask("CREATE TABLE a (i int); ")
        session.ask("INSERT INTO a SELECT generate_series(1, 100)")
        yield session


@pytest.fixture
def runner(session: Session) -> Runner:
    return Runner(session, python_scripts.load)


@pytest.fixture
def lines() -> list[str]:
    return []


def versions(session: Session) -> list[str]:
    return [row.version for row in Ledger(session).applied()]


def intents(session: Session) -> list[str]:
    return [intent.version for intent in Ledger(session).intents()]


def test_an_index_is_built_verified_and_recorded(session: Session, runner: Runner, lines: list[str]) -> None:
    assert runner.settled(INDEX) is False
    runner.apply_solo(INDEX, "run-1", lines.append)
    [row] = Ledger(session).applied()
    assert (row.version, row.run, row.sha256) == ("0001", "run-1", INDEX.migration.up.sha256)
    assert row.fingerprint == Catalog(session).fingerprint()
    assert session.ask(VALID) == [(True,)]
    assert intents(session) == []
    assert runner.settled(INDEX) is True
    assert lines[0].startswith("0001_m: CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)  ")
    runner.apply_solo(INDEX, "run-2", lines.append)
    assert len(lines) == 2
    assert session.ask("SHOW lock_timeout") == [("1s",)], "as the session began"


def test_what_cannot_be_built_leaves_neither_index_nor_intent(
    session: Session, runner: Runner, lines: list[str]
) -> None:
    session.ask("INSERT INTO a VALUES (7)")
    with pytest.raises(ExternalError, match="could not apply 0001_m") as caught:
        runner.apply_solo(INDEX, "run-1", lines.append)
    assert any("23505" in line for line in caught.value.evidence)
    assert session.ask(VALID) == []
    assert versions(session) == intents(session) == []
    assert "dropped the index public.a_i that was left half-built" in lines
    session.ask("DELETE FROM a WHERE i = 7")
    runner.apply_solo(INDEX, "run-2", print)


def test_an_invalid_index_of_somebody_else_is_not_touched(session: Session, runner: Runner) -> None:
    session.ask("INSERT INTO a VALUES (7)")
    with pytest.raises(psycopg.Error):
        session.connection.execute("CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)")
    with pytest.raises(Refused, match="half-built, and not by shipit") as caught:
        runner.apply_solo(INDEX, "run-1", print)
    assert caught.value.hint == "DROP INDEX CONCURRENTLY public.a_i"
    assert session.ask(VALID) == [(False,)]
    assert versions(session) == intents(session) == []


def test_a_valid_index_of_somebody_else_is_not_dropped_when_ours_fails(session: Session, runner: Runner) -> None:
    session.ask("CREATE INDEX a_i ON a (i)")
    with pytest.raises(ExternalError, match="could not apply"):
        runner.apply_solo(INDEX, "run-1", print)
    assert session.ask(VALID) == [(True,)]
    assert intents(session) == []


def test_if_not_exists_is_not_content_with_a_ruin(session: Session, runner: Runner) -> None:
    session.ask("INSERT INTO a VALUES (7)")
    with pytest.raises(psycopg.Error):
        session.connection.execute("CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)")
    with pytest.raises(Refused):
        runner.apply_solo(prepared("0001", "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_i ON a (i)"), "run-1", print)
    assert versions(session) == []


def test_a_name_that_another_table_has_is_not_taken_for_the_index(session: Session, runner: Runner) -> None:
    session.ask("CREATE TABLE b (a_i int)")
    session.ask("CREATE INDEX a_i ON b (a_i)")
    quiet = prepared("0001", "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_i ON a (i)")
    with pytest.raises(ExternalError, match="its effect cannot be seen"):
        runner.apply_solo(quiet, "run-1", print)
    assert session.ask(VALID) == [(True,)]
    assert versions(session) == intents(session) == []


def test_a_verify_script_that_says_no_takes_the_index_back(session: Session, runner: Runner) -> None:
    doubtful = prepared(
        "0001", "CREATE INDEX CONCURRENTLY a_i ON a (i)", verify="INSERT INTO a VALUES (0); SELECT false"
    )
    with pytest.raises(ExternalError, match="verify script"):
        runner.apply_solo(doubtful, "run-1", print)
    assert session.ask(VALID) == []
    assert session.ask("SELECT count(*) FROM a") == [(100,)]
    assert versions(session) == intents(session) == []


def test_what_a_dead_run_built_is_verified_before_it_counts(
    session: Session, runner: Runner, lines: list[str]
) -> None:
    statement = "CREATE INDEX CONCURRENTLY a_i ON a (i)"
    for verify, recorded in (("SELECT false", []), ("SELECT true", ["0001"])):
        one = prepared("0001", statement, verify=verify)
        begin(session, one.migration.up.sha256, f"{statement}\n-- invalid before: ")
        session.ask("CREATE INDEX a_i ON a (i)")
        with nullcontext() if recorded else pytest.raises(ExternalError, match="verify script"):
            runner.apply_solo(one, "run-2", lines.append)
        assert versions(session) == recorded
        assert session.ask(VALID) == ([(True,)] if recorded else [])
        assert intents(session) == []
    assert lines.count("0001_m: a run that died had finished it") == 2


def test_without_patience_it_does_not_wait_forever(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    runner.session.lock_patience = 0
    with server.connect(database) as old:
        old.execute("BEGIN")
        old.execute("INSERT INTO a VALUES (1000)")
        with pytest.raises(Unavailable):
            runner.apply_solo(INDEX, "run-1", print)


def test_it_waits_for_an_old_transaction_while_others_go_on(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    """Longer than lock_timeout: nobody has to wait for who builds an index concurrently."""
    runner.session.lock_patience = 10
    with server.connect(database) as old:
        old.execute("BEGIN")
        old.execute("INSERT INTO a VALUES (1000)")
        release = threading.Timer(0.6, lambda: old.execute("COMMIT"))
        release.start()
        runner.apply_solo(INDEX, "run-1", print)
        release.join()
    assert session.ask(VALID) == [(True,)]


def test_when_patience_is_over_it_has_tried_three_times_and_says_what_is_left(
    server: Server, database: str, session: Session, runner: Runner, lines: list[str]
) -> None:
    runner.session.lock_patience = 0.3
    with server.connect(database) as old:
        old.execute("BEGIN")
        old.execute("INSERT INTO a VALUES (1000)")
        with pytest.raises(Unavailable) as caught:
            runner.apply_solo(INDEX, "run-1", lines.append)
    assert any("55P03" in line for line in caught.value.evidence)
    assert any("attempt 3 of 3" in line for line in lines)
    assert "what it left half-built is still there (a lock could not be had)" in caught.value.evidence[-1]
    assert session.ask(VALID) == [(False,)]
    assert versions(session) == []
    runner.apply_solo(INDEX, "run-2", lines.append)
    assert session.ask(VALID) == [(True,)]
    assert intents(session) == []


@pytest.mark.parametrize("statement", ["VACUUM a", "VACUUM (FULL) a", "REINDEX TABLE CONCURRENTLY a"])
def test_what_may_be_done_twice_is_done_again_after_a_death(
    session: Session, runner: Runner, lines: list[str], statement: str
) -> None:
    one = prepared("0001", statement)
    begin(session, one.migration.up.sha256, statement)
    assert runner.settled(one) is None
    runner.apply_solo(one, "run-2", lines.append)
    assert versions(session) == ["0001"]
    assert intents(session) == []


def test_what_reindexing_left_is_dropped_and_what_was_there_before_is_not(
    session: Session, runner: Runner, lines: list[str]
) -> None:
    session.ask("CREATE INDEX a_i ON a (i)")
    for name in ("a_i_ccnew", "a_j_ccnew", "a_i_ccnewer"):
        session.ask(f"CREATE INDEX {name} ON a (i)")
        session.ask(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    one = prepared("0001", "REINDEX INDEX CONCURRENTLY a_i")
    begin(session, one.migration.up.sha256, "REINDEX\n-- invalid before: public.a_j_ccnew")
    runner.apply_solo(one, "run-2", lines.append)
    left = session.ask("SELECT relname FROM pg_class WHERE relkind = 'i' AND relname LIKE 'a\\_%' ORDER BY 1")
    assert left == [("a_i",), ("a_i_ccnewer",), ("a_j_ccnew",)]


def test_what_nobody_can_see_is_refused_after_a_death_unless_it_is_idempotent(
    session: Session, runner: Runner
) -> None:
    session.ask("CREATE TABLE p (i int) PARTITION BY RANGE (i)")
    session.ask("CREATE TABLE q PARTITION OF p FOR VALUES FROM (0) TO (9)")
    statement = "ALTER TABLE p DETACH PARTITION q CONCURRENTLY"
    one = prepared("0001", statement)
    begin(session, one.migration.up.sha256, statement)
    with pytest.raises(Refused, match="nobody can see how far it came"):
        runner.apply_solo(one, "run-2", print)
    assert versions(session) == []
    runner.apply_solo(prepared("0001", statement, idempotent=True), "run-2", print)
    assert versions(session) == ["0001"]


def test_what_was_begun_with_another_content_is_refused(session: Session, runner: Runner) -> None:
    begin(session, "0" * 64, "CREATE INDEX CONCURRENTLY a_i ON a (j)")
    with pytest.raises(Refused, match="begun with another content"):
        runner.apply_solo(INDEX, "run-2", print)


def test_a_python_script_may_be_alone(session: Session, runner: Runner) -> None:
    runner.apply_solo(scripted("0001", "def up(connection):\n    connection.execute('VACUUM a')\n"), "run-1", print)
    assert versions(session) == ["0001"]


# --- the way back


def test_the_way_back_of_an_index_is_taken_alone(session: Session, runner: Runner) -> None:
    before = Catalog(session).fingerprint()
    runner.apply_solo(INDEX, "run-1", print)
    runner.revert([INDEX], "run-1", print, before)
    runner.revert([INDEX], "run-1", print, before)
    assert session.ask(VALID) == []
    assert versions(session) == intents(session) == []


def test_a_way_back_that_died_half_way_goes_on(session: Session, runner: Runner, lines: list[str]) -> None:
    runner.apply_solo(INDEX, "run-1", print)
    assert INDEX.migration.down
    begin(session, INDEX.migration.down.sha256, "DROP INDEX CONCURRENTLY a_i")
    session.ask("DROP INDEX a_i")
    runner.revert([INDEX], "run-2", lines.append)
    assert versions(session) == intents(session) == []


def test_a_way_back_alone_is_refused_among_others(session: Session, runner: Runner) -> None:
    table = prepared("0002", "CREATE TABLE b ()", down="DROP TABLE b")
    runner.apply_solo(INDEX, "run-1", print)
    runner.apply([table], "run-1", print)
    with pytest.raises(Refused, match="0001_m cannot be rolled back in one transaction with others"):
        runner.revert([table, INDEX], "run-1", print)
    assert versions(session) == ["0001", "0002"]
    halves = prepared("0001", INDEX.up[0].text, down="DROP INDEX CONCURRENTLY a_i; DROP TABLE b")
    with pytest.raises(Refused, match="cannot be rolled back as a whole"):
        runner.revert([halves], "run-1", print)


# --- poolers and death


def test_behind_a_pooler_it_is_refused(server: Server, database: str, session: Session) -> None:
    with pgbouncer.before(server) as pooler, closing(Session(address.read(pooler.url(database)))) as pooled:
        runner = Runner(pooled, python_scripts.load)
        refused = pytest.raises(Refused, match="behind a transaction pooler")
        with refused:
            runner.apply_solo(INDEX, "run-1", print)
        with refused:
            runner.revert([INDEX], "run-1", print)


CHILD = """
import os, signal, sys, threading, time
import psycopg
from shipit.adapters.postgres import address, solo
from shipit.adapters.postgres.runner import Runner
from shipit.adapters.postgres.session import Session
from tests.support.prepared import prepared

url, moment, up = sys.argv[1:]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def when_it_is_invalid():
    with psycopg.connect(url, autocommit=True) as c:
        while not c.execute("SELECT FROM pg_index WHERE NOT indisvalid").fetchall():
            time.sleep(0.01)
        die()
if moment == "intent":
    solo.Scripts = die
elif moment == "built":
    solo.Solo._finishing = die
else:
    threading.Thread(target=when_it_is_invalid, daemon=True).start()
Runner(Session(address.read(url), lock_patience=30), lambda *_: {}).apply_solo(prepared("0001", up), "child", print)
"""


@pytest.mark.parametrize("moment", ["intent", "half", "built"])
def test_killed_at_any_moment_the_next_run_has_the_index_once_and_valid(
    server: Server, database: str, session: Session, runner: Runner, moment: str
) -> None:
    one = prepared("0001", "CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", str(Path.cwd())])}
    argv = [sys.executable, "-c", CHILD, server.url(database), moment, one.up[0].text]
    with server.connect(database) as old:
        if moment == "half":  # it waits for this one, half-built
            old.execute("BEGIN")
            old.execute("INSERT INTO a VALUES (1000)")
        child = subprocess.run(argv, env=environment, check=False, timeout=30)
        assert child.returncode == -signal.SIGKILL
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shipit' AND pid <> pg_backend_pid()"
        )
        wait_until(lambda: session.ask(others) == [(0,)], 5)
    assert session.ask(VALID) == {"intent": [], "half": [(False,)], "built": [(True,)]}[moment]
    assert versions(session) == []
    assert runner.settled(one) is None
    runner.apply_solo(one, "next", print)
    assert session.ask(VALID) == [(True,)]
    assert versions(session) == ["0001"]
    assert intents(session) == []


def test_a_link_lost_in_the_middle_leaves_the_intent_for_the_next_run(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    runner.session.lock_patience = 20
    with server.connect(database) as old, server.connect(database) as other:
        old.execute("BEGIN")
        old.execute("INSERT INTO a VALUES (1000)")
        mine = session.ask("SELECT pg_backend_pid()")[0][0]

        def cut() -> None:
            wait_until(lambda: other.execute(VALID.encode()).fetchall() == [(False,)])
            other.execute("SELECT pg_terminate_backend(%s)", [mine])

        cutting = threading.Thread(target=cut)
        cutting.start()
        with pytest.raises(Unavailable, match="the link to the database was lost while 0001_m ran"):
            runner.apply_solo(INDEX, "run-1", print)
        cutting.join()
        old.execute("COMMIT")
    session.reconnect()
    assert runner.settled(INDEX) is None
    runner.apply_solo(INDEX, "run-2", print)
    assert session.ask(VALID) == [(True,)]


def begin(session: Session, sha256: str, statement: str) -> None:
    """What a run leaves that died."""
    session.ask(
        "INSERT INTO shipit.intent (version, sha256, run, statement) VALUES ('0001', %s, 'dead', %s)",
        [sha256, statement],
    )
