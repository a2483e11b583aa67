"""Kill points taken from a recorded run, and what must be there after a kill and one more run."""

import os
import random
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.faults.killer import Blow, Moment
from tests.faults.migrations_sqlite.product import Product, Rows, lost, orders_coming_in
from tests.faults.migrations_sqlite.runner import LIVE

DRILL = int(os.environ.get("SHIPIT_DRILL", "0"))
"""How many kills, more or less; each of the first hits another point, the later ones are two or three in a row."""
SEED = int(os.environ.get("SHIPIT_DRILL_SEED", "1"))
_LEAVES_NOTHING = re.compile(r"(copy: )?(SELECT|BEGIN/|ROLLBACK|PRAGMA (data_version|foreign_key|integrity))")
_INSIDE = re.compile(r"COMMIT|VACUUM|(copy: )?backup")
"""What takes SQLite more than one write to a file."""
_LONGEST = 3
_SOON = 1500  # microseconds
MODES = ("delete", "wal")
BEFORE_AND_AFTER: Sequence[Moment] = ("before", "after")
ALL: Sequence[Moment] = ("before", "during", "after")


@dataclass
class Matrix:
    """A product with a recorded run: its effects in order, and the end that the run after a kill must reach.

    `struck` are the migrations of the run that is killed, `mended` those of the run after it; `code` is how the
    first ends when nobody kills it. `busy`: somebody else writes all the time.
    """

    product: Product
    struck: Mapping[str, str]
    mended: Mapping[str, str]
    code: int = 0
    busy: bool = True
    more: Mapping[str, str] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    end: Mapping[str, Rows] = field(default_factory=dict)

    def record(self) -> None:
        self.product.lay_out(self.struck)
        self.product.begin()
        before = self.product.standing()
        self.product.strike().ended(self.code)
        self.effects = self.product.striker.effects
        if self.code:
            assert _differences(self.product.standing(), before, but=("last run",)) == []
        self.product.write(self.mended)
        self.product.strike()
        self.end = self.product.standing(self.more)
        assert dict(self.end)["last run"] == [("complete",)]

    def points(self) -> list[Blow]:
        """Every moment of every effect, those first that leave something behind; else in the order of the seed."""
        blows = [Blow(effect, moment) for effect in self.effects for moment in _moments(effect)]
        random.Random(SEED).shuffle(blows)
        return sorted(blows, key=lambda blow: bool(_LEAVES_NOTHING.match(blow.effect)))

    def blows(self, number: int) -> list[Blow]:
        """Those of one case: one after the other, each on the run that follows."""
        points = self.points()
        if number < len(points):
            return [points[number]]
        chance = random.Random(f"{SEED}-{number}")
        return [chance.choice(points) for _ in range(chance.randint(2, _LONGEST))]

    def case(self, number: int) -> None:
        """Kill, run again, compare; whoever fails can be had again by the seed and the number."""
        blows, chance = self.blows(number), random.Random(f"{SEED}+{number}")
        mode = chance.choice(MODES)
        case = f"seed {SEED}, case {number}, {mode}: " + ", then ".join(f"{one.when} {one.effect}" for one in blows)
        print(case)
        self.product.write(self.struck)
        self.product.begin(mode)
        with ExitStack() as stack:
            acknowledged = stack.enter_context(orders_coming_in(self.product)) if self.busy else []
            for place, blow in enumerate(blows):
                ran = self.product.strike(blow, after=chance.randrange(_SOON))
                # a run that goes on after another has fewer calls, so its blow may never come
                assert ran.code in {-9, -14} or (place and ran.code == self.code), f"{case}: {ran.code}\n{ran.said}"
            self.product.write(self.mended)
            ran = self.product.strike()
        assert ran.code == 0, f"{case}: the next run ended with {ran.code}\n{ran.said}"
        found = self.wrong(over="nothing to migrate" in ran.said) + lost(self.product, acknowledged)
        assert not found, "\n".join([case, *found])

    def wrong(self, *, over: bool) -> list[str]:
        """What is not as after the recorded run; `over`: the next run had nothing left to do.

        Such a run writes nothing: the file of a lock that nobody holds any more stays for the next that does.
        """
        found = _differences(self.product.standing(self.more), self.end, but=("last run",) if over else ())
        left = self.product.left_over()
        return found + [f"left over: {name}" for name in left if not (over and name == f"{LIVE}.shipit-lock")]


def _moments(effect: str) -> Sequence[Moment]:
    return ALL if _INSIDE.match(effect) else BEFORE_AND_AFTER


def _differences(now: Mapping[str, Rows], wanted: Mapping[str, Rows], but: Sequence[str] = ()) -> list[str]:
    return [
        f"{name} is {now[name]!r}, not {rows!r}"
        for name, rows in wanted.items()
        if name not in but and now[name] != rows
    ]
