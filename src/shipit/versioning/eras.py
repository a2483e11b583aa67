"""History cut at its final releases: each commit belongs to the first release that has it."""

from collections.abc import Sequence

from msgspec import Struct

from shipit.model import Commit
from shipit.versioning.tags import VersionTag


class Era(Struct, frozen=True):
    """The commits that are new in a release, newest first; `release` None for what is not released yet.

    `time` is that of the tagged commit in seconds since the epoch; `previous` the tag of the era before.
    """

    release: VersionTag | None
    previous: str | None
    commits: tuple[Commit, ...]
    time: int | None = None


def eras(commits: Sequence[Commit], finals: Sequence[VersionTag]) -> list[Era]:
    """The eras of a whole history, newest first, in time linear in the number of commits.

    `finals` are the final version tags, highest first; those that are not among `commits` do not count.
    """
    by_sha = {commit.sha: commit for commit in commits}
    owner: dict[str, int] = {}
    known = [final for final in finals if final.tag.commit in by_sha]
    for number, final in enumerate(reversed(known)):
        _claim(final.tag.commit, number, by_sha, owner)
    shares: list[list[Commit]] = [[] for _ in range(len(known) + 1)]
    for commit in commits:
        shares[owner.get(commit.sha, len(known))].append(commit)
    found = [Era(None, known[0].tag.name if known else None, tuple(shares[-1]))]
    for position, final in enumerate(known):
        before = known[position + 1].tag.name if position + 1 < len(known) else None
        share = shares[len(known) - 1 - position]
        found.append(Era(final, before, tuple(share), by_sha[final.tag.commit].time))
    return found


def _claim(tip: str, number: int, by_sha: dict[str, Commit], owner: dict[str, int]) -> None:
    """Give everything behind a tag to it that no lower version has."""
    waiting = [tip]
    while waiting:
        sha = waiting.pop()
        if sha in by_sha and sha not in owner:
            owner[sha] = number
            waiting.extend(by_sha[sha].parents)
