"""What is asked before a deployment touches anything; nothing here writes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from shipit.deploy.ports import Schema, Target
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
    name: str = "places"
    summary: str = "Has every target a place of its own?"

    def problems(self) -> Sequence[Problem]:
        counted = Counter(place for places in self.places.values() for place in places)
        return tuple(
            Problem(f"{place} belongs to {' and '.join(self._owners(place))}", "", "give each a place of its own")
            for place, count in counted.items()
            if count > 1
        )

    def _owners(self, place: str) -> Sequence[str]:
        return [name for name, places in self.places.items() if place in places]


class ContractWaits(Struct, frozen=True, kw_only=True):
    """A migration that drops what the version before still uses makes every way back dead on arrival."""

    schema: Schema
    standing: Revision | None
    name: str = "contracts"
    summary: str = "Can the version before live with the migrations?"

    def problems(self) -> Sequence[Problem]:
        if self.standing is None:
            return ()
        return tuple(
            Problem(
                f"{label} drops what {self.standing.version} may still use (`contract`)",
                f"if the new version fails, {self.standing.version} could not come back",
                f"deploy the version that no longer needs it first; then migrate {label} with the one after it",
            )
            for label in self.schema.contracts()
        )
