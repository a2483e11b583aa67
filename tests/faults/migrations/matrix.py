"""Kill points taken from a recorded run, and what must be there after a kill and one more run."""

import os
import random
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import get_args

import psycopg

from tests.faults import sampling
from tests.faults.killer import Blow, Moment
from tests.faults.migrations import schema
from tests.faults.migrations.product import Product
from tests.support.postgres import wait_until

DRILL = int(os.environ.get("SHIPIT_DRILL", "0"))
"""How many kills; each of the first hits another point, the later ones are two or three in a row."""
SEED = os.environ.get("SHIPIT_DRILL_SEED") or sampling.SEED
_LEAVES_SOMETHING = re.compile(r"COMMIT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|VACUUM|pg_|place-")
_LONGEST = 3
Standing = Mapping[str, Sequence[tuple[object, ...]]]


@dataclass
class Matrix:
    """A product with the run that nothing interrupts: its effects in order, and the end that all others reach."""

    product: Product
    effects: list[str] = field(default_factory=list)
    end: Standing = field(default_factory=dict)

    def record(self) -> None:
        with self.product.case():
            self.product.strike().ended(0)
            self.effects = self.product.striker.effects
            self.end = standing(self.product)

    def points(self) -> list[Blow]:
        """Every moment of every effect, those first that leave something behind; else in the order of the seed.

        Of those that leave something one of each kind comes first: the same words, before, during or after.
        """
        blows = [Blow(effect, moment) for effect in self.effects for moment in _moments(effect)]
        random.Random(SEED).shuffle(blows)
        first = {_kind(blow): blow for blow in reversed(blows)}
        return sorted(
            blows, key=lambda blow: (not _LEAVES_SOMETHING.match(blow.effect), first[_kind(blow)] is not blow)
        )

    def kinds(self) -> int:
        """How many kinds of blows leave something behind."""
        return len({_kind(blow) for blow in self.points() if _LEAVES_SOMETHING.match(blow.effect)})

    def blows(self, number: int) -> list[Blow]:
        """Those of one case: one after the other, each on the run that follows."""
        points = self.points()
        if number < len(points):
            return [points[number]]
        chance = random.Random(f"{SEED}-{number}")
        return [chance.choice(points) for _ in range(chance.randint(2, _LONGEST))]

    def case(self, number: int) -> None:
        """Kill, run again, compare; whoever fails can be had again by the seed and the number."""
        blows = self.blows(number)
        told = f"seed {SEED}, case {number}: " + ", then ".join(f"{blow.when} {blow.effect}" for blow in blows)
        print(told)
        with self.product.case():
            with orders_coming_in(self.product) as acknowledged:
                for place, blow in enumerate(blows):
                    ran = self.product.strike(blow)
                    # a run that goes on after another has fewer messages, so its blow may never come
                    assert ran.code == -9 or (place and ran.code == 0), f"{told}: {ran.code}\n{ran.said}"
                ran = self.product.strike()
            assert ran.code == 0, f"{told}: the next run ended with {ran.code}\n{ran.said}"
            # one that was killed after its last migration leaves the next with nothing to do, and no end is written
            over = "nothing to migrate" in ran.said
            wanted = {name: rows for name, rows in self.end.items() if not (over and name in schema.OF_RUNS)}
            found = differences(standing(self.product), wanted) + lost(self.product, acknowledged)
            assert not found, "\n".join([told, *found])


def _kind(blow: Blow) -> tuple[str, Moment]:
    return blow.effect.rpartition("/")[0], blow.when


def _moments(effect: str) -> Sequence[Moment]:
    """A program has started or not, a file has its name or not: only messages are on their way for a while."""
    return ("before", "after") if effect.startswith(("pg_", "place-")) else get_args(Moment)


def standing(product: Product) -> Standing:
    """Everything that counts, as PostgreSQL tells it, once nobody of shipit is in the database any more."""
    wait_until(lambda: not product.sessions())
    with product.server.connect(product.database) as connection:
        return {name: connection.execute(query.encode()).fetchall() for name, query in schema.STANDING.items()}


def differences(now: Standing, wanted: Standing) -> list[str]:
    return [f"{name} is {now[name]!r}, not {rows!r}" for name, rows in wanted.items() if now[name] != rows]


def lost(product: Product, acknowledged: Sequence[int]) -> list[str]:
    """Rows that somebody was told are there, and are not."""
    there = {row[0] for row in product.ask("SELECT id FROM orders")}
    gone = [number for number in acknowledged if number not in there]
    return [f"acknowledged rows are gone: {gone[:5]}, {len(gone)} of {len(acknowledged)}"] if gone else []


@contextmanager
def orders_coming_in(product: Product) -> Iterator[list[int]]:
    """Somebody who writes into the table that the migrations change; gives the ids that the server confirmed."""
    acknowledged: list[int] = []
    over = threading.Event()

    def work() -> None:
        with psycopg.connect(product.server.url(product.database), autocommit=True) as connection:
            while not over.wait(0.005):
                rows = connection.execute("INSERT INTO orders (customer, total) VALUES ('new', 1) RETURNING id")
                acknowledged.extend(number for (number,) in rows)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield acknowledged
    finally:
        over.set()
        thread.join()
    assert acknowledged
