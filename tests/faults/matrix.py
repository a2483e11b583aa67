"""What the crash tests share: a place, an uninterrupted release to compare with, and ways to go on after a blow."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from shipit.config import Config, Distribution, Gate
from shipit.release import recipe as recipes
from shipit.release.context import ReleaseContext
from shipit.release.lock import UNHELD
from shipit.release.model import Release
from tests.faults.killer import Blow, Killer, Moment
from tests.faults.sampling import some
from tests.support import standing
from tests.support.place import USUAL, Place, Saved, Stage, stage
from tests.support.run import Ran

TAG = "v1.1.0"
ASKED = ("release", "--type", "minor", "--yes")
RESUMED = ("release", "--resume", "--type", "minor")
BEFORE_THE_PLAN = "start"
DOORS = {
    BEFORE_THE_PLAN: "journal",
    "lock": "run push journal",
    "gate-tests": "run clone command place journal",
    "build": "run command place journal",
    "check": "run twine place journal",
    "evidence": "run place journal",
    "pull-request": "run POST journal",
    "push": "run push journal",
    "tag-here": "run fetch set-tag journal",
    "draft": "run POST journal",
    "assets": "run POST journal",
    "upload": "run place journal",
    "publish": "run PATCH journal",
    "back-merge": "run push POST journal",
    "close": "run push remove journal",
}
"""The doors that the effects of each step go through: see tests/faults/runner.py."""


def steps(recipe: recipes.Recipe = recipes.release, **other: object) -> list[str]:
    """The names of the steps of a plan, asked of the recipe itself; `other` are unusual parts."""
    texts: dict[str, Any] = dict.fromkeys(Release.__struct_fields__, "")
    release = Release(**{**texts, "version": "1.1.0", "tag": TAG, "develop": "develop", "mode": "push"})
    config = Config(gates={"tests": Gate(run="true")}, distribution=Distribution(install=False))
    anything = cast(Any, object())
    fields: dict[str, Any] = dict.fromkeys(ReleaseContext.__dataclass_fields__, anything)
    known = {"config": config, "project": "small", "release": release, "tree": "", "lock": UNHELD}
    made = ReleaseContext(**{**fields, **known, **other})
    return [step.name for step in recipe(made).all_steps]


def doors(names: Iterable[str], **other: str) -> list[tuple[str, str]]:
    """Each of these steps with each of its doors; `other` are doors that differ from the usual ones."""
    return [(name, door) for name in names for door in {**DOORS, **other}[name].split()]


def door_of(effect: str) -> str:
    """Without the name of the file that is put in its place, or of the folder that is removed."""
    door = effect.split("/")[1]
    return door.partition("-")[0] if door.startswith(("place-", "remove-")) else door


@dataclass
class Matrix:
    """A place that is put back to its beginning before each case.

    `done` are states, each with a way on that was gone from it.
    """

    stage: Stage
    killer: Killer
    place: Place
    pristine: Saved
    start: standing.Standing
    start_here: standing.Standing
    effects: list[str] = field(default_factory=list)
    recorded: Ran | None = None
    end: standing.Standing = field(default_factory=dict)
    end_here: standing.Standing = field(default_factory=dict)
    done: set[tuple[str, str]] = field(default_factory=set)
    happens: Callable[[], None] | None = None
    """What others do during each release, from its beginning."""
    code: int = 0
    asked: tuple[str, ...] = ASKED
    """The command line that is struck down."""

    def record(self, *words: str) -> None:
        """One release that nothing interrupts: all effects in order, and the end that every other must reach."""
        if self.happens:
            self.happens()
        self.recorded = self.run(*words)
        self.effects = self.killer.effects
        self.end, self.end_here = self.place.outside(), self.place.here()

    def run(self, *words: str, where: Path | None = None, blow: Blow | None = None) -> Ran:
        return self.killer.run(where or self.place.clone, *words, env=self.place.environment, blow=blow)

    @property
    def doors(self) -> set[tuple[str, str]]:
        """Each step with each door that one of its effects went through."""
        return {(effect.split("/")[0], door_of(effect)) for effect in self.effects}

    def effects_of(self, step: str, door: str) -> list[str]:
        return [effect for effect in self.effects if effect.startswith(f"{step}/") and door_of(effect) == door]

    def killed(self, step: str, door: str, moment: Moment) -> list[str]:
        """What was wrong after one such effect, or after each of them in a drill."""
        found: list[str] = []
        for effect in some(self.effects_of(step, door), step, door, moment):
            blow = Blow(effect, moment)
            ran = self.strike(blow)
            assert ran.code == -9, f"{effect} was not reached {moment}: {ran.said}"
            found += self.go_on(blow)
        return found

    def strike(self, blow: Blow) -> Ran:
        """From the beginning up to the blow."""
        self.stage.restore(self.place, self.pristine)
        if self.happens:
            self.happens()
        return self.run(*self.asked, blow=blow)

    def state(self) -> str:
        """What is there for a next run to find, in one word: all but the journal, which nobody reads.

        The lock is a commit that no two runs make alike: that it is held is what counts.
        """
        place = self.place
        outside = dict(place.outside())
        outside["refs"] = {name: "" if "/lock/" in name else sha for name, sha in outside["refs"].items()}
        inner = standing.files(place.clone / ".git")
        kept = {name: data for name, data in inner.items() if name.startswith("shipit/releases")}
        other = sorted(name.split("/")[0] for name in inner)
        trees = sorted(path.name for path in (place.clone / ".git" / "shipit").rglob("*") if path.is_dir())
        facts = (outside, place.here(), kept, other.count("objects"), trees, sorted(standing.files(place.state)))
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    @property
    def ways(self) -> dict[str, Callable[[], list[str]]]:
        """How a person can go on from what is there now."""
        ways = {
            "same machine": lambda: self.resumed(self.place.clone),
            "fresh clone": lambda: self.resumed(self.place.fresh_clone()),
        }
        return ways if f"refs/tags/{TAG}" in self.place.outside()["refs"] else {**ways, "undo": self.undone}

    def go_on(self, blow: Blow) -> list[str]:
        """One way on after a blow, or each in a drill; returns what was wrong.

        Nobody goes twice the same way from the same state.
        """
        state, ways, found = self.state(), self.ways, list[str]()
        chosen = [way for way in some([*ways], blow.effect, blow.when) if (state, way) not in self.done]
        self.done.update((state, way) for way in chosen)
        saved = self.stage.save(self.place) if len(chosen) > 1 else None
        for number, way in enumerate(chosen):
            if saved and number:
                self.stage.restore(self.place, saved)
            found += [f"{blow.effect} {blow.when}, {way}: {line}" for line in ways[way]()]
        if saved:
            shutil.rmtree(saved.folder)
        return found

    def resumed(self, where: Path) -> list[str]:
        """Finish it, compare with the uninterrupted release, and see that nothing is left to do."""
        refs = self.place.outside()["refs"]
        is_over = f"refs/shipit/release/{TAG}" in refs and not any("/kept/" in name for name in refs)
        further = 4 if self.code else 0  # what waits for a person is not released over
        ran = self.run(*RESUMED, where=where)
        found = (
            []
            if ran.code == (further if is_over else self.code)
            else [f"--resume ended with {ran.code}: {ran.said}"]
        )
        found += differences(self.place.outside(), self.end)
        refused = is_over and self.code  # what its last moment left in the clone stays until the next release
        if where == self.place.clone and not refused:
            found += differences(self.place.here(), self.end_here)
        found += [] if refused else [f"left in the clone: {name}" for name in standing.left_over(where)]
        if where == self.place.clone and not refused:
            found += [f"left of a private clone: {name}" for name in standing.files(self.place.state)]
        before = self.place.writes()
        ran = self.run("release", where=where)
        found += [] if ran.code == further else [f"a further release ended with {ran.code}: {ran.said}"]
        found += [f"a further release wrote: {write}" for write in self.place.writes()[len(before) :]]
        return found + differences(self.place.outside(), self.end)

    def undone(self) -> list[str]:
        ran = self.run("release", "--undo")
        found = [] if ran.code == 0 else [f"--undo ended with {ran.code}: {ran.said}"]
        found += differences(self.place.outside(), self.start)
        found += differences(self.place.here(), self.start_here)
        found += [f"left of a private clone: {name}" for name in standing.files(self.place.state)]
        return found + [f"left in the clone: {name}" for name in standing.left_over(self.place.clone)]


def differences(now: standing.Standing, wanted: standing.Standing) -> list[str]:
    """Where two standings differ, in words."""
    found = []
    for name, value in wanted.items():
        if now[name] == value:
            continue
        if not isinstance(value, dict):
            found.append(f"{name} is {now[name]!r}, not {value!r}")
            continue
        keys = [key for key in sorted({*value, *now[name]}) if now[name].get(key) != value.get(key)]
        found += [f"{name}: {key} is {now[name].get(key)!r}, not {value.get(key)!r}" for key in keys]
    return found


def wait_for_end(pids: list[int], patience: float = 30.0) -> None:
    """Wait until none of these processes runs any more; nobody may be there to reap them."""
    end = time.monotonic() + patience
    while any(map(_runs, pids)):
        assert time.monotonic() < end, "a child outlived its parent by far"
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def matrix(root: Path, tables: str = USUAL) -> Iterator[Matrix]:
    with stage(root / "stage") as made, Killer(root / "killer") as killer:
        place = made.place(tables)
        pristine = made.save(place)
        yield Matrix(made, killer, place, pristine, place.outside(), place.here())
