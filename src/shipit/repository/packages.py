"""Every package of a repository, over a history that is read once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from shipit.adapters import semantic_release
from shipit.adapters.git import history, query, tags
from shipit.model import Commit, Tag
from shipit.repository.clone import Clone
from shipit.versioning.message import Message
from shipit.versioning.tags import previous_tags, version_tags
from shipit.versioning.units import Reading


def every_package(clone: Clone) -> Iterator[Clone]:
    """The clone as each of its packages sees it, as the configuration has them; raises Refused if it is shallow."""
    shared = _Shared(clone)
    for name in clone.whole.packages:
        one = Clone(clone.top, clone.whole, name)
        shared.hand_on(one)
        yield one


class _Shared:
    """What is read once: the tags, the commits since the last releases of all packages, and what each touches."""

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._where = clone.repository

    def hand_on(self, package: Clone) -> None:
        """Give a package what it would have read; one whose last release is elsewhere reads it by itself."""
        known = vars(package)
        known |= {"repository": self._where, "branch": self._branch}
        known |= {"tag_names": self._names, "reachable_names": self._reachable_names}
        policy = package.config.version
        final = self._finals.get(package.package)
        if self._tags and (final is None or self._is_reachable(final)):
            commits = self._since(final)
            known["survey"] = history.since_tag(self._where, policy, final, commits, self._tags)
            inside = self._touching.get(package.folder.rstrip("/"), set()).intersection(one.sha for one in commits)
            known["since_final"] = Reading(self._grammar(policy.commit_style), package.folder, frozenset(inside))

    @staticmethod
    @cache
    def _grammar(style: str) -> Callable[[str], Message]:
        """Each message is taken apart once."""
        return cache(semantic_release.reader(style))

    @cached_property
    def _tags(self) -> Sequence[Tag]:
        return tags.every(self._clone.top)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(tag.name for tag in self._tags)

    @cached_property
    def _reachable_names(self) -> list[str]:
        return self._clone.reachable_names

    @cached_property
    def _branch(self) -> str | None:
        return query.branch(self._clone.top)

    @cached_property
    def _finals(self) -> Mapping[str, Tag | None]:
        """The highest final version tag of each package, wherever it is."""
        found: dict[str, Tag | None] = {}
        leading = [tag for tag in self._tags if tag.commit]
        for name in self._clone.whole.packages:
            policy = self._clone.of(name).config.version
            ours = version_tags(leading, policy.tag_format)
            found[name] = previous_tags([one.tag for one in ours], policy)[1]
        return found

    @cached_property
    def _base(self) -> str | None:
        """A commit behind all of these tags; None where a package has none, or they have nothing in common."""
        commits = [tag.commit if tag else "" for tag in self._finals.values()]
        return query.common_ancestor(self._clone.top, commits) if all(commits) else None

    @cached_property
    def _commits(self) -> Mapping[str, Commit]:
        return {one.sha: one for one in history.read(self._clone.top, self._base, self._where.head)}

    @cached_property
    def _touching(self) -> Mapping[str, set[str]]:
        """The commits that change something in each folder that holds a package."""
        found: dict[str, set[str]] = {one.path.rstrip("/"): set() for one in self._clone.whole.packages.values()}
        for sha, paths in history.paths(self._clone.top, self._base, self._where.head).items():
            for folder in {one for path in paths for one in _folders(path)}:
                if folder in found:
                    found[folder].add(sha)
        return found

    def _is_reachable(self, tag: Tag) -> bool:
        """What lies behind all tags is one of them only if it is the oldest."""
        return tag.commit in self._commits or tag.commit == self._base

    def _since(self, final: Tag | None) -> Sequence[Commit]:
        """The commits that are not behind this tag."""
        behind: set[str] = set()
        waiting = [final.commit] if final else []
        while waiting:
            sha = waiting.pop()
            if sha not in behind and sha in self._commits:
                behind.add(sha)
                waiting.extend(self._commits[sha].parents)
        return [one for one in self._commits.values() if one.sha not in behind]


def _folders(path: str) -> Iterator[str]:
    """Every folder that a file is in, the top of the repository as `.`."""
    yield "."
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
