"""A run of ten migrations fails at every statement in turn, with people at work in the tables that it changes.

What is rolled back has the catalog of before; what is not stops at the last good version, as the ladder says.
Nobody loses a row that was confirmed, and nobody waits longer than lock-timeout and the migration's own hold.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from shipit.adapters.postgres.database import open_database
from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.config import DatabaseOptions
from shipit.migrations import folder
from shipit.migrations.groups import plan_groups
from shipit.migrations.judgement import prepare
from shipit.migrations.ladder import Policy, Rung, Situation, rung
from shipit.migrations.model import Group, Prepared
from shipit.migrations.records import Applied
from tests.faults.migrations.matrix import lost
from tests.faults.migrations.product import PLAIN, Product
from tests.faults.migrations.traffic import traffic

LOCK_TIMEOUT = 0.2  # seconds
ROOM = 1.5  # seconds, for two busy cores
RATE = 200  # rows a second

UP: Mapping[str, Sequence[str]] = {
    "0001_states": ("CREATE TYPE state AS ENUM ('open', 'sent')", "CREATE TABLE states (state state PRIMARY KEY)"),
    "0002_order_state": ("ALTER TABLE orders ADD COLUMN state state",),
    "0003_order_note": (
        "ALTER TABLE orders ADD COLUMN note text",
        "ALTER TABLE orders ADD COLUMN urgent boolean NOT NULL DEFAULT false",
    ),
    "0004_index": ("CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer)",),
    "0005_worth": (
        "CREATE FUNCTION worth(one text) RETURNS bigint RETURN (SELECT sum(id) FROM orders WHERE customer = one)",
        "CREATE VIEW worthy AS SELECT customer, worth(customer) AS worth FROM orders",
    ),
    "0006_returned": ("ALTER TYPE state ADD VALUE 'returned'",),
    "0007_returns": (
        "CREATE TABLE returns (order_id bigint, state state NOT NULL DEFAULT 'returned')",
        "CREATE INDEX returns_by_order ON returns (order_id)",
    ),
    "0008_checked": (
        "ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total > 0) NOT VALID",
        "COMMENT ON TABLE orders IS 'checked'",
    ),
    "0009_validated": ("ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive",),
    "0010_seen": ("CREATE TABLE seen (at timestamptz)", "ALTER TABLE orders ADD COLUMN seen timestamptz"),
}
DOWN: Mapping[str, Sequence[str]] = {
    "0001_states": ("DROP TABLE states", "DROP TYPE state"),
    "0002_order_state": ("ALTER TABLE orders DROP COLUMN state",),
    "0003_order_note": ("ALTER TABLE orders DROP COLUMN urgent", "ALTER TABLE orders DROP COLUMN note"),
    "0004_index": ("DROP INDEX orders_by_customer",),
    "0005_worth": ("DROP VIEW worthy", "DROP FUNCTION worth(text)"),
    "0007_returns": ("DROP TABLE returns",),
    "0008_checked": ("COMMENT ON TABLE orders IS NULL", "ALTER TABLE orders DROP CONSTRAINT total_is_positive"),
    "0010_seen": ("ALTER TABLE orders DROP COLUMN seen", "DROP TABLE seen"),
}
PLACES = [(label, number) for label, statements in UP.items() for number in range(len(statements))]
POLICIES = {"staging": Policy(downs=True, restores=True), "production": Policy()}


def files(broken: tuple[str, int] | None = None) -> Mapping[str, str]:
    """The migrations, one of their statements broken."""
    found = {f"{label}.sql": _joined(statements) for label, statements in UP.items()}
    found |= {f"{label}.down.sql": _joined(statements) for label, statements in DOWN.items()}
    if broken:
        label, number = broken
        statements = list(UP[label])
        statements[number] = "SELECT 1/0"
        found[f"{label}.sql"] = _joined(statements)
    return found


def _joined(statements: Sequence[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def groups(broken: tuple[str, int] | None = None) -> Sequence[Group]:
    read = folder.read({name: text.encode() for name, text in files(broken).items()}, "postgresql", "migrations")
    return plan_groups([prepare(one, PostgresGrammar())[0] for one in read.migrations])


def committed_before(label: str, broken: tuple[str, int]) -> list[Prepared]:
    """What a run has committed when the group of this migration fails."""
    before: list[Prepared] = []
    for group in groups(broken):
        if any(one.label == label for one in group.migrations):
            return before
        before.extend(group.migrations)
    raise AssertionError(label)


def settings() -> str:
    return f"{PLAIN}\nlock-timeout = {round(LOCK_TIMEOUT * 1000)}"


def applied(product: Product) -> list[Applied]:
    rows = product.ask(
        "SELECT version, name, sha256, run, 0, 0, fingerprint FROM shipit.migration ORDER BY position"
    )
    return [Applied(*row) for row in rows]  # type: ignore[arg-type]


def fingerprint(product: Product) -> str:
    """The catalog as shipit sees it."""
    url = product.server.url(product.database)
    database = open_database(url, DatabaseOptions(url="env:DATABASE_URL"), Path())
    with closing(database):
        return database.catalog.fingerprint()


def columns(product: Product) -> list[tuple[object, ...]]:
    """The schema without any help of shipit."""
    return product.ask(
        "SELECT table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public'"
        " UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
        " UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " UNION ALL SELECT 'value', enumlabel, '' FROM pg_enum ORDER BY 1, 2, 3"
    )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("label", "number"), PLACES)
def test_wherever_it_fails_what_is_left_is_what_the_ladder_says(
    laid: Product, label: str, number: int, policy: str
) -> None:
    broken = (label, number)
    laid.lay_out(files(broken), settings())
    committed = committed_before(label, broken)
    wanted = rung(Situation(committed, POLICIES[policy], has_backup=False, foreign=1))
    with laid.case():
        before, schema_before = fingerprint(laid), columns(laid)
        with traffic(laid) as seen:
            ran = laid.strike(env=policy)
        ledger = [one.version for one in applied(laid)]
        print(
            f"{label} statement {number}, {policy}: exit {ran.code}, {wanted.name}, {seen.rate:.0f} rows/s,"
            f" longest stall {seen.stall * 1000:.0f} ms, longest hold {seen.hold * 1000:.0f} ms"
        )
        assert "division by zero" in ran.said
        if wanted in {Rung.NOTHING, Rung.DOWN}:
            assert ran.code == 7, ran.said
            assert ledger == []
            assert (fingerprint(laid), columns(laid)) == (before, schema_before)
        else:
            assert ran.code == 5, ran.said
            assert ledger == [one.version for one in committed]
            assert fingerprint(laid) == applied(laid)[-1].fingerprint
            assert f"last good version: {ledger[-1]}" in ran.said
        assert laid.ask("SELECT * FROM shipit.intent") == []
        assert lost(laid, seen.acknowledged) == []
        assert laid.ask("SELECT count(*) FROM orders") == [(200 + len(seen.acknowledged),)]
        assert seen.rate >= RATE
        assert seen.stall <= LOCK_TIMEOUT + seen.hold + ROOM, f"{seen.stall} s against {seen.hold} s"

        laid.write(files())
        laid.strike(env=policy).ended(0)
        assert [one.version for one in applied(laid)] == [name[:4] for name in UP]


def test_every_rung_but_restore_is_reached() -> None:
    """Or the matrix above would prove less than it seems to."""
    reached = {
        policy: {
            rung(Situation(committed_before(label, (label, n)), POLICIES[policy], foreign=1)) for label, n in PLACES
        }
        for policy in POLICIES
    }
    assert reached["staging"] == {Rung.NOTHING, Rung.DOWN, Rung.LEAVE}
    assert reached["production"] == {Rung.NOTHING, Rung.STAY}
