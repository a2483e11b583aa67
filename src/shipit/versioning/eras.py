"""History cut at its final releases: each commit belongs to the first release that has it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from shipit.versioning.record import Record
from shipit.versioning.tags import VersionTag


class Era(Struct, frozen=True):
    """The commits that are new in a release, newest first; `release` None for what is not released yet.

    `previous` is the tag of the era before.
    """

    release: VersionTag | None
    previous: str | None
    commits: Sequence[Record]


def eras(commits: Iterable[Record], finals: Sequence[VersionTag]) -> Iterator[Era]:
    """The eras of a whole history, newest first, in time linear in the number of commits.

    `commits` come as `git log` of one head lists them, `finals` are the final version tags, highest first; those
    that are not among `commits` do not count. As long as each commit is the one parent of that before, and each tag
    is the next lower one, an era is given as soon as it is over, and nothing of it is kept. From where that ends,
    the rest is looked at as a whole.
    """
    places = _places(finals)
    following, share, current = iter(commits), list[Record](), -1
    expected = ""
    for commit in following:
        step = places.get(commit.sha, current) - current
        if step not in {0, 1} or (share and commit.sha != expected):
            rest = _whole([*share, commit, *following], finals[max(current, 0) :])
            yield from rest if current < 0 else rest[1:]
            return
        if step:
            yield _era(finals, current, share, finals[current + 1].tag.name)
            share, current = [], current + 1
        share.append(commit)
        expected = commit.kin
    yield _era(finals, current, share, None)


def _places(finals: Sequence[VersionTag]) -> Mapping[str, int]:
    """Which commits are tagged as which of these; -2 for two at once."""
    places: dict[str, int] = {}
    for place, final in enumerate(finals):
        places[final.tag.commit] = -2 if final.tag.commit in places else place
    return places


def _era(finals: Sequence[VersionTag], place: int, share: Sequence[Record], previous: str | None) -> Era:
    return Era(finals[place] if place >= 0 else None, previous, share)


def _whole(commits: Sequence[Record], finals: Sequence[VersionTag]) -> list[Era]:
    """The eras of any history, first what is in none of these releases."""
    wanted = {final.tag.commit for final in finals}
    tagged = {commit.sha for commit in commits if commit.sha in wanted}
    known = [final for final in finals if final.tag.commit in tagged]
    tips: dict[str, int] = {}
    for number, final in enumerate(reversed(known)):
        tips.setdefault(final.tag.commit, number)
    shares = _inherited(commits, tips, len(known)) or _claimed(commits, tips, len(known))
    found = [Era(None, known[0].tag.name if known else None, shares[-1])]
    for position, final in enumerate(known):
        before = known[position + 1].tag.name if position + 1 < len(known) else None
        found.append(Era(final, before, shares[len(known) - 1 - position]))
    return found


def _inherited(commits: Sequence[Record], tips: Mapping[str, int], unreleased: int) -> list[list[Record]] | None:
    """The commits of each release, then those of none, in one pass that remembers no more than the open ends.

    Each commit belongs where its earliest child does, unless it is tagged as something earlier. None if there are
    parents before their children, as clocks that go wrong have it.
    """
    shares: list[list[Record]] = [[] for _ in range(unreleased + 1)]
    heirs = {commit.sha: unreleased for commit in commits[:1]}
    for commit in commits:
        number = heirs.pop(commit.sha, None)
        if number is None:
            return None
        number = min(number, tips.get(commit.sha, number))
        shares[number].append(commit)
        kin = commit.kin
        if " " not in kin and kin:  # nearly all
            heirs[kin] = min(number, heirs.get(kin, number))
            continue
        for parent in kin.split():
            heirs[parent] = min(number, heirs.get(parent, number))
    return None if heirs else shares


def _claimed(commits: Sequence[Record], tips: Mapping[str, int], unreleased: int) -> list[list[Record]]:
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
    shares: list[list[Record]] = [[] for _ in range(unreleased + 1)]
    for commit in commits:
        shares[owner.get(commit.sha, unreleased)].append(commit)
    return shares
