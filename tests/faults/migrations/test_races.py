"""Several runs at once: one applies, all succeed, and each effect is there once."""

from tests.faults.migrations import schema
from tests.faults.migrations.matrix import Matrix, differences, lost, orders_coming_in, standing
from tests.faults.migrations.product import Product
from tests.support import pgbouncer, run

RUNS = 5
SOLO = ("0004", "0009", "0010")


def test_of_five_runs_at_once_one_applies_and_all_succeed(laid: Product) -> None:
    matrix = Matrix(laid)
    matrix.record()
    with laid.case():
        with orders_coming_in(laid) as acknowledged:
            ended = [run.wait(child) for child in [laid.start() for _ in range(RUNS)]]
        assert [ran.code for ran in ended] == [0] * RUNS, "\n".join(ran.said for ran in ended)
        assert differences(standing(laid), matrix.end) == []
        assert lost(laid, acknowledged) == []
        assert laid.ask("SELECT count(DISTINCT run), count(*) FROM shipit.migration") == [(1, 10)]


def test_two_runs_at_once_behind_a_transaction_pooler_have_each_effect_once(laid: Product) -> None:
    laid.lay_out({name: text for name, text in schema.FILES.items() if not name.startswith(SOLO)})
    matrix = Matrix(laid)
    matrix.record()
    with laid.case(), pgbouncer.before(laid.server) as pooler:
        laid.through = pooler.url(laid.database)
        ended = [run.wait(child) for child in [laid.start() for _ in range(2)]]
        laid.through = ""
        assert [ran.code for ran in ended] == [0, 0], "\n".join(ran.said for ran in ended)
        now = {name: laid.ask(query) for name, query in schema.STANDING.items()}
        assert differences(now, matrix.end) == []
