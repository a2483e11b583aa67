"""The ladder: what may be undone by itself when a run fails, and what never is.

An automatic action may only undo what this run did, and may never discard a committed row of somebody else.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from shipit.migrations.losses import makes
from shipit.migrations.model import Group, Prepared


class Rung(StrEnum):
    """The first that applies is taken; the text is what people read."""

    NOTHING = "R1: rolled back, nothing was committed"
    STAY = "R3: stays at the last good version"
    DOWN = "R3: rolled back by this run's down scripts"
    RESTORE = "R4: the backup restored, since nobody else wrote"
    LEAVE = "R5: left as it is, for a person to decide"


class Policy(Struct, frozen=True):
    """What may happen by itself: `downs` lets down scripts run, `restores` lets a backup come back."""

    downs: bool = False
    restores: bool = False

    @property
    def without_way_back(self) -> Rung:
        """The rung that is left where nothing may be undone."""
        return Rung.LEAVE if self.downs else Rung.STAY


class Situation(Struct, frozen=True):
    """A failed run: `committed` by it, oldest first; `foreign` transactions since the backup, None: unknown."""

    committed: Sequence[Prepared]
    policy: Policy
    has_backup: bool = False
    foreign: int | None = None
    down_failed: bool = False


def rung(situation: Situation) -> Rung:
    """The rung that applies now."""
    if not situation.committed:
        return Rung.NOTHING
    policy = situation.policy
    if policy.downs and not situation.down_failed and not why_not_down(situation.committed):
        return Rung.DOWN
    if policy.restores and situation.has_backup and situation.foreign == 0:
        return Rung.RESTORE
    return policy.without_way_back


def why_not_down(committed: Sequence[Prepared]) -> str:
    """Why the down scripts of these are no proved way back; empty if they are.

    What only rows can show (a table made and filled since) is asked inside of the transaction that rolls back.
    """
    for number, one in reversed([*enumerate(committed)]):
        reason = _objection(one, committed[:number] if one.fills else ())
        if reason:
            return f"{one.label} {reason}"
    return ""


def _objection(one: Prepared, before: Sequence[Prepared]) -> str:
    migration = one.migration
    if migration.directives.irreversible:
        return f"is irreversible: {migration.directives.irreversible}"
    if migration.down is None:
        return "has no down script"
    if migration.down.language != "sql" or not one.footprint.known:
        return "runs code of its own: nobody can prove what it rolls back"
    if one.footprint.lossy:
        return f"destroys what no script brings back: {one.footprint.lossy[0]}"
    if one.down_loses:
        return f"is not all that its down script takes away: {one.down_loses[0]}"
    for relation in one.fills:
        if not any(makes(each, relation) for each in before):  # else the rows go with the table
            return f"puts rows into {relation}, and nobody can prove that its down script takes them away"
    return ""


def point_of_no_return(groups: Sequence[Group], policy: Policy) -> int | None:
    """The group (from 0) with whose commit the way back ends; None if there is one until the very end."""
    if policy.restores:
        return None
    before: list[Prepared] = []
    for number, group in enumerate(groups):
        for one in group.migrations:
            if not policy.downs or _objection(one, before):
                return number
            before.append(one)
    return None


def predictions(groups: Sequence[Group], policy: Policy) -> Mapping[int, Rung]:
    """What would happen if group n (from 0) failed, with nobody else writing."""
    found = {}
    before: list[Prepared] = []
    for number, group in enumerate(groups):
        found[number] = rung(Situation(tuple(before), policy, has_backup=True, foreign=0))
        before.extend(group.migrations)
    return found
