"""The checks of the promises on PostgreSQL fail where what keeps the promise is taken out; on one server."""

import inspect
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.migrations import promises, promises_of_data, promises_of_runs
from tests.contract.migrations.promises_mutants import MUTANTS, Mutated
from tests.support.migrations import Migrated
from tests.support.postgres import Server


@pytest.fixture
def server(debian: Server) -> Server:
    return debian


@pytest.fixture
def product(tmp_path: Path, server: Server, database: str) -> Iterator[Mutated]:
    """As in test_promises, not migrated yet."""
    with promises.product_on(tmp_path, server, database, Mutated) as made:
        assert isinstance(made, Mutated)
        yield made


@pytest.mark.parametrize("name", MUTANTS)
def test_without_what_keeps_it_the_promise_is_broken(
    product: Mutated, filled_ones: Migrated, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    check, take_out, harm = MUTANTS[name]
    with ExitStack() as stack:
        if not name.startswith(("p12", "p14")):
            filled_ones.fill(product)
        if name.startswith("p13"):
            stack.enter_context(promises.pooled(product))
        product.mutant = name
        take_out(monkeypatch)
        with pytest.raises(AssertionError) as broken:
            check(product, monkeypatch)
    assert re.match(harm, str(broken.value)), f"it fails, but not for that: {broken.value}"
    print(f"{name}: {str(broken.value)[:200]}")


def test_each_check_has_one() -> None:
    seen = {getattr(check, "func", check) for check, _, _ in MUTANTS.values()}
    checks = {
        function
        for module in (promises_of_data, promises_of_runs)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("check_")
    }
    assert {check.__name__ for check in checks - seen} == set()
    assert {name.partition(" ")[0] for name in MUTANTS} == {f"p{number:02}" for number in range(1, 15)}
