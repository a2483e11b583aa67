"""What is asked before a deployment touches anything; nothing here writes."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import PurePath

from msgspec import Struct

from shipit.config.tables.deployments import Smoke as SmokeOptions
from shipit.deploy.ports import Schema, Target
from shipit.deploy.verdict import proves
from shipit.engine.plan import Problem
from shipit.model import Revision


class TargetReady(Struct, frozen=True, kw_only=True):
    """Folders that can be written, an address that is free or ours."""

    target: Target

    @property
    def name(self) -> str:
        return f"target-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"Can {self.target.name} take a new version?"

    def problems(self) -> Sequence[Problem]:
        return self.target.problems()


class PlacesDiffer(Struct, frozen=True, kw_only=True):
    """Two targets in one place would remove each other's versions."""

    places: Mapping[str, Sequence[str]]
    others: Mapping[str, Sequence[str]]
    name: str = "places"
    summary: str = "Has every target a place of its own?"

    def problems(self) -> Sequence[Problem]:
        own = [(name, place) for name, places in self.places.items() for place in places]
        others = [(name, place) for name, places in self.others.items() for place in places]
        pairs = [*combinations(own, 2), *product(own, others)]
        return tuple(
            Problem(f"{one} and {other} share {shared}", "", "give each a place of its own")
            for (one, place), (other, another) in pairs
            if one != other and (shared := _shared(place, another))
        )


class AnswersProve(Struct, frozen=True, kw_only=True):
    """Whether the smoke checks can tell the new version from the old one; nothing of it stops a deployment."""

    options: SmokeOptions
    is_release: bool
    name: str = "proof"
    summary: str = "Would the smoke checks notice another version?"

    def problems(self) -> Sequence[Problem]:
        what = self._doubt()
        hint = 'smoke.checks = [{ get = "https://…/healthz", json = { commit = "{commit}" } }]'
        return (Problem(what, "", hint, is_warning=True),) if what else ()

    def _doubt(self) -> str:
        if not (self.options.checks or self.options.run):
            return "nothing is asked from outside: success only means that it started"
        proof = proves(self.options.checks)
        if self.options.checks and not proof:
            return "no smoke check carries version or commit: the old version would pass as well"
        if proof == "version" and not self.is_release:
            return "no smoke check carries the commit: another commit of the same version would pass as well"
        return ""


class MigrationsRight(Struct, frozen=True, kw_only=True):
    """A mistake in a file of a migration needs no lock and no database to be found out."""

    schema: Schema
    name: str = "migrations"
    summary: str = "Are the migrations of the commit free of mistakes?"

    def problems(self) -> Sequence[Problem]:
        return self.schema.mistakes()


class ContractWaits(Struct, frozen=True, kw_only=True):
    """A migration that drops what the version before still uses makes every way back dead on arrival."""

    schema: Schema
    standing: Revision | None
    environment: str
    name: str = "contracts"
    summary: str = "Can the version before live with the migrations?"

    def problems(self) -> Sequence[Problem]:
        if self.standing is None:
            return ()
        return tuple(
            Problem(
                f"{label} drops what {self.standing.version} may still use (`contract`)",
                f"if the new version fails, {self.standing.version} could not come back",
                f"once nothing that is live needs it: shipit migrate --env {self.environment}, then deploy again",
            )
            for label in self.schema.contracts()
        )


def _shared(place: str, other: str) -> str:
    """What two places have in common: an address, or the inner one of two folders."""
    if place == other:
        return place
    if place.startswith("/") and other.startswith("/"):
        one, another = PurePath(place), PurePath(other)
        if one.is_relative_to(another):
            return place
        return other if another.is_relative_to(one) else ""
    return ""
