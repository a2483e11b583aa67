"""What the fault tests of a production share: a product to come back to, and how its deployments usually end."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.deploys.matrix import Striker, differences
from tests.faults.deploys.product import DEPLOY, LOCK, NEXT, Product
from tests.faults.killer import Blow, Killer, Moment
from tests.faults.sampling import some
from tests.support.acme import refs
from tests.support.place import Saved, stage
from tests.support.run import Ran
from tests.support.standing import Standing

RESUME = ("deploy", "--env", "production", "--resume")


@dataclass
class Ending:
    """One way in which a deployment ends that nobody interrupts: its exit code, its effects, what is there then."""

    saved: Saved
    start: Standing
    code: int
    ran: Ran
    effects: list[str]
    end: Standing


@dataclass
class Production:
    """1.1.0 is live, and 1.2.0 waits; put back to that before each case."""

    product: Product
    striker: Striker
    pristine: Saved
    sick: Saved
    """the same, but that the critical paths of 1.2.0 fail"""
    endings: dict[str, Ending] = field(default_factory=dict)

    def ending(self, kind: str) -> Ending:
        """How it ends, `good` or `bad`; found out once."""
        if kind not in self.endings:
            saved = self.sick if kind == "bad" else self.pristine
            self.product.begin(saved)
            start = self.product.standing()
            ran = self.run(*DEPLOY)
            effects, end = self.striker.effects, self.product.standing()
            self.endings[kind] = Ending(saved, start, ran.code, ran, effects, end)
        return self.endings[kind]

    def run(self, *words: str, where: Path | None = None, blow: Blow | None = None) -> Ran:
        return self.product.run(self.striker, *words, where=where, blow=blow)

    def strike(self, kind: str, effect: str, moment: Moment) -> None:
        """From the beginning up to the blow; then nobody has the clone any more."""
        self.product.begin(self.ending(kind).saved)
        ran = self.run(*DEPLOY, blow=Blow(effect, moment))
        assert ran.code == -9, f"{effect} was not reached {moment}: {ran.said}"

    def elsewhere(self) -> Path:
        """Another clone; the first one is gone."""
        shutil.rmtree(self.product.place.clone)
        return self.product.place.fresh_clone()

    def killed(self, kind: str, step: str, moment: Moment) -> list[str]:
        """What was wrong after one effect of this step was the last, or after each in a drill."""
        known = [effect for effect in self.ending(kind).effects if effect.startswith(f"{step}/")]
        assert known, f"{step} has no effect: {self.ending(kind).effects}"
        found: list[str] = []
        for effect in some(known, kind, step, moment):
            self.strike(kind, effect, moment)
            found += [f"{moment} {effect}: {line}" for line in self.resumed(self.ending(kind))]
        return found

    def resumed(self, wanted: Ending) -> list[str]:
        """Go on in another clone, and compare with the end of the deployment that nobody interrupted."""
        elsewhere = self.elsewhere()
        is_open = LOCK in refs(self.product.place.laid.remote)
        is_over = not is_open and len(self.product.entries()) == len(wanted.end["entries"])
        words = RESUME if is_open or is_over else DEPLOY  # killed before it had the lock, nothing has begun
        ran = self.run(*words, where=elsewhere)
        code = 0 if is_over else wanted.code
        found = [] if ran.code == code else [f"{words[-1]} ended with {ran.code}: {ran.said}"]
        found += differences(self.product.standing(), wanted.end)
        again = self.run(*RESUME, where=elsewhere)
        found += [] if again.code == 0 else [f"a further --resume ended with {again.code}: {again.said}"]
        return found + differences(self.product.standing(), wanted.end)


@contextmanager
def production(folder: Path) -> Iterator[Production]:
    """The stage with everything on it; the block ends with the stand-in's judgement on every request."""
    with stage(folder / "stage") as made, Striker(folder / "striker") as striker:
        with Killer(folder / "killer") as killer:
            product = Product.make(made, killer)
        try:
            pristine = product.save()
            product.sicken(NEXT)
            yield Production(product, striker, pristine, product.save())
        finally:
            product.end()
