"""A migration in Python that leaves a cursor open keeps nothing locked, and stands in no way back."""

import pytest

from tests.faults.migrations_sqlite import schema
from tests.faults.migrations_sqlite.matrix import MODES
from tests.faults.migrations_sqlite.product import Product

FIRST_THREE = {name: text for name, text in schema.FILES.items() if name < "0004"}
# None of them fails in a rehearsal, which has no rows
FAILING = {
    "in a statement": """
    cursor = connection.cursor()
    cursor.execute("CREATE UNIQUE INDEX one ON orders (touched)")
""",
    "while it reads": """
    for row in connection.execute("SELECT * FROM orders"):
        raise ValueError(row)
""",
    "and another stands in its place": """
    for row in connection.execute("SELECT * FROM orders"):
        try:
            row["name"]
        except TypeError as error:
            raise ValueError("it went wrong") from error
""",
    "with a blob in hand": """
    for (number,) in connection.execute("SELECT id FROM lines").fetchall():
        blob = connection.blobopen("lines", "what", number)
        raise ValueError("it went wrong")
""",
}
ENDS_WELL = """
opened = []

def up(connection):
    opened.append(connection.execute("SELECT * FROM orders"))
    next(opened[0], None)
    up.opened = opened
"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", FAILING)
def test_a_script_that_fails_is_taken_back_by_the_backup(product: Product, mode: str, how: str) -> None:
    product.lay_out({**FIRST_THREE, "0005_bad.py": f"def up(connection):{FAILING[how]}"}, "lock-patience = 2")
    product.begin(mode)
    before = product.standing()

    ran = product.strike().ended(7)

    assert "migrations/0005_bad.py:" in ran.said
    assert {**product.standing(), "last run": []} == {**before, "last run": []}
    assert product.ask("SELECT outcome FROM shipit_run") == [("rolled back",)]


def test_a_script_that_ends_well_with_a_cursor_open_stands_in_nobodys_way(product: Product) -> None:
    product.lay_out({**FIRST_THREE, "0004_reads.py": ENDS_WELL, "0005_swept.sql": "VACUUM;\n"}, "lock-patience = 2")
    product.begin()
    product.strike().ended(0)
    assert product.ask("SELECT count(*) FROM shipit_migration") == [(5,)]
