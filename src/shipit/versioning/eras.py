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
    by_sha = {commit.sha: commit for commit in commits}
    known = [final for final in finals if final.tag.commit in by_sha]
    owner: dict[str, int] = {}
    for number, final in enumerate(reversed(known)):
        _claim(final.tag.commit, number, by_sha, owner)
    shares: list[list[T]] = [[] for _ in range(len(known) + 1)]
    for commit in commits:
        shares[owner.get(commit.sha, -1)].append(commit)
    found = [Era(None, known[0].tag.name if known else None, tuple(shares[-1]))]
    for position, final in enumerate(known):
        before = known[position + 1].tag.name if position + 1 < len(known) else None
        share = shares[len(known) - 1 - position]
        found.append(Era(final, before, tuple(share), by_sha[final.tag.commit].time))
    return found


def _claim(tip: str, number: int, by_sha: Mapping[str, T], owner: dict[str, int]) -> None:
    """Give everything behind a tag to it that no lower version has."""
    waiting = [tip]
    while waiting:
        sha = waiting.pop()
        while sha in by_sha and sha not in owner:  # along the first parents, which is nearly all of the way
            owner[sha] = number
            sha, *others = by_sha[sha].parents or ("",)
            waiting.extend(others)
