"""The link to the server is cut at any COMMIT: what is said is what is there, and the next run converges."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.faults.migrations import schema
from tests.faults.migrations.product import Product
from tests.support import run
from tests.support.postgres import wait_until
from tests.support.tcp_proxy import Cut, Proxy

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
FILES = {
    name: schema.FILES[name] for name in ("0001_customers.sql", "0003_touch.sql", "0004_orders_by_customer.sql")
}
COMMITS = ("bind", "begin", "apply-0001", "apply-0003", "intent", "apply-0004", "record")
"""In the order in which a run sends them."""


class CutAtCommit(Proxy):
    """Cuts at the `number`-th COMMIT, from 0."""

    def __init__(self, port: int, cut: Cut, number: int) -> None:
        super().__init__(port, cut)
        self._left = number

    def _is_it(self, data: bytes) -> bool:
        if COMMIT not in data:
            return False
        self._left -= 1
        return self._left < 0


@contextlib.contextmanager
def cut_at(product: Product, cut: Cut, number: int) -> Iterator[CutAtCommit]:
    proxy = CutAtCommit(product.server.port, cut, number)
    proxy.start()
    product.through = product.server.url(product.database).replace(str(product.server.port), str(proxy.port))
    try:
        yield proxy
    finally:
        product.through = ""
        proxy.stop()


@pytest.fixture
def three(product: Product) -> Product:
    product.lay_out(FILES)
    return product


@pytest.mark.parametrize("cut", ["before", "after", "half"])
@pytest.mark.parametrize("commit", COMMITS)
def test_a_link_cut_at_a_commit_is_reported_as_it_is_and_the_next_run_converges(
    three: Product, commit: str, cut: Cut
) -> None:
    with cut_at(three, cut, COMMITS.index(commit)) as proxy:
        ran = three.strike()
        assert proxy.cuts == 1
    ledger = "SELECT to_regclass('shipit.migration') IS NOT NULL"
    recorded = three.ask("SELECT version FROM shipit.migration") if three.ask(ledger) == [(True,)] else []
    assert ran.code in {0, 4, 5, 7}, ran.said
    if ran.code == 0:
        assert len(recorded) == len(FILES), ran.said
    if ran.code in {4, 7}:
        assert (recorded, three.ask("SELECT count(*) FROM orders WHERE touched <> 0")) == ([], [(0,)]), ran.said
    if commit.startswith("apply") and cut != "before":
        assert ran.code == 0, ran.said
    if commit == "apply-0001" and cut == "before":
        assert ran.code == 7, ran.said
        assert "0001_customers was not committed" in ran.said

    again = three.strike()

    assert again.code == 0, again.said
    now = {
        name: three.ask(schema.STANDING[name]) for name in ("customers", "indexes", "intents", "ledger", "locks")
    }
    assert now["intents"] == []
    assert [row[0] for row in now["ledger"]] == ["0001", "0003", "0004"]
    assert ("orders_by_customer", True) in [(row[0], row[2]) for row in now["indexes"]]
    assert three.ask("SELECT DISTINCT touched FROM orders") == [(1,)]


def test_a_run_whose_link_was_cut_at_a_commit_holds_the_lock_again_before_it_goes_on(three: Product) -> None:
    """Its session is another, and somebody else was waiting for the lock: now one of them must wait again."""
    three.lay_out({name: text for name, text in FILES.items() if not name.startswith("0003")})
    with three.server.connect(three.database) as busy:
        busy.execute("BEGIN")
        busy.execute("INSERT INTO orders (customer, total) VALUES ('slow', 1)")  # the index waits for its end
        with cut_at(three, "after", COMMITS.index("apply-0001")):
            first = three.start("--verbose")
            wait_until(lambda: three.ask(_BUILDING) == [(1,)])
            second = three.start("--verbose")
            wait_until(lambda: len(three.sessions()) >= 2)
            with contextlib.suppress(AssertionError):  # it never comes to that
                wait_until(lambda: three.ask(_BUILDING) == [(2,)], 2)
            building = three.ask(_BUILDING)
            holders = len(three.ask(schema.STANDING["locks"]))
            busy.execute("COMMIT")
            ended = [run.wait(child) for child in (first, second)]
    assert [one.code for one in ended] == [0, 0], [one.said for one in ended]
    assert (building, holders) == ([(1,)], 1)
    assert "a run that died" not in ended[0].said + ended[1].said
    assert three.ask(schema.STANDING["intents"]) == []
    assert [row[0] for row in three.ask(schema.STANDING["ledger"])] == ["0001", "0004"]


_BUILDING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND state = 'active' AND query LIKE 'CREATE INDEX CONCURRENTLY%'"
)
