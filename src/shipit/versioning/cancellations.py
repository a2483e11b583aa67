"""The revert algebra: which units revert which."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

from msgspec import Struct, field

from shipit.versioning.lineage import Lineage
from shipit.versioning.mentions import picked_from, pull_request, squashed
from shipit.versioning.reverts import Undo
from shipit.versioning.units import Unit


class Cancellations(Struct, frozen=True):
    """Positions in the list of units.

    `cancelled` maps a unit to the one that reverts it, `settled` a revert to all that it reverts, `copies` a
    unit to the one that it was picked from.
    """

    cancelled: dict[int, int] = field(default_factory=dict)
    settled: dict[int, tuple[int, ...]] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)


def balance(units: Sequence[Unit], lineage: Lineage) -> Cancellations:
    """Settle the reverts, newest first: what is reverted itself reverts nothing."""
    cancellations = Cancellations()
    where = _Register(units, lineage)
    for position, unit in enumerate(units):
        if unit.undo is None or position in cancellations.cancelled:
            continue
        targets, complete = where.targets(unit.undo, position, cancellations)
        for target in targets:
            cancellations.cancelled.setdefault(target, position)
        if complete:
            cancellations.settled[position] = tuple(targets)
    for position, unit in enumerate(units):
        origin = where.origin(unit)
        if origin is not None and origin != position and origin not in cancellations.cancelled:
            cancellations.copies[position] = origin
    return cancellations


class _Register:
    """Where the units are that a revert may mean; each index is made when first asked for."""

    def __init__(self, units: Sequence[Unit], lineage: Lineage) -> None:
        self._units = units
        self._lineage = lineage

    def targets(self, undo: Undo, position: int, cancellations: Cancellations) -> tuple[list[int], bool]:
        """(what the revert at this position reverts, whether that is all it names)."""
        named = [self._by_sha(sha) for sha in undo.shas]
        if any(named):
            found = [each for positions in named for each in positions if each != position]
            return found, all(named)
        # no id, or the id of before a rebase: the pull request, then the subject tell
        other = self._by_pull_request(undo.pull_request, position) or self._by_subject(
            undo.subject, position, cancellations
        )
        return other, bool(other)

    def origin(self, unit: Unit) -> int | None:
        """The position of the commit that this one was picked from, if it is in the range."""
        sha = picked_from(unit.text)
        positions = self._by_sha(sha) if sha else ()
        return positions[0] if positions else None

    def _by_sha(self, sha: str) -> list[int]:
        index = bisect_left(self._shas, sha)
        if index == len(self._shas) or not self._shas[index].startswith(sha):
            return []
        return self._with_family(self._shas[index])

    def _by_pull_request(self, number: str, position: int) -> list[int]:
        for older in self._pull_requests.get(number, ()) if number else ():
            if older > position:
                return self._with_family(self._units[older].commit.sha)
        return []

    def _by_subject(self, subject: str, position: int, cancellations: Cancellations) -> list[int]:
        for older in self._candidates(subject):
            if older > position and older not in cancellations.cancelled:
                unit = self._units[older]
                return [older] if unit.part else self._with_family(unit.commit.sha)
        return []

    def _candidates(self, subject: str) -> Sequence[int]:
        named = squashed(subject)[0]
        found = self._subjects.get(named, ()) or self._subjects.get(pull_request(named)[0], ())
        start = named.removesuffix("…").removesuffix("...")
        if found or not start or start == named:
            return found
        # forges shorten long titles
        return [index for index, unit in enumerate(self._units) if unit.subject.startswith(start)]

    def _with_family(self, sha: str) -> list[int]:
        """The units of a commit, and of all that it merged."""
        return [each for member in (sha, *self._lineage.family(sha)) for each in self._commits.get(member, ())]

    @cached_property
    def _commits(self) -> dict[str, list[int]]:
        return _positions((unit.commit.sha, index) for index, unit in enumerate(self._units))

    @cached_property
    def _shas(self) -> list[str]:
        return sorted(self._commits)

    @cached_property
    def _subjects(self) -> dict[str, list[int]]:
        return _positions((unit.subject, index) for index, unit in enumerate(self._units))

    @cached_property
    def _pull_requests(self) -> dict[str, list[int]]:
        return _positions((unit.pull_request, index) for index, unit in enumerate(self._units))


def _positions(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {}
    for key, position in pairs:
        table.setdefault(key, []).append(position)
    return table
