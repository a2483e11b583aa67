"""Applying and rolling back on real servers: all or nothing, said exactly, and nobody waits for it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipit.adapters import python_scripts
from shipit.adapters.postgres import address, transaction
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.runner import Runner
from shipit.adapters.postgres.session import Session
from shipit.errors import ExternalError, Refused, Unavailable
from shipit.migrations.losses import Risk
from tests.support import pgbouncer
from tests.support.postgres import Server, wait_until
from tests.support.prepared import prepared, scripted
from tests.support.tcp_proxy import Cut, proxied

ORDERS = prepared(
    "0001",
    "CREATE TABLE orders (id int PRIMARY KEY, total int);\n\nINSERT INTO orders VALUES (1, 10), (2, 20);",
    down="DROP TABLE orders;",
    verify="SELECT count(*) = 2 FROM orders;",
)
NOTES = prepared("0002", "ALTER TABLE orders ADD note text;", down="ALTER TABLE orders DROP note;")


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    with closing(Session(address.read(server.url(database)), lock_timeout=0.1, lock_patience=5)) as session:
        Ledger(session).bind("test")
        yield session


@pytest.fixture
def runner(session: Session) -> Runner:
    return Runner(session, python_scripts.load)


@pytest.fixture
def lines() -> list[str]:
    return []


def versions(session: Session) -> list[str]:
    return [row.version for row in Ledger(session).applied()]


def is_there(server: Server, database: str, relation: str) -> bool:
    return server.query(database, f"SELECT to_regclass('{relation}') IS NOT NULL") == [(True,)]


def test_a_group_is_applied_with_its_rows_and_each_statement_is_said(
    session: Session, runner: Runner, lines: list[str]
) -> None:
    runner.apply([ORDERS, NOTES], "run-1", lines.append)
    first, last = Ledger(session).applied()
    assert (first.version, first.name, first.sha256, first.run) == (
        "0001",
        "m",
        ORDERS.migration.up.sha256,
        "run-1",
    )
    assert last.fingerprint == Catalog(session).fingerprint()
    assert first.fingerprint == ""
    assert abs(first.at - time.time()) < 60
    assert [line.split("  ")[0] for line in lines] == [
        "0001_m: CREATE TABLE orders (id int PRIMARY KEY, total int)",
        "0001_m: INSERT INTO orders VALUES (1, 10), (2, 20)",
        "0001_m: SELECT count(*) = 2 FROM orders",
        "0002_m: ALTER TABLE orders ADD note text",
    ]
    assert lines[1].endswith(" ms, 2 rows")


def test_what_the_ledger_has_is_not_applied_again(session: Session, runner: Runner, lines: list[str]) -> None:
    runner.apply([ORDERS], "run-1", lines.append)
    lines.clear()
    runner.apply([ORDERS, NOTES], "run-2", lines.append)
    runner.apply([ORDERS, NOTES], "run-3", lines.append)
    assert len(lines) == 1
    assert [row.run for row in Ledger(session).applied()] == ["run-1", "run-2"]


def test_another_content_of_an_applied_version_is_refused(session: Session, runner: Runner) -> None:
    runner.apply([ORDERS], "run-1", print)
    with pytest.raises(Refused, match="another content"):
        runner.apply([prepared("0001", "CREATE TABLE orders (id bigint)"), NOTES], "run-2", print)
    assert versions(session) == ["0001"]


def test_a_run_is_not_taken_for_somebody_else_s(session: Session, runner: Runner) -> None:
    mark = Catalog(session).baseline().mark
    runner.apply([ORDERS], "run-1", print)
    runner.revert([ORDERS], "run-1", print)
    runner.revert([ORDERS], "run-1", print)
    assert Catalog(session).foreign_since(mark) == 0


def test_a_failure_leaves_nothing_and_is_told_exactly(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    broken = prepared("0002", "CREATE TABLE b (i int);\n\n  INSERT INTO orders\n    VALUES (3, nothing);")
    with pytest.raises(ExternalError) as caught:
        runner.apply([ORDERS, broken], "run-1", print)
    assert caught.value.what == "could not apply 0002_m"
    assert caught.value.where == "migrations/0002_m.sql:4:16"
    found = "\n".join(caught.value.evidence)
    assert "INSERT INTO orders VALUES (3, nothing)" in found
    assert 'column "nothing" does not exist (SQLSTATE 42703)' in found
    assert "4 statements went well before it (3 rows)" in found
    assert not is_there(server, database, "orders")
    assert versions(session) == []
    runner.apply([ORDERS], "run-2", print)


@pytest.mark.parametrize(
    "verify",
    ["SELECT false", "SELECT NULL, 1", "SELECT 1 / 0", "SELECT 1; SELECT x FROM (VALUES (true), (false)) v (x)"],
)
def test_a_verify_script_that_says_no_leaves_nothing(
    server: Server, database: str, runner: Runner, verify: str
) -> None:
    with pytest.raises(ExternalError) as caught:
        runner.apply([prepared("0001", "CREATE TABLE a ()", verify=verify)], "run-1", print)
    assert str(caught.value.where).startswith("migrations/0001_m.verify.sql:1:")
    assert not is_there(server, database, "a")


def test_a_verify_script_passes_with_truth_or_without_a_row(session: Session, runner: Runner) -> None:
    verify = "SELECT true; SELECT 0; SELECT 'x'; SELECT false WHERE false; DO $$ BEGIN END $$; SELECT FROM pg_class"
    runner.apply([prepared("0001", "CREATE TABLE a ()", verify=verify)], "run-1", print)
    assert versions(session) == ["0001"]


def test_a_password_that_a_statement_sets_is_not_said(runner: Runner, server: Server, lines: list[str]) -> None:
    runner.apply([prepared("0001", "CREATE ROLE eva PASSWORD 'it''s secret'")], "run-1", lines.append)
    server.query("postgres", "DROP ROLE eva")
    assert lines[0].startswith("0001_m: CREATE ROLE eva PASSWORD '***'  ")


def test_a_constraint_that_fails_at_commit_leaves_nothing(session: Session, runner: Runner) -> None:
    up = """CREATE TABLE a (i int PRIMARY KEY);
    CREATE TABLE b (i int REFERENCES a DEFERRABLE INITIALLY DEFERRED); INSERT INTO b VALUES (1);"""
    with pytest.raises(ExternalError, match="could not commit 0001_m") as caught:
        runner.apply([prepared("0001", up)], "run-1", print)
    assert any("23503" in line for line in caught.value.evidence)
    assert versions(session) == []
    runner.apply([ORDERS], "run-2", print)


def test_what_one_migration_sets_for_the_session_the_next_does_not_inherit(
    session: Session, runner: Runner, lines: list[str]
) -> None:
    dumped = "SELECT pg_catalog.set_config('search_path', '', false); SET ROLE pg_monitor; SET lock_timeout = '9s'"
    script = "def up(connection):\n    connection.execute(\"SET search_path = ''\")\n"
    check = prepared("0003", "CREATE TABLE a ()", verify="SELECT current_setting('lock_timeout') = '100ms'")
    runner.apply([prepared("0001", dumped), scripted("0002", script), check], "run-1", lines.append)
    hidden = "DO $$ BEGIN EXECUTE 'SET search_path = pg_temp'; END $$"
    runner.apply([prepared("0004", "SET search_path = ''"), prepared("0005", hidden)], "run-1", lines.append)
    assert session.ask("SELECT to_regclass('a') IS NOT NULL, current_user = session_user") == [(True, True)]
    assert session.ask("SHOW client_connection_check_interval") == [("500ms",)]


def test_without_a_ledger_that_is_told(server: Server, database: str) -> None:
    with closing(Session(address.read(server.url(database)))) as session:
        with pytest.raises(ExternalError) as caught:
            Runner(session, python_scripts.load).apply([ORDERS], "run-1", print)
        assert any("shipit.migration" in line for line in caught.value.evidence)
        assert session.ask("SELECT 1") == [(1,)]


@pytest.mark.parametrize("statement", ["COMMIT", "ROLLBACK", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN"])
def test_a_statement_that_ends_the_transaction_is_noticed(session: Session, runner: Runner, statement: str) -> None:
    with pytest.raises(Refused, match="ends the transaction"):
        runner.apply([prepared("0001", f"CREATE TABLE a (); {statement}; CREATE TABLE b ()")], "run-1", print)
    assert versions(session) == []


# --- Python scripts


def test_a_python_script_runs_in_the_same_transaction(
    server: Server, database: str, session: Session, runner: Runner, lines: list[str]
) -> None:
    text = """
def up(connection):
    with connection.transaction():
        connection.execute("INSERT INTO orders VALUES (3, 30)")
def verify(connection):
    return connection.execute("SELECT count(*) FROM orders").fetchone() == (3,)
def down(connection):
    connection.execute("DELETE FROM orders WHERE id = 3")
"""
    script = scripted("0002", text)
    runner.apply([ORDERS, script], "run-1", lines.append)
    assert lines[-2].startswith("0002_m: up()  ")
    runner.revert([script], "run-1", print)
    assert server.query(database, "SELECT count(*) FROM orders") == [(2,)]
    assert versions(session) == ["0001"]


@pytest.mark.parametrize(
    ("body", "where", "word"),
    [
        ("connection.execute('SELECT nothing')", "0002_m.py:3", "42703"),
        ("{}['key']", "0002_m.py:3", "KeyError: 'key'"),
        ("raise SystemExit(0)", "0002_m.py:3", "SystemExit: 0"),
        ("connection.commit()", "0002_m.py", "it calls commit"),
        ("connection.close()", "0002_m.py", "it calls commit"),
        ("connection.execute('COMMIT')", "0002_m.py", "may be committed"),
        ("connection.pgconn.finish()", "0002_m.py", "may be committed"),
        (
            "try: connection.execute('SELECT 1/0')\n    except Exception: pass",
            "0002_m.py",
            "no longer be committed",
        ),
    ],
)
def test_a_python_script_that_goes_wrong_is_told_with_its_line(
    session: Session, runner: Runner, body: str, where: str, word: str
) -> None:
    script = scripted("0002", f"def up(connection):\n    connection.execute('CREATE TABLE a ()')\n    {body}\n")
    with pytest.raises((ExternalError, Refused)) as caught:
        runner.apply([script], "run-1", print)
    assert where in str(caught.value.where)
    assert any(word in line for line in caught.value.evidence)
    session.reconnect()
    assert versions(session) == []
    runner.apply([ORDERS], "run-2", print)


def test_a_verify_function_that_says_no_leaves_nothing(session: Session, runner: Runner) -> None:
    text = "def up(connection):\n    pass\ndef verify(connection):\n    return 0\n"
    with pytest.raises(ExternalError, match="verify function"):
        runner.apply([scripted("0001", text)], "run-1", print)
    assert versions(session) == []


# --- locks


def test_a_lock_that_cannot_be_had_is_tried_for_again(
    server: Server, database: str, session: Session, runner: Runner, lines: list[str]
) -> None:
    runner.apply([ORDERS], "run-1", print)
    with server.connect(database) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM orders")
        release = threading.Timer(1, lambda: reader.execute("COMMIT"))
        release.start()
        runner.apply([NOTES], "run-2", lines.append)
        release.join()
        pid = reader.info.backend_pid
    assert versions(session) == ["0001", "0002"]
    assert any("a lock could not be had, trying again in" in line for line in lines)
    assert any(f"(pid {pid}" in line for line in lines)


def test_who_is_in_the_way_is_named_in_the_end(server: Server, database: str, runner: Runner) -> None:
    runner.apply([ORDERS], "run-1", print)
    runner.session.lock_patience = 0.8
    with server.connect(database) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM orders")
        with pytest.raises(Unavailable, match="could not apply 0002_m") as caught:
            runner.apply([NOTES], "run-2", print)
        pid = reader.info.backend_pid
    assert any(f"in the way: pid {pid}" in line for line in caught.value.evidence)
    assert any("55P03" in line for line in caught.value.evidence)


def test_readers_do_not_queue_behind_a_waiting_migration(server: Server, database: str, runner: Runner) -> None:
    """Each reader waits no longer than one lock_timeout and what the migration itself takes."""
    runner.apply([ORDERS], "run-1", print)
    over, waits = threading.Event(), []

    def read() -> None:
        with server.connect(database) as connection:
            connection.prepare_threshold = None
            while not over.is_set():
                began = time.monotonic()
                connection.execute("SELECT * FROM orders")
                waits.append(time.monotonic() - began)
                time.sleep(0.005)

    reader = threading.Thread(target=read)
    with server.connect(database) as sleeper:
        sleeper.execute("BEGIN")
        sleeper.execute("SELECT * FROM orders")
        reader.start()
        threading.Timer(1.5, lambda: sleeper.execute("COMMIT")).start()
        runner.apply([NOTES], "run-2", print)
        over.set()
        reader.join()
    assert 0.05 < max(waits) < 0.1 + 0.9  # the machine of the tests may be slow; without lock_timeout it is 1.5 s


def test_a_deadlock_is_tried_again(server: Server, database: str, runner: Runner, lines: list[str]) -> None:
    runner.apply([ORDERS], "run-1", print)
    runner.session.lock_timeout = 5
    server.query(database, "CREATE TABLE other ()")
    began = threading.Event()
    with server.connect(database) as rival:
        rival.execute("SET deadlock_timeout = '10s'")  # ours is the one that notices
        rival.execute("BEGIN")
        rival.execute("LOCK TABLE other")

        def cross() -> None:
            began.wait()
            rival.execute("LOCK TABLE orders")
            rival.execute("COMMIT")

        crossing = threading.Thread(target=cross)
        crossing.start()

        def say(line: str) -> None:
            lines.append(line)
            began.set()
            time.sleep(0.3)

        runner.apply([prepared("0002", "ALTER TABLE orders ADD a int; ALTER TABLE other ADD a int")], "run-2", say)
        crossing.join()
    assert any("a deadlock was broken" in line for line in lines)


def test_a_new_value_of_an_enum_is_used_after_all_one_by_one(
    session: Session, runner: Runner, lines: list[str]
) -> None:
    runner.apply([prepared("0001", "CREATE TYPE e AS ENUM ('a')")], "run-1", print)
    both = [
        prepared("0002", "ALTER TYPE e ADD VALUE 'b'"),
        prepared("0003", "CREATE TABLE t AS SELECT 'b'::e AS e"),
    ]
    runner.apply(both, "run-2", lines.append)
    assert versions(session) == ["0001", "0002", "0003"]
    assert any("now one by one" in line for line in lines)


def test_one_by_one_what_was_committed_stays(session: Session, runner: Runner) -> None:
    runner.apply([prepared("0001", "CREATE TYPE e AS ENUM ('a')")], "run-1", print)
    three = [
        prepared("0002", "ALTER TYPE e ADD VALUE 'b'"),
        prepared("0003", "CREATE TABLE t AS SELECT 'b'::e AS e"),
        prepared("0004", "SELECT nothing"),
    ]
    with pytest.raises(ExternalError, match="0004"):
        runner.apply(three, "run-2", print)
    assert versions(session) == ["0001", "0002", "0003"]


def test_what_does_not_fit_into_the_lock_table_goes_one_by_one(debian: Server, lines: list[str]) -> None:
    small = {"max_locks_per_transaction": "10", "max_connections": "5", "max_wal_senders": "0"}
    server = Server.start(debian.bin, small)
    try:
        many = [
            prepared(f"{number:04}", ";".join(f"CREATE TABLE t{number}_{i} ()" for i in range(60)))
            for number in range(40)
        ]
        with closing(Session(address.read(server.url()))) as session:
            Ledger(session).bind("test")
            Runner(session, python_scripts.load).apply(many, "run-1", lines.append)
            assert len(versions(session)) == 40
    finally:
        server.remove()
    assert [line for line in lines if "do not fit into the server's table of locks" in line]


def test_behind_a_pooler_a_group_is_applied_and_leaves_no_setting_to_others(
    server: Server, database: str, session: Session
) -> None:
    sets = prepared("0003", "SET search_path = ''; SET ROLE pg_monitor")
    with pgbouncer.before(server) as pooler, closing(Session(address.read(pooler.url(database)))) as pooled:
        assert pooled.pooled
        runner = Runner(pooled, python_scripts.load)
        runner.apply([ORDERS, NOTES, sets], "run-1", print)
        asked = (
            "SELECT current_user = session_user, current_setting('search_path'), current_setting('lock_timeout')"
        )
        assert pooled.ask(asked) == [(True, '"$user", public', "0")]
        runner.revert([sets, NOTES, ORDERS][1:], "run-1", print)
    assert versions(session) == ["0003"]


def test_runs_at_once_apply_everything_once(server: Server, database: str, session: Session) -> None:
    def run(number: int) -> None:
        with closing(Session(address.read(server.url(database)))) as own:
            Runner(own, python_scripts.load).apply([ORDERS, NOTES], f"run-{number}", lambda _: None)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions(session) == ["0001", "0002"]
    assert server.query(database, "SELECT count(*) FROM orders") == [(2,)]


# --- the way back


def test_the_way_back_leads_to_the_same_schema(session: Session, runner: Runner) -> None:
    before = Catalog(session).fingerprint()
    runner.apply([ORDERS, NOTES], "run-1", print)
    runner.revert([NOTES, ORDERS], "run-1", print, before)
    assert Catalog(session).fingerprint() == before
    assert versions(session) == []
    runner.revert([NOTES, ORDERS], "run-1", print, before)


def test_a_way_back_that_leads_elsewhere_is_not_taken(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    before = Catalog(session).fingerprint()
    runner.apply([ORDERS], "run-1", print)
    forgetful = prepared("0002", "CREATE TABLE a (); CREATE TABLE b ()", down="DROP TABLE a")
    runner.apply([forgetful], "run-1", print)
    with pytest.raises(Refused, match="does not lead to the schema"):
        runner.revert([forgetful, ORDERS], "run-1", print, before)
    assert versions(session) == ["0001", "0002"]
    assert is_there(server, database, "a")
    assert server.query(database, "SELECT count(*) FROM orders") == [(2,)]


def test_a_way_back_that_fails_half_way_is_not_taken(server: Server, database: str, runner: Runner) -> None:
    runner.apply([ORDERS, prepared("0002", "CREATE TABLE a ()", down="DROP TABLE nothing")], "run-1", print)
    with pytest.raises(ExternalError, match="could not roll back 0002_m") as caught:
        runner.revert([NOTES, prepared("0002", "CREATE TABLE a ()", down="DROP TABLE nothing")][1:], "run-1", print)
    assert caught.value.where == "migrations/0002_m.down.sql:1:1"
    assert is_there(server, database, "a")


@pytest.mark.parametrize(
    ("column", "value", "loses"),
    [
        ("x int", "DEFAULT", False),
        ("x int", "1", True),
        ("x int DEFAULT 0", "DEFAULT", False),
        ("x int DEFAULT 0", "1", True),
        ("x numeric(5, 2) DEFAULT 0", "DEFAULT", False),
        ("x varchar(3) NOT NULL DEFAULT 'ab'", "DEFAULT", False),
        ("x json DEFAULT '{}'", "DEFAULT", False),
        ("x json DEFAULT '{}'", "'{\"a\": 1}'", True),
        ("x timestamptz DEFAULT now()", "DEFAULT", True),
        ("x date DEFAULT current_date", "DEFAULT", True),
        ("x int GENERATED ALWAYS AS (id + 1) STORED", "DEFAULT", False),
        ('"X y" bool DEFAULT false', "DEFAULT", False),
        ('"X y" bool DEFAULT false', "true", True),
    ],
)
def test_a_column_that_somebody_filled_is_not_taken_back(
    session: Session, runner: Runner, column: str, value: str, loses: bool
) -> None:
    name = '"X y"' if column.startswith('"') else "x"
    adds = prepared("0002", f"ALTER TABLE orders ADD {column}", down=f"ALTER TABLE orders DROP {name}")
    runner.apply([ORDERS, adds], "run-1", print)
    session.ask(f"INSERT INTO orders (id, {name}) VALUES (3, {value})")
    risk = [Risk("orders", name.strip('"'))]
    if loses:
        with pytest.raises(Refused, match="would destroy what was written since"):
            runner.revert([adds], "run-1", print, empty=risk)
        assert versions(session) == ["0001", "0002"]
    else:
        runner.revert([adds], "run-1", print, empty=risk)
        assert versions(session) == ["0001"]


def test_a_table_that_holds_rows_is_not_taken_back_also_when_they_come_late(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    risk = [Risk("orders"), Risk("not_there"), Risk("orders", "not_there")]
    runner.apply([prepared("0001", "CREATE TABLE orders (id int)", down="DROP TABLE orders")], "run-1", print)
    one = prepared("0001", "CREATE TABLE orders (id int)", down="DROP TABLE orders")
    with server.connect(database) as late:
        late.execute("BEGIN")
        late.execute("INSERT INTO orders VALUES (1)")  # nobody sees it yet
        commit = threading.Timer(0.5, lambda: late.execute("COMMIT"))
        commit.start()
        with pytest.raises(Refused, match="would destroy") as caught:
            runner.revert([one], "run-1", print, empty=risk)
        commit.join()
    assert caught.value.evidence == ("orders holds rows",)
    assert server.query(database, "SELECT count(*) FROM orders") == [(1,)]
    session.ask("DELETE FROM orders")
    runner.revert([one], "run-1", print, empty=risk)


# --- links that break


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_lost_answer_to_commit_is_settled(server: Server, database: str, session: Session, cut: Cut) -> None:
    lines: list[str] = []
    with proxied(server.port, cut) as proxy:
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}"
        with closing(Session(address.read(url))) as through:
            runner = Runner(through, python_scripts.load)
            # the ledger commits through a message of the same kind: it was made by another session
            if cut == "before":
                with pytest.raises(Unavailable, match="0001_m was not committed"):
                    runner.apply([ORDERS], "run-1", lines.append)
            else:
                runner.apply([ORDERS], "run-1", lines.append)
        assert proxy.cuts == 1
    assert any("the answer to COMMIT was lost" in line for line in lines)
    assert versions(session) == ([] if cut == "before" else ["0001"])
    assert is_there(server, database, "orders") == (cut == "after")


def test_when_nobody_can_be_asked_that_is_said_and_the_next_run_settles_it(
    server: Server, database: str, session: Session, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "PATIENCE", 1.0)
    with proxied(server.port, "after") as proxy:
        proxy.refuses = True
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}"
        nobody_knows = pytest.raises(Unavailable, match="nobody knows whether 0001_m was committed")
        with closing(Session(address.read(url))) as through, nobody_knows:
            Runner(through, python_scripts.load).apply([ORDERS], "run-1", print)
    runner.apply([ORDERS], "run-2", print)
    assert [row.run for row in Ledger(session).applied()] == ["run-1"]


def test_a_link_lost_in_a_statement_leaves_nothing(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    killer = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(Unavailable, match="could not apply 0002_m"):
        runner.apply([ORDERS, prepared("0002", killer)], "run-1", print)
    session.reconnect()
    assert versions(session) == []
    assert not is_there(server, database, "orders")


# --- death

CHILD = """
import os, signal, sys
from shipit.adapters import python_scripts
from shipit.adapters.postgres import address, transaction
from shipit.adapters.postgres.runner import Runner
from shipit.adapters.postgres.session import Session
from tests.support.prepared import prepared

url, moment = sys.argv[1], int(sys.argv[2])
count = 0
def say(line):
    global count
    count += 1
    if count == moment:
        os.kill(os.getpid(), signal.SIGKILL)
if moment == 0:
    commit = transaction._commit
    def die(*arguments):
        commit(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    transaction._commit = die
three = [prepared(f"000{i}", f"CREATE TABLE t{i} (); INSERT INTO log VALUES ({i})") for i in (1, 2, 3)]
Runner(Session(address.read(url)), python_scripts.load).apply(three, "child", say)
"""


@pytest.mark.parametrize("moment", [1, 2, 3, 6, 0])
def test_killed_between_any_two_statements_nothing_is_there_and_after_commit_all(
    server: Server, database: str, session: Session, runner: Runner, moment: int
) -> None:
    session.ask("CREATE TABLE log (i int)")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", str(Path.cwd())])}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, server.url(database), str(moment)], env=environment, check=False
    )
    assert child.returncode == -signal.SIGKILL
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    wait_until(lambda: session.ask(others) == [(0,)], 5)
    assert versions(session) == (["0001", "0002", "0003"] if moment == 0 else [])
    assert is_there(server, database, "t1") == (moment == 0)
    three = [prepared(f"000{i}", f"CREATE TABLE t{i} (); INSERT INTO log VALUES ({i})") for i in (1, 2, 3)]
    runner.apply(three, "next", print)
    assert session.ask("SELECT i FROM log ORDER BY i") == [(1,), (2,), (3,)]
    assert len({row.run for row in Ledger(session).applied()}) == 1


def test_a_signal_in_the_middle_leaves_nothing_and_no_lock(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    class Signalled(BaseException):
        pass

    def say(line: str) -> None:
        raise Signalled

    with pytest.raises(Signalled):
        runner.apply([ORDERS], "run-1", say)
    assert versions(session) == []
    assert session.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


def test_a_crash_of_the_server_leaves_nothing(
    server: Server, database: str, session: Session, runner: Runner
) -> None:
    def say(line: str) -> None:
        if "INSERT" in line:
            server.down("immediate")

    with pytest.raises(Unavailable):
        runner.apply([ORDERS, NOTES], "run-1", say)
    server.up()
    session.reconnect()
    assert versions(session) == []
    runner.apply([ORDERS, NOTES], "run-2", print)
    assert versions(session) == ["0001", "0002"]
