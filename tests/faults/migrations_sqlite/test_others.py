"""Somebody else writes 200 rows a second while a run goes well, fails or is taken back: none of them is lost."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.migrations_sqlite import schema, writer
from tests.faults.migrations_sqlite.matrix import MODES
from tests.faults.migrations_sqlite.product import Product, lost
from tests.support.run import Ran

RATE = 200  # rows a second, where nothing holds them up; under load a part of that
SLOW = """\
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) SELECT max(i) FROM n;
"""
FIRST_FOUR = {name: text for name, text in schema.FILES.items() if name < "0005"}
FAILS = {name: SLOW + text for name, text in schema.BROKEN.items()}
modes = pytest.mark.parametrize("mode", MODES)


@dataclass
class Seen:
    """Ids and totals of the rows that were confirmed, and how many a second."""

    acknowledged: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    rate: float = 0


@contextmanager
def writing(product: Product) -> Iterator[Seen]:
    """Another process at work in the database; what it saw is there afterwards."""
    seen = Seen()
    argv = [sys.executable, "-I", "-S", str(Path(writer.__file__)), str(product.path)]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        yield seen
    finally:
        said = child.communicate(timeout=120)[0]
    vars(seen).update(json.loads(said))


def struck(product: Product, mode: str, files: Mapping[str, str], env: str = "staging") -> tuple[Ran, Seen]:
    """One run with somebody else at work, and that nothing of theirs is lost."""
    product.lay_out(files, "lock-patience = 5")
    product.begin(mode)
    with writing(product) as seen:
        ran = product.strike(env=env)
    print(f"{mode}: exit {ran.code}, {len(seen.acknowledged)} rows, {seen.rate:.0f} a second")
    assert lost(product, seen.acknowledged) == []
    assert product.ask("SELECT count(*) FROM orders") == [(schema.SEEDED + len(seen.acknowledged),)]
    assert len(seen.acknowledged) > writer.ROWS
    assert seen.rate >= RATE / 4
    return ran, seen


@modes
def test_beside_a_run_that_goes_well(product: Product, mode: str) -> None:
    ran, seen = struck(product, mode, {**schema.FILES, "0011_slow.sql": SLOW})
    ran.ended(0)
    assert product.ask("SELECT count(*) FROM orders WHERE state = 'open' AND touched = 0") == [
        (len(seen.acknowledged),)
    ]
    assert product.ask("SELECT count(*) FROM lines") == [(schema.SEEDED * 9 // 10,)]


@modes
def test_beside_a_run_that_is_rolled_back(product: Product, mode: str) -> None:
    before = product.standing()["schema"]
    ran, _ = struck(product, mode, {"0002_touch.sql": schema.FILES["0002_touch.sql"], **FAILS})
    ran.ended(7)
    assert product.standing()["schema"] == before
    assert product.ask("SELECT count(*) FROM orders WHERE touched = 0") == product.ask(
        "SELECT count(*) FROM orders"
    )


@modes
def test_beside_a_run_whose_down_scripts_take_it_back(product: Product, mode: str) -> None:
    before = product.standing()["schema"]
    ran, _ = struck(
        product, mode, {**schema.REVERSIBLE, **FAILS, "0008_slow.sql": SLOW, "0008_slow.down.sql": "SELECT 1;\n"}
    )
    ran.ended(7)
    assert product.standing()["schema"] == before
    assert product.ask("SELECT version FROM shipit_migration") == []


@modes
@pytest.mark.parametrize("env", ["staging", "production"])
def test_beside_a_run_that_only_a_backup_could_take_back_it_stays_where_it_is(
    product: Product, mode: str, env: str
) -> None:
    ran, _ = struck(product, mode, {**FIRST_FOUR, **FAILS}, env)
    kept = [*product.path.parent.glob("*.kept-*")]
    if ran.code == 7:  # the writer waited for all of it, so that nobody had written since the backup
        assert (env, len(kept)) == ("staging", 1)
        assert product.standing()["ledger"] == []
        return
    ran.ended(5)
    assert "last good version: 0003" in ran.said
    assert product.ask("SELECT version FROM shipit_migration") == [("0001",), ("0002",), ("0003",)]
    assert (kept, product.left_over()) == ([], [])


@modes
def test_a_restore_that_a_person_asks_for_beside_them_takes_nothing_away(product: Product, mode: str) -> None:
    ran, seen = struck(product, mode, {**FIRST_FOUR, **FAILS}, "production")
    found = re.search(r"migrate restore (\S+) --env production", ran.said)
    assert found, ran.said
    product.configure("lock-patience = 1")
    for accepted in ("0", "10"):
        with writing(product) as more:
            ran = product.migrate("restore", found[1], "--accept-loss", accepted, env="production")
        seen.acknowledged += more.acknowledged
        assert ran.code in {4, 9}, ran.said
        assert lost(product, seen.acknowledged) == []
    assert product.ask("PRAGMA journal_mode") == [(mode,)]


@modes
def test_what_they_wrote_before_a_restore_that_is_accepted_is_in_the_file_that_is_kept(
    product: Product, mode: str
) -> None:
    ran, seen = struck(product, mode, {**FIRST_FOUR, **FAILS}, "production")
    found = re.search(r"migrate restore (\S+) --env production", ran.said)
    assert found, ran.said
    with closing(sqlite3.connect(product.path)) as connection:
        rows = connection.execute("SELECT count(*) FROM orders").fetchone()
    product.migrate("restore", found[1], "--accept-loss", "100000", env="production").ended(0)
    [kept] = product.path.parent.glob("*.kept-*")
    assert {number for (number,) in product.ask("SELECT id FROM orders", kept)} >= {*seen.acknowledged}
    assert product.ask("SELECT count(*) FROM orders", kept) == [rows]
    assert product.ask("SELECT touched FROM orders WHERE touched > 0") == []


@modes
def test_what_they_write_during_a_restore_that_is_accepted_is_in_the_database_or_in_a_file_that_is_kept(
    product: Product, mode: str
) -> None:
    ran, seen = struck(product, mode, {**FIRST_FOUR, **FAILS}, "production")
    found = re.search(r"migrate restore (\S+) --env production", ran.said)
    assert found, ran.said
    product.configure("lock-patience = 1")
    with writing(product) as more:
        codes = [
            product.migrate("restore", found[1], "--accept-loss", "1000000", env="production").code
            for _ in range(3)
        ]
    assert codes == ([0] * 3 if mode == "delete" else [9] * 3)  # with a log nobody else may have it open
    files = [product.path, *product.path.parent.glob("*.kept-*")]
    there = {row for file in files for row in product.ask("SELECT total FROM orders", file)}
    assert {(total,) for total in (*seen.totals, *more.totals)} <= there
    assert product.ask("PRAGMA integrity_check") == [("ok",)]
