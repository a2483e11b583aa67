"""A migration that takes its time while somebody wants it to."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.migrations.product import Product
from tests.support.postgres import wait_until

SECONDS = 30
FILES = {
    "0001_slow.sql": """\
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE orders ADD COLUMN note bigint;
SELECT pg_sleep(seconds) FROM patience;
INSERT INTO notes VALUES (1);
""",
}
INDEX = {"0001_index.sql": "CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer);\n"}


def make_slow(product: Product) -> None:
    product.ask(f"CREATE TABLE patience AS SELECT {SECONDS} AS seconds")


def make_fast(product: Product) -> None:
    product.ask("TRUNCATE patience")


def wait_for(product: Product, words: str) -> None:
    """Until a session of shipit is at work on what begins with these words."""
    wait_until(lambda: any(str(row[2]).startswith(words) and row[1] == "active" for row in product.sessions()))


@contextmanager
def slow_order(product: Product) -> Iterator[None]:
    """Somebody's open transaction, for whose end an index waits that is built concurrently."""
    with product.server.connect(product.database) as busy:
        busy.execute("BEGIN")
        busy.execute("INSERT INTO orders (customer, total) VALUES ('slow', 1)")
        yield
        if not busy.closed and not busy.broken:
            busy.execute("COMMIT")
