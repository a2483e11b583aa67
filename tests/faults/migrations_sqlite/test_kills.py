"""SIGKILL before and after any call of SQLite: the next run converges, every effect exactly once.

The points are those that a recorded run had, and moments inside of what takes more than one write to a file.
`SHIPIT_DRILL=2000` asks for every point once, `SHIPIT_DRILL_SEED` for another order of them; what is printed names
the seed.
"""

from pathlib import Path

import pytest

from tests.faults.migrations_sqlite import schema
from tests.faults.migrations_sqlite.matrix import DRILL, SEED, Matrix
from tests.faults.migrations_sqlite.product import Product, Striker

FORWARD_KILLS = DRILL * 11 // 20 or 150
BACK_KILLS = DRILL * 3 // 10 or 40
FIRST_FOUR = {name: text for name, text in schema.FILES.items() if name < "0005"}
MENDED_FOUR = {**FIRST_FOUR, **schema.MENDED}


def numbers(count: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("number", range(count), ids=lambda number: f"seed-{SEED}-{number}")


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory, striker: Striker, template: Path) -> Product:
    return Product(tmp_path_factory.mktemp("product") / "product", striker, template)


@pytest.fixture(scope="module")
def forward(laid: Product) -> Matrix:
    """A run with everything, that ends well."""
    made = Matrix(laid, schema.FILES, schema.FILES, more=schema.MORE)
    made.record()
    return made


@pytest.fixture(scope="module")
def by_down_scripts(laid: Product) -> Matrix:
    """A run whose last migration fails, and whose down scripts take it back."""
    made = Matrix(laid, {**schema.REVERSIBLE, **schema.BROKEN}, {**schema.REVERSIBLE, **schema.MENDED}, code=7)
    made.record()
    return made


@pytest.fixture(scope="module")
def by_backup(laid: Product) -> Matrix:
    """A run whose last migration fails, and whose backup takes it back, since nobody else writes."""
    made = Matrix(laid, {**FIRST_FOUR, **schema.BROKEN}, MENDED_FOUR, code=7, busy=False)
    made.record()
    return made


def test_the_recorded_runs_have_every_kind_of_effect(
    forward: Matrix, by_down_scripts: Matrix, by_backup: Matrix
) -> None:
    kinds = [effect.rpartition("/")[0] for effect in forward.effects]
    for words in (
        "BEGIN IMMEDIATE",
        "COMMIT",
        "VACUUM",
        "PRAGMA user_version = 6",
        "UPDATE orders",
        "DROP TABLE orders",
        "ALTER TABLE orders_new RENAME",
        "CREATE TRIGGER",
        "INSERT INTO points",
        "INSERT OR IGNORE INTO shipit_migration",
        "INSERT OR REPLACE INTO shipit_intent",
        "DELETE FROM shipit_intent",
        "INSERT INTO shipit_run",
        "copy: backup",
        "copy: PRAGMA integrity_check",
        "place-….sqlite3",
        "place-….json",
    ):
        assert any(kind.startswith(words) for kind in kinds), words
    assert kinds.count("COMMIT") >= 12
    assert "DROP TABLE notes/1" in by_down_scripts.effects
    assert {"backup/1", "place-acme.db.kept-…/1", "PRAGMA locking_mode = EXCLUSIVE/1"} <= {*by_backup.effects}


@numbers(FORWARD_KILLS)
def test_killed_anywhere_the_next_run_converges(forward: Matrix, number: int) -> None:
    forward.case(number)


@numbers(BACK_KILLS)
def test_killed_on_the_way_back_by_down_scripts_the_next_run_converges(
    by_down_scripts: Matrix, number: int
) -> None:
    by_down_scripts.case(number)


@numbers(BACK_KILLS)
def test_killed_on_the_way_back_by_a_backup_the_next_run_converges(by_backup: Matrix, number: int) -> None:
    by_backup.case(number)
