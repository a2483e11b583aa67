"""Which commits came in through which merge, and which lie behind another commit."""

from collections.abc import Sequence

from shipit.model import Commit


class Lineage:
    """The family tree of a range of commits; parents outside of the range are not followed."""

    def __init__(self, commits: Sequence[Commit]) -> None:
        self._parents = {commit.sha: commit.parents for commit in commits}
        self._families: dict[str, list[str]] | None = None
        self._commits = commits

    def ancestors(self, sha: str) -> set[str]:
        """This commit and all that are reachable from it."""
        seen: set[str] = set()
        waiting = [sha]
        while waiting:
            current = waiting.pop()
            if current in self._parents and current not in seen:
                seen.add(current)
                waiting.extend(self._parents[current])
        return seen

    def family(self, merge: str) -> list[str]:
        """The commits that this merge brought in: its branches, and what was merged into these before."""
        if self._families is None:
            self._families = self._adopt()
        found: list[str] = []
        waiting = list(self._families.get(merge, ()))
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(self._families.get(current, ()))
        return found

    def _adopt(self) -> dict[str, list[str]]:
        """Give every commit to the merge that brought it in, each commit once: linear in the number of commits.

        Merges on a line are asked oldest first, so that what an older one brought in is not given to a younger.
        """
        families: dict[str, list[str]] = {}
        taken: set[str] = set()
        waiting = [("", head) for head in reversed(_heads(self._commits))]
        while waiting:
            owner, tip = waiting.pop()
            line = self._line(tip, taken)
            taken.update(line)
            if owner:
                families.setdefault(owner, []).extend(line)
            waiting.extend((merge, parent) for merge in line for parent in reversed(self._parents[merge][1:]))
        return families

    def _line(self, tip: str, taken: set[str]) -> list[str]:
        """First parents from a tip on, newest first, up to where somebody else's begin."""
        line: list[str] = []
        while tip in self._parents and tip not in taken:
            line.append(tip)
            parents = self._parents[tip]
            tip = parents[0] if parents else ""
        return line


def _heads(commits: Sequence[Commit]) -> list[str]:
    """The commits that are nobody's parent, newest first."""
    inner = {parent for commit in commits for parent in commit.parents}
    return [commit.sha for commit in commits if commit.sha not in inner]
