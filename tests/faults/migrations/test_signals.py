"""Interrupted in a long statement: rolled back, and soon nothing of it runs or is locked on the server."""

import contextlib
import signal
import time

import pytest

from tests.faults.migrations import schema, slow
from tests.faults.migrations.product import Product
from tests.support import run
from tests.support.postgres import wait_until

SOON = 2.0  # seconds
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('orders_by_customer')"
SLOW_FUNCTION = """
CREATE FUNCTION slowly(what text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(seconds) FROM patience;
    RETURN what;
END
$$"""
SLOW_INDEX = "CREATE INDEX CONCURRENTLY orders_by_customer ON orders (slowly(customer));\n"


def left_soon(product: Product) -> list[object]:
    """What of shipit is there two seconds later."""
    end = time.monotonic() + SOON
    while time.monotonic() < end and product.sessions():
        time.sleep(0.05)
    return [*product.sessions(), *product.ask(schema.STANDING["locks"])]


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_interrupted_in_a_long_statement_everything_is_taken_back(product: Product, how: str) -> None:
    product.lay_out(slow.FILES)
    slow.make_slow(product)
    child = product.start()
    slow.wait_for(product, "SELECT pg_sleep")
    began = time.monotonic()
    child.send_signal(signal.Signals[how])

    ran = run.wait(child).ended(130)

    assert time.monotonic() - began < SOON + 1
    assert left_soon(product) == []
    assert f"interrupted by {how}" in ran.said
    assert "everything is as before" in ran.said
    assert product.ask("SELECT to_regclass('notes')") == [(None,)]
    assert product.ask("SELECT version FROM shipit.migration") == []
    assert product.ask("SELECT outcome FROM shipit.run") == [("interrupted",)]
    slow.make_fast(product)
    product.migrate().ended(0)
    assert product.ask("SELECT id FROM notes") == [(1,)]


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_interrupted_while_an_index_is_built_nothing_of_it_is_left(product: Product, how: str) -> None:
    product.lay_out({"0001_index.sql": SLOW_INDEX})
    product.ask(SLOW_FUNCTION)
    slow.make_slow(product)
    child = product.start()
    slow.wait_for(product, "CREATE INDEX CONCURRENTLY")
    wait_until(lambda: product.ask(VALID) == [(False,)])
    child.send_signal(signal.Signals[how])
    ran = run.wait(child).ended(130)
    assert "everything is as before" in ran.said
    assert left_soon(product) == []
    assert product.ask(VALID) == []
    assert product.ask("SELECT version FROM shipit.intent") == []
    slow.make_fast(product)
    product.migrate().ended(0)
    assert product.ask(VALID) == [(True,)]


def test_interrupted_while_somebody_is_in_the_way_of_cleaning_up_it_says_what_is_left(product: Product) -> None:
    product.lay_out(slow.INDEX)
    with slow.slow_order(product):
        child = product.start()
        slow.wait_for(product, "CREATE INDEX CONCURRENTLY")
        wait_until(lambda: product.ask(VALID) == [(False,)])
        child.send_signal(signal.SIGTERM)
        ran = run.wait(child).ended(5)
        assert "interrupted by SIGTERM" in ran.said
        assert "0001_index was begun outside of a transaction" in ran.said
        assert left_soon(product) == []
        assert product.ask(VALID) == [(False,)]
    assert product.ask("SELECT version FROM shipit.migration") == []
    product.migrate().ended(0)
    assert product.ask(VALID) == [(True,)]
    assert product.ask("SELECT version FROM shipit.intent") == []


@pytest.mark.parametrize("solo", [False, True])
def test_two_seconds_after_a_killed_run_nothing_of_it_runs_or_is_locked(product: Product, *, solo: bool) -> None:
    product.lay_out(slow.INDEX if solo else slow.FILES)
    slow.make_slow(product)
    with slow.slow_order(product) if solo else contextlib.nullcontext():
        child = product.start()
        slow.wait_for(product, "CREATE INDEX CONCURRENTLY" if solo else "SELECT pg_sleep")
        child.kill()
        assert run.wait(child).code == -9
        assert left_soon(product) == []
    slow.make_fast(product)
    product.migrate().ended(0)
    assert product.ask("SELECT version FROM shipit.migration") == [("0001",)]
