"""Two to four runs at once, struck at random, on a server that is slow and cut off now and then.

Afterwards there is no release, a complete one, or one that a single further run completes; then it is complete as
if nothing had happened, nothing is left of any run, and what each run said is true.

Four rounds are played side by side, each on servers of its own, since they wait more than they work. Their seeds
end the id of their test. They are run again by it, though no two rounds take the same time:

    SHIPIT_DRILL_SEED=1 python -m pytest "tests/faults/test_random_rounds.py::test_…[1-16 1-17 1-18 1-19]"

SHIPIT_DRILL=1000 plays a thousand of them, SHIPIT_DRILL_SEED=2 others.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.faults.rounds import Scene, play
from tests.faults.rounds_arena import Arena, arena
from tests.faults.rounds_plan import ROUNDS, SEED, draw
from tests.support import standing

AT_ONCE = 4
SEEDS = [f"{SEED}-{number}" for number in range(ROUNDS)]
TOGETHER = [tuple(SEEDS[first : first + AT_ONCE]) for first in range(0, ROUNDS, AT_ONCE)]


@dataclass(frozen=True)
class Ground:
    """Where rounds are played one after the other.

    `ends` is how the world stands there after a release that nothing disturbs, without a forge and with one.
    """

    arena: Arena
    ends: Mapping[bool, standing.Standing]

    def faults(self, seed: str) -> list[str]:
        """Play the round of this seed; returns what was wrong, and then its story, or nothing."""
        found, story = play(self.arena, draw(seed), self.ends)
        return [f"round {seed}:", *found, story] if found else []


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Ground]]:
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        made = [stack.enter_context(arena(tmp_path_factory.mktemp("rounds"))) for _ in range(AT_ONCE)]
        yield list(pool.map(lambda one: Ground(one, ends(one)), made))


def ends(made: Arena) -> Mapping[bool, standing.Standing]:
    found = {}
    for forge in (False, True):
        drawn = draw("none")
        with made.place(forge=forge) as place:
            scene = Scene(arena=made, round=drawn, place=place)
            scene.add_clone(place.clone)
            ran = scene.run("release", "--type", "minor", "--yes", where=place.clone)
            assert ran.code == 0, ran.said
            found[forge] = made.outside(place)
    return found


@pytest.mark.parametrize("seeds", TOGETHER, ids=" ".join)
def test_whatever_strikes_it_one_release_comes_of_it_and_what_was_said_is_true(
    grounds: list[Ground], seeds: tuple[str, ...]
) -> None:
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(Ground.faults, grounds, seeds))
    assert not any(found), "\n".join(line for lines in found for line in lines)
