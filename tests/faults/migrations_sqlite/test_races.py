"""Five runs at once, each a process of its own: one applies, all succeed, each effect is there once."""

import pytest

from tests.faults.migrations_sqlite import schema
from tests.faults.migrations_sqlite.matrix import MODES
from tests.faults.migrations_sqlite.product import Product, lost, orders_coming_in
from tests.support import run

RUNS = 5


@pytest.mark.parametrize("mode", MODES)
def test_of_five_runs_at_once_one_applies_and_all_succeed(product: Product, mode: str) -> None:
    product.begin(mode)
    product.strike().ended(0)
    alone = product.standing(schema.MORE)
    product.begin(mode)

    with orders_coming_in(product) as acknowledged:
        ended = [run.wait(child) for child in [product.start() for _ in range(RUNS)]]

    assert [ran.code for ran in ended] == [0] * RUNS, "\n".join(ran.said for ran in ended)
    assert product.standing(schema.MORE) == alone
    assert lost(product, acknowledged) == []
    assert product.ask("SELECT count(DISTINCT run), count(*) FROM shipit_migration") == [(1, 10)]
    assert product.left_over() == []
    assert len([*product.backups.glob("*.sqlite3")]) == 1
