"""What happens in a round, drawn from its seed: who starts when and where, what strikes whom, how the server is."""

import os
import random
from dataclasses import dataclass
from typing import Any

DRILL = int(os.environ.get("SHIPIT_DRILL", "0"))
SEED = os.environ.get("SHIPIT_DRILL_SEED", "1")
ROUNDS = min(DRILL, 1000) or 40
CALLS = (("release", "--type", "minor", "--yes"), ("release", "--resume"), ("release", "--undo"))
BY_ITSELF = ("release", "--yes")
"""What is called instead where others push commits that ask for no release: only then nothing more is released."""


@dataclass(frozen=True, kw_only=True)
class Strike:
    """A signal, so many seconds after the beginning of a run; SIGSTOP is taken back after the pause."""

    at: float
    how: str
    pause: float
    all: bool
    """its children get it too"""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One run: `after` seconds after the one before, in the clone of that number."""

    number: int
    words: tuple[str, ...]
    clone: int
    after: float
    strikes: tuple[Strike, ...]

    @property
    def label(self) -> str:
        return f"run {self.number}, shipit {' '.join(self.words)}, in clone {self.clone}"


@dataclass(frozen=True, kw_only=True)
class Round:
    """`hook` is how long each push takes, `pushes` and `others` how often the proxy disturbs them."""

    seed: str
    calls: tuple[Call, ...]
    clones: int
    hook: float
    pushes: float
    others: float
    forge: bool
    """with a folder as index; otherwise there is an index server and no forge"""
    commits: tuple[float, ...]
    """when a developer pushes to develop, in seconds after the beginning"""
    elsewhere: bool
    """whether the release is finished in a fresh clone"""

    @property
    def release(self) -> tuple[str, ...]:
        return BY_ITSELF if self.commits else CALLS[0]


def draw(seed: str) -> Round:
    """The round of this seed."""
    chance = random.Random(seed)
    commits = tuple(chance.uniform(0, 3) for _ in range(chance.choice((0, 0, 0, 0, 1, 2))))
    clones, count = chance.choice((1, 1, 2, 3)), chance.randint(2, 4)
    shaky = chance.random() < 0.5
    return Round(
        seed=seed,
        calls=tuple(_call(chance, number, clones, by_itself=bool(commits)) for number in range(count)),
        clones=clones,
        hook=0.0 if chance.random() < 0.6 else 3 * chance.random() ** 2,
        pushes=0.25 if shaky else 0.0,
        others=0.04 if shaky else 0.0,
        forge=chance.random() < 0.65,
        commits=commits,
        elsewhere=chance.random() < 0.5,
    )


def _call(chance: random.Random, number: int, clones: int, *, by_itself: bool) -> Call:
    (words,) = chance.choices(CALLS, (5, 4, 1)) if number else CALLS[:1]
    return Call(
        number=number,
        words=BY_ITSELF if by_itself and words == CALLS[0] else words,
        clone=chance.randrange(clones),
        after=chance.uniform(0, 1.5) if number else 0.0,
        strikes=tuple(_strike(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))),
    )


def _strike(chance: random.Random) -> Strike:
    values: dict[str, Any] = {
        "at": chance.uniform(0, 3),
        "how": chance.choices(("SIGKILL", "SIGTERM", "SIGSTOP"), (4, 3, 3))[0],
        "pause": chance.uniform(0.1, 2),
        "all": chance.random() < 0.3,
    }
    return Strike(**values)
