"""The server is gone at once, as in a power cut, and comes back: the next run converges."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.migrations import schema, slow
from tests.faults.migrations.conftest import TEMPLATE
from tests.faults.migrations.product import Product, Striker
from tests.support import postgres, run
from tests.support.postgres import Server


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    """A server of its own: nobody else may miss it."""
    for server in postgres.started("debian-15"):
        server.create(TEMPLATE)
        server.query(TEMPLATE, schema.START)
        yield server


@pytest.fixture
def product(tmp_path: Path, mortal: Server, striker: Striker) -> Iterator[Product]:
    made = Product(tmp_path / "product", mortal, striker, TEMPLATE)
    with made.case():
        yield made


def dies_and_comes_back(product: Product, words: str) -> run.Ran:
    child = product.start_impatient()
    slow.wait_for(product, words)
    product.server.down("immediate")
    ran = run.wait(child)
    product.server.up()
    return ran


def test_a_server_that_stays_away_is_told_with_what_is_known_and_the_next_run_converges(product: Product) -> None:
    product.lay_out({**slow.FILES, "0002_touch.sql": schema.FILES["0003_touch.sql"]})
    slow.make_slow(product)

    ran = dies_and_comes_back(product, "SELECT pg_sleep").ended(5)

    assert "0001" in ran.said
    assert "everything is as before" not in ran.said  # nobody could look
    assert "for 2 s nobody could be asked what is there" in ran.said
    assert "run shipit migrate --env staging again" in ran.said
    assert "Traceback" not in ran.said
    assert product.ask("SELECT to_regclass('notes')") == [(None,)]
    slow.make_fast(product)
    product.migrate().ended(0)
    assert product.ask("SELECT id FROM notes") == [(1,)]
    assert product.ask("SELECT DISTINCT touched FROM orders") == [(1,)]
    assert product.ask("SELECT version FROM shipit.migration ORDER BY 1") == [("0001",), ("0002",)]
    assert product.ask("SELECT outcome FROM shipit.run ORDER BY started_at") == [("killed",), ("complete",)]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
@pytest.mark.parametrize("env", ["staging", "production"])
def test_a_server_that_is_started_anew_is_asked_and_nothing_is_there(product: Product, mode: str, env: str) -> None:
    product.lay_out(slow.FILES)
    slow.make_slow(product)
    child = product.start(env=env)
    slow.wait_for(product, "SELECT pg_sleep")

    product.server.down(mode)
    product.server.up()
    ran = run.wait(child).ended(7)

    assert "everything is as before" in ran.said
    assert "run the same command again" in ran.said
    assert product.ask("SELECT to_regclass('notes')") == [(None,)]
    assert product.ask("SELECT outcome FROM shipit.run") == [("rolled back",)]
    slow.make_fast(product)
    product.migrate(env=env).ended(0)


def test_a_server_that_dies_in_create_index_concurrently_leaves_a_ruin_that_the_next_run_replaces(
    product: Product,
) -> None:
    product.lay_out(slow.INDEX)
    with contextlib.suppress(psycopg.OperationalError), slow.slow_order(product):
        dies_and_comes_back(product, "CREATE INDEX CONCURRENTLY").ended(5)
    assert product.ask(_INDEX) == [(False,)]
    assert product.ask("SELECT version FROM shipit.intent") == [("0001",)]

    ran = product.migrate("--verbose").ended(0)

    assert "a run that died had begun it" in ran.said
    assert "dropped the index public.orders_by_customer" in ran.said
    assert product.ask(_INDEX) == [(True,)]
    assert product.ask("SELECT version FROM shipit.intent") == []
    assert product.ask("SELECT version FROM shipit.migration") == [("0001",)]


_INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('orders_by_customer')"
