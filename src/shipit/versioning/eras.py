"""History cut at its final releases: each commit belongs to the first release that has it."""

from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from shipit.versioning.tags import VersionTag


class Kin(Protocol):
    """What is asked of a commit here."""

    @property
    def sha(self) -> str: ...

    @property
    def parents(self) -> tuple[str, ...]: ...

    @property
    def time(self) -> int: ...


T = TypeVar("T", bound=Kin)


class Era(Struct, Generic[T], frozen=True):
    """The commits that are new in a release, newest first; `release` None for what is not released yet.

    `time` is that of the tagged commit in seconds since the epoch; `previous` the tag of the era before.
    """

    release: VersionTag | None
    previous: str | None
    commits: tuple[T, ...]
    time: int | None = None


def eras(commits: Sequence[T], finals: Sequence[VersionTag]) -> list[Era[T]]:
    """The eras of a whole history, newest first, in time linear in the number of commits.

    `finals` are the final version tags, highest first; those that are not among `commits` do not count.
    """
    wanted = {final.tag.commit for final in finals}
    tagged = {commit.sha: commit for commit in commits if commit.sha in wanted}
    known = [final for final in finals if final.tag.commit in tagged]
    tips: dict[str, int] = {}
    for number, final in enumerate(reversed(known)):
        tips.setdefault(final.tag.commit, number)
    shares = _inherited(commits, tips, len(known)) or _claimed(commits, tips, len(known))
    found = [Era(None, known[0].tag.name if known else None, tuple(shares[-1]))]
    for position, final in enumerate(known):
        before = known[position + 1].tag.name if position + 1 < len(known) else None
        share = shares[len(known) - 1 - position]
        found.append(Era(final, before, tuple(share), tagged[final.tag.commit].time))
    return found


def _inherited(commits: Sequence[T], tips: Mapping[str, int], unreleased: int) -> list[list[T]] | None:
    """The commits of each release, then those of none, in one pass that remembers no more than the open ends.

    Each commit belongs where its earliest child does, unless it is tagged as something earlier. None if there are
    parents before their children, as clocks that go wrong have it.
    """
    shares: list[list[T]] = [[] for _ in range(unreleased + 1)]
    heirs = {commit.sha: unreleased for commit in commits[:1]}
    for commit in commits:
        number = heirs.pop(commit.sha, None)
        if number is None:
            return None
        number = min(number, tips.get(commit.sha, number))
        shares[number].append(commit)
        for parent in commit.parents:
            heirs[parent] = min(number, heirs.get(parent, number))
    return None if heirs else shares


def _claimed(commits: Sequence[T], tips: Mapping[str, int], unreleased: int) -> list[list[T]]:
    """The same for commits in any order: each release takes what lies behind it and no earlier one has."""
    by_sha = {commit.sha: commit for commit in commits}
    owner: dict[str, int] = {}
    for tip, number in tips.items():
        waiting = [tip]
        while waiting:
            sha = waiting.pop()
            if sha in by_sha and sha not in owner:
                owner[sha] = number
                waiting.extend(by_sha[sha].parents)
    shares: list[list[T]] = [[] for _ in range(unreleased + 1)]
    for commit in commits:
        shares[owner.get(commit.sha, unreleased)].append(commit)
    return shares
