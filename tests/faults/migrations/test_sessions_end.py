"""The server ends the session of a run: what is said is what is there, and nobody else is disturbed."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shipit.adapters.postgres.guard import KEY
from tests.faults.migrations import schema, slow
from tests.faults.migrations.product import Product
from tests.support import run
from tests.support.postgres import wait_until

FIRST = {
    "0001_first.sql": "CREATE TYPE kind AS ENUM ('a');\n",
    "0001_first.down.sql": "DROP TYPE kind;\n",
    "0002_more.sql": "ALTER TYPE kind ADD VALUE 'b';\n",
    "0002_more.down.sql": "SELECT 1;\n",
    "0003_slow.sql": slow.FILES["0001_slow.sql"],
}
END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'shipit' AND query LIKE 'SELECT pg_sleep%'"
)
LAST = "SELECT outcome FROM shipit.run ORDER BY started_at DESC, id DESC LIMIT 1"


def ended_in_its_sleep(product: Product, env: str = "staging") -> run.Ran:
    child = product.start("--verbose", env=env)
    slow.wait_for(product, "SELECT pg_sleep")
    assert product.ask(END) == [(True,)]
    return run.wait(child)


@pytest.fixture
def slowed(product: Product) -> Product:
    product.lay_out(slow.FILES)
    slow.make_slow(product)
    return product


@pytest.mark.parametrize("env", ["staging", "production"])
def test_nothing_is_committed_and_that_is_said(slowed: Product, env: str) -> None:
    ran = ended_in_its_sleep(slowed, env).ended(7)

    assert "R1: rolled back, nothing was committed" in ran.said
    assert "everything is as before" in ran.said
    assert "terminating connection" in ran.said
    assert "run the same command again" in ran.said
    assert slowed.ask("SELECT to_regclass('notes')") == [(None,)]
    assert slowed.ask(LAST) == [("rolled back",)]
    assert slowed.ask(schema.STANDING["locks"]) == []
    slow.make_fast(slowed)
    slowed.migrate(env=env).ended(0)


def test_what_was_committed_before_is_told_as_the_ladder_says(slowed: Product) -> None:
    slowed.lay_out(FIRST)

    ran = ended_in_its_sleep(slowed, "production").ended(5)

    assert "R3: stays at the last good version" in ran.said
    assert "last good version: 0002" in ran.said
    slow.make_fast(slowed)
    slowed.migrate(env="production").ended(0)
    assert [row[0] for row in slowed.ask(schema.STANDING["ledger"])] == ["0001", "0002", "0003"]


def test_down_scripts_take_back_in_the_new_session(slowed: Product) -> None:
    slowed.lay_out({**slow.INDEX, "0001_index.down.sql": "DROP INDEX orders_by_customer;\n"})
    slowed.write({"0002_slow.sql": slow.FILES["0001_slow.sql"]})

    ran = ended_in_its_sleep(slowed).ended(7)

    assert "R3: rolled back by this run's down scripts" in ran.said
    assert slowed.ask("SELECT to_regclass('orders_by_customer')") == [(None,)]
    assert slowed.ask("SELECT version FROM shipit.migration") == []


def test_a_transaction_that_idles_too_long_is_the_same(product: Product) -> None:
    product.lay_out(
        {
            "0001_idle.py": (
                "import time\n\n\ndef up(connection):\n"
                "    connection.execute('CREATE TABLE notes (id bigint)')\n"
                "    connection.execute(\"SET idle_in_transaction_session_timeout = '200ms'\")\n"
                "    time.sleep(1)\n"
                "    connection.execute('SELECT 1')\n"
            )
        }
    )

    ran = product.migrate().ended(7)

    assert "idle-in-transaction timeout" in ran.said
    assert "run the same command again" in ran.said
    assert product.ask("SELECT to_regclass('notes')") == [(None,)]


@contextlib.contextmanager
def next_in_line(product: Product, then: str) -> Iterator[None]:
    """Somebody who gets the lock at the very moment at which it is lost, as no second run could be sure to."""
    with product.server.connect(product.database) as other, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(other.execute, f"SELECT pg_advisory_lock({KEY[0]}, {KEY[1]}); {then}".encode())
        wait_until(lambda: (False,) in product.ask("SELECT granted FROM pg_locks WHERE locktype = 'advisory'"))
        yield
        waiting.result(10)


@pytest.mark.parametrize("env", ["staging", "production"])
def test_a_run_that_got_the_lock_meanwhile_is_left_alone(slowed: Product, env: str) -> None:
    child = slowed.start_impatient(env)
    slow.wait_for(slowed, "SELECT pg_sleep")
    with next_in_line(slowed, "SELECT 1"):
        slowed.ask(END)
        ran = run.wait(child).ended(9)

    assert "another run went on with the database, and everything is left to it" in ran.said
    assert "the ledger has nothing of this run" in ran.said
    assert f"shipit migrate --env {env} when it has ended" in ran.said


def test_what_another_run_may_build_upon_is_not_taken_back(slowed: Product) -> None:
    """It had the lock and let it go: its rows in the ledger would count as ours, were the backup restored."""
    slowed.lay_out({**slow.INDEX, "0001_index.down.sql": "DROP INDEX orders_by_customer;\n"})
    slowed.write({"0002_slow.sql": slow.FILES["0001_slow.sql"]})
    child = slowed.start()
    slow.wait_for(slowed, "SELECT pg_sleep")
    ours = "UPDATE shipit.run SET ended_at = now(), outcome = 'killed'"
    with next_in_line(slowed, f"{ours}; SELECT pg_advisory_unlock({KEY[0]}, {KEY[1]})"):
        slowed.ask(END)
        ran = run.wait(child).ended(5)

    assert "committed by this run: 0001_index" in ran.said
    assert "last good version: 0001" in ran.said
    assert slowed.ask("SELECT version FROM shipit.migration") == [("0001",)]
    slow.make_fast(slowed)
    slowed.migrate().ended(0)
