"""SIGKILL before, during and after any message to the server: the next run converges, every effect exactly once.

The points are those that a recorded run had: one of each kind that leaves something behind, and others by chance.
`SHIPIT_DRILL=2000` asks for that many kills, `SHIPIT_DRILL_SEED` for those of a seed; what is printed names both.
"""

import pytest

from tests.faults.killer import Blow
from tests.faults.migrations import schema
from tests.faults.migrations.conftest import TEMPLATE
from tests.faults.migrations.matrix import DRILL, Matrix
from tests.faults.migrations.product import PLAIN, WHOLE, Product, Striker
from tests.support.postgres import Server

PLAIN_KILLS = DRILL or 110
WHOLE_KILLS = DRILL // 10 or 12


def recorded(folder: pytest.TempPathFactory, server: Server, striker: Striker, settings: str) -> Matrix:
    product = Product(folder.mktemp("product"), server, striker, TEMPLATE)
    product.lay_out(schema.FILES, settings)
    made = Matrix(product)
    made.record()
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, server: Server, striker: Striker) -> Matrix:
    return recorded(tmp_path_factory, server, striker, PLAIN)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, server: Server, striker: Striker) -> Matrix:
    return recorded(tmp_path_factory, server, striker, WHOLE)


def test_the_recorded_run_has_every_kind_of_effect(plain: Matrix, whole: Matrix) -> None:
    kinds = [effect.rpartition("/")[0] for effect in plain.effects]
    for words in (
        "BEGIN; SET LOCAL",
        "CREATE TABLE customers",
        "UPDATE orders",
        "CREATE INDEX CONCURRENTLY",
        "ALTER TYPE order_state ADD VALUE",
        "CREATE FUNCTION",
        "INSERT INTO points",
        "DROP INDEX CONCURRENTLY",
        "INSERT INTO shipit.intent",
        "INSERT INTO shipit.migration",
        "DELETE FROM shipit.intent",
        "INSERT INTO shipit.run",
        "COMMIT",
    ):
        assert any(kind.startswith(words) for kind in kinds), words
    assert kinds.count("COMMIT") >= 16
    assert {"pg_dump/1", "pg_restore/1"} <= {*whole.effects}
    assert plain.kinds() <= PLAIN_KILLS, "some kind would never be struck"
    assert dict(plain.end)["intents"] == []
    assert dict(whole.end) == dict(plain.end)


@pytest.mark.parametrize("number", range(PLAIN_KILLS))
def test_killed_anywhere_the_next_run_converges(plain: Matrix, number: int) -> None:
    plain.case(number)


@pytest.mark.parametrize("number", range(WHOLE_KILLS))
def test_killed_anywhere_with_backup_and_rehearsal_too(whole: Matrix, number: int) -> None:
    whole.case(number)


@pytest.mark.parametrize("words", ["CREATE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY"])
def test_what_a_killed_run_finished_outside_of_a_transaction_does_not_fail_the_rehearsal(
    laid: Product, words: str
) -> None:
    """It is in the copy of the schema already, and has a down script whose way back would be another."""
    downs = {
        "0004_orders_by_customer.down.sql": "DROP INDEX orders_by_customer;\n",
        "0009_no_index_by_total.down.sql": "CREATE INDEX orders_by_total ON orders (total);\n",
    }
    files = {name: text for name, text in {**schema.FILES, **downs}.items() if name[:4] not in {"0007", "0010"}}
    laid.lay_out(files, WHOLE)
    with laid.case():
        laid.strike().ended(0)
        effects = laid.striker.effects
    # the rehearsal comes first, so the last of them is that of the run itself
    *_, last = (effect for effect in effects if effect.startswith(words))
    with laid.case():
        assert laid.strike(Blow(last, "after")).code == -9
        laid.strike().ended(0)
        assert laid.ask("SELECT version FROM shipit.intent") == []
        assert laid.ask("SELECT count(*) FROM shipit.migration") == [(len({name[:4] for name in files}),)]
