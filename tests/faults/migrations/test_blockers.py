"""A pg_dump of somebody else holds locks: it is named, others do not wait, and the run gives up in time."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.migrations.product import PLAIN, Product
from tests.support.postgres import wait_until

PATIENCE = 1.5  # seconds
ROOM = 5.0  # seconds, for a machine that has other things to do
_LOCKED = "SELECT pid FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'AccessShareLock' AND granted"


@contextmanager
def dumping(product: Product) -> Iterator[int]:
    """A real pg_dump that nobody reads from, so that it never ends; gives the pid of its session."""
    product.ask("CREATE TABLE ballast AS SELECT repeat(md5(n::text), 100) FROM generate_series(1, 2000) n")
    program = str(product.server.bin / "pg_dump")
    environment = {**os.environ, "PGAPPNAME": "nightly"}
    with subprocess.Popen(
        [program, product.server.url(product.database)], stdout=subprocess.PIPE, env=environment
    ) as child:
        try:
            wait_until(lambda: bool(product.ask(_LOCKED)))
            [(pid,)] = product.ask(_LOCKED)
            assert isinstance(pid, int)
            yield pid
        finally:
            child.kill()


def test_a_foreign_dump_in_the_way_is_named_and_the_run_is_taken_back_in_time(product: Product) -> None:
    settings = f"{PLAIN}\nlock-timeout = 100\nlock-patience = {PATIENCE}"
    product.lay_out(
        {
            "0001_state.sql": "CREATE TABLE states (id bigint);\n",
            "0002_note.sql": "ALTER TABLE orders ADD COLUMN note text;\n",
        },
        settings,
    )
    product.ask("ANALYZE orders")
    with dumping(product) as pid:
        began = time.monotonic()
        ran = product.migrate().ended(7)
        took = time.monotonic() - began
        assert took < PATIENCE + ROOM
        assert f"pid {pid}" in ran.said
        in_the_way = next(line for line in ran.said.splitlines() if "in the way" in line)
        assert f"pid {pid}" in in_the_way
        assert "nightly" in in_the_way
        assert "in a transaction for" in in_the_way
        assert product.ask("SELECT to_regclass('states')") == [(None,)]
        assert product.ask("SELECT version FROM shipit.migration") == []
    wait_until(lambda: not product.ask(_LOCKED))
    product.migrate().ended(0)
