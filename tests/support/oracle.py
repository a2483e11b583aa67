"""python-semantic-release as second opinion: its own parser and its own `next_version`, on commits in memory.

Importing it starts `git version` through GitPython; nothing else here starts a child.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import git
from semantic_release.commit_parser import ParsedCommit
from semantic_release.commit_parser.conventional import ConventionalCommitParser
from semantic_release.enums import LevelBump
from semantic_release.version.algorithm import next_version
from semantic_release.version.translator import VersionTranslator

from shipit.versioning.levels import Level
from tests.support.histories import History

_LEVELS = {
    LevelBump.NO_RELEASE: Level.NONE,
    LevelBump.PATCH: Level.PATCH,
    LevelBump.MINOR: Level.MINOR,
    LevelBump.MAJOR: Level.MAJOR,
}
_SOMEBODY = git.Actor("Ann", "ann@example.com")
_parser = ConventionalCommitParser()


class _Repository:
    """As much of a git.Repo as `next_version` asks for: a line of commits, the tags on it, one branch."""

    working_tree_dir = "."
    odb = None

    def __init__(self, messages: Sequence[str], tags: Sequence[tuple[str, int]]) -> None:
        self._commits: list[git.Commit] = []
        for message in ("start", *messages):
            self._commits.append(self._commit(message))
        self._places = dict(tags)
        self.tags = [SimpleNamespace(name=name, commit=self._commits[place + 1]) for name, place in tags]
        self.active_branch = SimpleNamespace(commit=self._commits[-1])

    def iter_commits(self, tag: str) -> list[git.Commit]:
        return self._commits[: self._places[tag] + 2]

    def _commit(self, message: str) -> git.Commit:
        return git.Commit(
            cast(Any, self),
            bytes([len(self._commits) + 1]) * 20,
            author=_SOMEBODY,
            authored_date=0,
            author_tz_offset=0,
            committer=_SOMEBODY,
            committed_date=0,
            committer_tz_offset=0,
            message=message,
            parents=self._commits[-1:],
            encoding="utf-8",
        )


def level(message: str) -> Level:
    """What one commit asks for there."""
    found = _parser.parse(_Repository([message], []).active_branch.commit)
    results = found if isinstance(found, list) else [found]
    return max((_LEVELS[each.bump] for each in results if isinstance(each, ParsedCommit)), default=Level.NONE)


def version(history: History) -> str | None:
    """The next version there, None if nothing would be released; 0.x stays 0.x, as is shipit's default."""
    pre = history.pre
    found = next_version(
        cast(Any, _Repository(history.messages, history.tags)),
        VersionTranslator("v{version}", pre or "rc"),
        cast(Any, _parser),
        allow_zero_version=True,
        major_on_zero=False,
        prerelease=pre is not None,
    )
    known = {name for name, _ in history.tags} | {"v0.0.0"}
    return None if f"v{found}" in known else str(found)
