"""What came since the last final version, read from two children where its tag is the highest of all."""

from collections.abc import Sequence
from pathlib import Path

from shipit.adapters.git import history, tag_names
from shipit.adapters.git.folder import git_folder
from shipit.adapters.git.history import RecentHistory
from shipit.adapters.git.query import Repository, git
from shipit.model import Tag
from shipit.versioning.policy import Policy
from shipit.versioning.tags import leading

_MANY = 500  # tags above the last final version: no argv is endless


def recent(top: Path, policy: Policy) -> RecentHistory | None:
    """A survey of this clone, in which `tags` are those from the last final version on.

    None where that takes a closer look: nothing is released yet, the highest version is not reachable, a tag leads
    to no commit, the history is cut off, or the tags are not where git usually keeps them.
    """
    folder = git_folder(top)
    names = leading((folder and tag_names.read(folder)) or (), policy.tag_format)
    if not folder or not names or len(names) > _MANY:
        return None
    done = git(top, recent_argv(names))
    common, shallow, head, *ids = done.text.splitlines() if not done.code else ("", "", "")
    if common != str(folder) or shallow != "false":
        return None
    where = Repository(top, head, shallow=False)
    everything = [Tag(name, commit) for name, commit in zip(names, ids, strict=True)]
    commits = history.beyond(where, everything[-1])
    return None if commits is None else history.since_tag(where, policy, everything[-1], commits, everything)


def recent_argv(names: Sequence[str]) -> tuple[str, ...]:
    """Where the clone keeps its tags, whether it is cut off, its commit, and the commit of each tag."""
    words = ("--path-format=absolute", "--git-common-dir", "--is-shallow-repository", "HEAD^{commit}")
    return ("git", "rev-parse", *words, *(f"refs/tags/{name}^{{commit}}" for name in names))
