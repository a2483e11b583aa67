"""The merges of a release: git's own, with the right version and every section of the changelog in what comes out.

A version is what both sides write anew, so a merge line by line may stop at it, or take the wrong one. Where git
merges without it, nothing else is done; where not, it is merged once more as if all had the version already.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shipit.changelog.merging import merge_bytes
from shipit.config import Config
from shipit.errors import Refused
from shipit.model import Merge
from shipit.release.model import Release
from shipit.release.ports import Objects
from shipit.release.texts import reader
from shipit.versioning.number import Version, parse
from shipit.versioning.version_files import Levelled, levelled, present, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Two commits, and the newest ones that both have in their history."""

    ours: str
    theirs: str
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """Merges the commits of one release."""

    objects: Objects
    config: Config
    release: Release

    def into_main(self, before: str, waiting: Mapping[str, str | None]) -> str:
        """The tree of the release commit merged into main; raises Refused where a person must decide.

        `waiting` are branches by which releases wait to be merged back, each with the commit that was released:
        where that is all that main has, merging the branch helps.
        """
        release = self.release
        merged = self._merge(before, release.commit, release.version)
        if merged.tree is None:
            remote = self.config.branches.remote
            flag = "" if merged.conflicts else "--allow-unrelated-histories "
            other = next((branch for branch, commit in waiting.items() if commit == before), release.main)
            why = [f"conflict in {name}" for name in merged.conflicts] or ["they have no commit in common"]
            raise Refused(
                f"{release.base_branch} cannot be merged into {release.main}",
                evidence=[*why, *(f"a back-merge waits for a person on the branch {branch}" for branch in waiting)],
                hint=f"merge {other} into {release.base_branch} first, and resolve it there: "
                f"git switch {release.base_branch} && git pull && git merge {flag}{remote}/{other}",
            )
        return merged.tree

    def into_develop(self, tip: str) -> str | None:
        """The tree of the release merged into develop's tip, where the higher version stays.

        None if a person must resolve it; raises Refused or UsageError for files that cannot be read.
        """
        version = str(max([parse(self.release.version), *self._versions(tip)]))
        return self._merge(tip, self.release.tagged_commit, version).tree

    def _versions(self, commit: str) -> Collection[Version]:
        """The versions in those files of a commit that hold one."""
        locations, read = self.config.version.files, reader(self.objects, commit)
        return versions(present(locations, read), read).values()

    def _merge(self, ours: str, theirs: str, version: str) -> Merge:
        if self.objects.is_ancestor(ours, theirs):
            return Merge(self.objects.tree(theirs))
        sides = _Sides(ours=ours, theirs=theirs, bases=self._bases(ours, theirs))
        if not sides.bases:
            return Merge(None)
        log = self._changelog(sides)
        merged = self._corrected(self.objects.merge(ours, theirs, log), sides, version)
        if merged.tree is None:
            level = self._levelled(sides, merged.conflicts, version)
            merged = self._corrected(self.objects.merge(level.ours, level.theirs, log), sides, version)
        return merged

    def _bases(self, ours: str, theirs: str) -> tuple[str, ...]:
        """What both sides grew from; a squash hides that it holds all of what was released."""
        base, is_ancestor = self.release.base, self.objects.is_ancestor
        if is_ancestor(base, ours) and not is_ancestor(base, theirs):
            return (base,)
        return _bases(self.objects, ours, theirs)

    def _changelog(self, sides: _Sides) -> dict[str, bytes]:
        """The changelog of both, section by section: a merge line by line glues or mixes what both added on top."""
        path = self.config.changelog.file
        if not path:
            return {}
        ours, theirs, base = (self.objects.read(one, path) for one in (sides.ours, sides.theirs, sides.bases[0]))
        return {} if ours is None or theirs is None else {path: merge_bytes(base, ours, theirs)}

    def _corrected(self, merged: Merge, sides: _Sides, version: str) -> Merge:
        """With this version in every place; one that only the merge made unreadable is a conflict."""
        if merged.tree is None:
            return merged
        level = self._level(merged.tree, version)
        before = (self._level(one, version).unreadable for one in (sides.ours, sides.theirs))
        broken = level.unreadable.difference(*before) if level.unreadable else ()
        return Merge(None, tuple(sorted(broken))) if broken else Merge(self._tree(merged.tree, level.texts))

    def _levelled(self, sides: _Sides, paths: Collection[str], version: str) -> _Sides:
        """The same sides and bases as if the version had been there from the beginning, in these files."""
        bases = tuple(self._commit(base, [base], paths, version) for base in sides.bases)
        ours, theirs = (self._commit(one, bases, paths, version) for one in (sides.ours, sides.theirs))
        return _Sides(ours=ours, theirs=theirs, bases=bases)

    def _commit(self, commit: str, parents: Sequence[str], paths: Collection[str], version: str) -> str:
        texts = self._level(commit, version).texts
        tree = self._tree(self.objects.tree(commit), {path: texts[path] for path in texts if path in paths})
        release = self.release
        return self.objects.commit(tree, parents, f"version {version}\n", release.author, release.time)

    def _level(self, commit: str, version: str) -> Levelled:
        read = reader(self.objects, commit)
        return levelled(self.config.version.files, read, version)

    def _tree(self, tree: str, texts: Mapping[str, str]) -> str:
        changes = {path: text.encode() for path, text in texts.items()}
        return self.objects.change_tree(tree, changes) if changes else tree


def _bases(objects: Objects, ours: str, theirs: str) -> tuple[str, ...]:
    """The newest commits that both have in their history, by id."""
    found = _edge(objects, ours, theirs) & _edge(objects, theirs, ours)
    older = {one for one in found for other in found - {one} if objects.is_ancestor(one, other)}
    return tuple(sorted(found - older))


def _edge(objects: Objects, commit: str, other: str) -> frozenset[str]:
    """Where the history of a commit leaves what only it has: the commits there are in both histories."""
    fresh = objects.history(other, commit)
    own = {one.sha for one in fresh}
    return frozenset({commit, *(parent for one in fresh for parent in one.parents)} - own)
