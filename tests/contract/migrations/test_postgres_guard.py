"""One run at a time, whoever dies and whatever stands between."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from shipit.adapters.postgres import address
from shipit.adapters.postgres.guard import Guard, lock_transaction
from shipit.adapters.postgres.session import Session
from shipit.errors import Denied, LeaseLost, Unavailable
from tests.support import pgbouncer
from tests.support.postgres import Server, wait_until

HOLDER = """
import os, time
from shipit.adapters.postgres import address
from shipit.adapters.postgres.guard import Guard
from shipit.adapters.postgres.session import Session
guard = Guard(Session(address.read(os.environ["DATABASE_URL"])))
guard.take(5, print)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def guards(server: Server, database: str) -> Iterator[tuple[Guard, Guard]]:
    """Two runs on one database."""
    first = Session(address.read(server.url(database)))
    second = first.another()
    yield Guard(first), Guard(second)
    first.close()
    second.close()


@pytest.fixture
def pooled(server: Server, database: str) -> Iterator[tuple[Guard, Guard]]:
    """Two runs behind a pooler."""
    with pgbouncer.before(server) as pooler:
        first = Session(address.read(pooler.url(database)))
        second = first.another()
        yield Guard(first), Guard(second)
        first.close()
        second.close()


def test_one_holds_it_and_is_named(guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    assert first.holder() is None
    assert not first.is_held()
    first.take(1, pytest.fail)
    first.take(1, pytest.fail)
    assert first.is_held()
    assert not second.is_held()
    pid = first.session.ask("SELECT pg_backend_pid()")[0][0]
    holder = second.holder()
    assert holder
    assert holder.startswith(f"pid {pid}, application shipit, user postgres, from 127.0.0.1, idle, connected for ")
    first.release()
    assert not first.is_held()
    assert second.holder() is None
    first.release()


def test_the_other_waits_and_says_for_whom(guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    first.take(1, pytest.fail)
    said: list[str] = []
    started = time.monotonic()
    with pytest.raises(LeaseLost) as stopped:
        second.take(1.2, said.append)
    assert 1.1 < time.monotonic() - started < 3
    assert len(said) == 1
    assert said[0].startswith("waiting for another run: pid ")
    assert stopped.value.what == "another run still holds the migration lock after 1 s"
    assert stopped.value.evidence[0].startswith("pid ")
    assert stopped.value.hint
    assert "shipit migrate unlock" in stopped.value.hint
    assert not second.is_held()


def test_without_patience_one_try_is_made(guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    second.take(0, pytest.fail)
    with pytest.raises(LeaseLost):
        first.take(0, list[str]().append)


def test_the_other_gets_it_as_soon_as_it_is_free(guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    first.take(1, pytest.fail)
    said: list[str] = []
    waiting = threading.Thread(target=second.take, args=[20, said.append])
    waiting.start()
    wait_until(lambda: bool(said))
    first.release()
    waiting.join(5)
    assert not waiting.is_alive()
    assert second.is_held()


def test_of_many_at_once_only_one_is_inside(server: Server, database: str) -> None:
    inside: list[int] = []
    most: list[int] = []

    def run(number: int) -> None:
        session = Session(address.read(server.url(database)))
        guard = Guard(session)
        guard.take(30, lambda _line: None)
        inside.append(number)
        most.append(len(inside))
        time.sleep(0.05)
        inside.remove(number)
        guard.release()
        session.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 4


def test_locks_of_another_database_do_not_matter(server: Server, guards: tuple[Guard, Guard]) -> None:
    first, _ = guards
    first.take(1, pytest.fail)
    elsewhere = Guard(first.session.another("postgres"))
    assert elsewhere.holder() is None
    elsewhere.take(0, pytest.fail)
    elsewhere.session.close()


def test_it_dies_with_the_process_that_held_it(server: Server, database: str, guards: tuple[Guard, Guard]) -> None:
    first, _ = guards
    environment = {**os.environ, "DATABASE_URL": server.url(database)}
    with subprocess.Popen([sys.executable, "-c", HOLDER], env=environment, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"held\n"
        assert first.holder()
        child.send_signal(signal.SIGKILL)
        first.take(2, lambda _line: None)
    assert first.is_held()


def test_a_lost_link_is_a_lost_lock(server: Server, guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    first.take(1, pytest.fail)
    pid = first.session.ask("SELECT pg_backend_pid()")[0][0]
    server.query("postgres", f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(Unavailable):
        first.is_held()
    first.release()
    first.session.reconnect()
    assert not first.is_held()
    second.take(2, lambda _line: None)


def test_a_former_session_of_our_own_whose_link_is_lost_is_ended(guards: tuple[Guard, Guard]) -> None:
    """The server may learn only after minutes that a machine between has gone."""
    first, _ = guards
    first.take(1, pytest.fail)
    lost = first.session.connection
    first.session._connection = None
    first.take(2, lambda _: None)
    assert first.is_held()
    with pytest.raises(psycopg.OperationalError):
        lost.execute("SELECT 1")


def test_whoever_holds_it_can_be_ended(guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    assert second.break_() is None
    first.take(1, pytest.fail)
    assert first.break_() is None, "one does not end oneself"
    ended = second.break_()
    assert ended
    assert "application shipit" in ended
    assert second.holder() is None
    assert not first.session.is_alive()
    second.take(0, pytest.fail)


def test_ending_it_needs_the_right_to(server: Server, database: str, guards: tuple[Guard, Guard]) -> None:
    first, _ = guards
    first.take(1, pytest.fail)
    server.role("guest", "x1")
    guest = Guard(Session(address.read(server.url(database, "guest", "x1"))))
    try:
        with pytest.raises(Denied) as stopped:
            guest.break_()
        assert stopped.value.what == "could not end the session that holds the migration lock"
        holder = guest.holder()
        assert holder
        assert "application shipit, user postgres" in holder
    finally:
        guest.session.close()
        server.query("postgres", "DROP ROLE guest")
    assert first.is_held()


def test_waiting_for_it_does_not_hold_up_an_index_that_is_built_concurrently(
    server: Server, database: str, guards: tuple[Guard, Guard]
) -> None:
    first, second = guards
    server.query(database, "CREATE TABLE a (id int)")
    first.take(1, pytest.fail)
    said: list[str] = []
    waiting = threading.Thread(target=second.take, args=[20, said.append])
    waiting.start()
    wait_until(lambda: bool(said))
    first.session.ask("SET statement_timeout = '5s'")
    first.session.ask("CREATE INDEX CONCURRENTLY a_id ON a (id)")
    first.release()
    waiting.join(5)
    assert second.is_held()


def test_a_transaction_is_excluded_by_the_session_of_another_and_not_by_its_own(
    guards: tuple[Guard, Guard],
) -> None:
    first, second = guards
    first.take(1, pytest.fail)
    with first.session.transaction() as connection:
        lock_transaction(connection, 0, pytest.fail)
    said: list[str] = []
    with pytest.raises(LeaseLost) as stopped, second.session.transaction() as connection:
        lock_transaction(connection, 0.5, said.append)
    assert said[0].startswith("waiting for another run: pid ")
    assert stopped.value.evidence[0].startswith("pid ")
    first.release()
    with second.session.transaction() as connection:
        lock_transaction(connection, 0, pytest.fail)
        assert second.holder()
    assert second.holder() is None


def test_who_waits_in_a_transaction_sees_who_came_later(guards: tuple[Guard, Guard]) -> None:
    first, second = guards
    first.take(1, pytest.fail)
    with second.session.transaction() as connection:
        with pytest.raises(LeaseLost):
            lock_transaction(connection, 0, pytest.fail)
        first.session.reconnect()
        first.take(1, lambda _line: None)
        pid = first.session.ask("SELECT pg_backend_pid()")[0][0]
        with pytest.raises(LeaseLost) as stopped:
            lock_transaction(connection, 0, pytest.fail)
    assert stopped.value.evidence[0].startswith(f"pid {pid}, application shipit")


def test_behind_a_pooler_no_lock_stays_on_a_session_of_the_server(pooled: tuple[Guard, Guard]) -> None:
    first, second = pooled
    said: list[str] = []
    assert not first.is_held()
    first.take(1, said.append)
    assert said == ["behind a pooler: the lock is taken anew in each transaction"]
    assert first.is_held()
    assert first.holder() is None
    assert not second.is_held()
    first.release()
    assert not first.is_held()


def test_behind_a_pooler_a_lost_link_is_noticed(server: Server, pooled: tuple[Guard, Guard]) -> None:
    guard, _ = pooled
    guard.take(1, lambda _: None)
    assert guard.is_held()
    guard.session.connection.close()
    with pytest.raises(Unavailable):
        guard.is_held()
    guard.session.close()
    assert guard.is_held()


def test_behind_a_pooler_two_transactions_still_exclude_each_other(pooled: tuple[Guard, Guard]) -> None:
    first, second = pooled
    for guard in pooled:
        guard.take(0, lambda _line: None)
    with first.session.transaction() as mine, second.session.transaction() as theirs:
        lock_transaction(mine, 0, pytest.fail)
        with pytest.raises(LeaseLost):
            lock_transaction(theirs, 0.3, lambda _line: None)
    with second.session.transaction() as theirs:
        lock_transaction(theirs, 2, lambda _line: None)


def test_a_transaction_behind_a_pooler_and_a_session_without_one_exclude_each_other(
    guards: tuple[Guard, Guard], pooled: tuple[Guard, Guard]
) -> None:
    direct, behind = guards[0], pooled[0]
    direct.take(0, pytest.fail)
    with pytest.raises(LeaseLost), behind.session.transaction() as connection:
        lock_transaction(connection, 0.3, lambda _line: None)
    direct.release()
    with behind.session.transaction() as connection:
        lock_transaction(connection, 0, pytest.fail)
        with pytest.raises(LeaseLost):
            direct.take(0.3, lambda _line: None)
    direct.take(1, lambda _line: None)
