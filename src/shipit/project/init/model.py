"""What was found in a repository, and what is proposed for it."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct

from shipit.config.place import Read
from shipit.config.settings import Settings
from shipit.config.sources import Documents

Ask: TypeAlias = Callable[[str, bool], bool]
"""Answers a question with yes or no; the second argument is what is usual."""


class Clone(Struct, frozen=True, kw_only=True):
    """What git says of the repository: names of remotes, branches and tags.

    `default` is the branch that the remote shows first, `current` the one that is checked out; both may be empty.
    `is_ahead` says whether one branch has commits that another one lacks.
    """

    remotes: Sequence[str] = ()
    url: str = ""
    branches: Sequence[str] = ()
    default: str = ""
    current: str = ""
    tags: Sequence[str] = ()
    is_ahead: Callable[[str, str], bool] = lambda one, other: one != other

    @property
    def remote(self) -> str:
        """The remote with the shared history; empty without one."""
        return "origin" if "origin" in self.remotes else next(iter(self.remotes), "")


class Seen(Struct, frozen=True, kw_only=True):
    """A repository as it lies: tracked paths, texts, git's names, and the settings without shipit's own keys.

    `folder` is the name of its folder, `ignored` says whether git ignores a path, `required` which checks the forge
    demands on a branch.
    """

    folder: str
    paths: Sequence[str]
    text: Read
    clone: Clone
    documents: Documents
    settings: Settings
    ignored: Callable[[str], bool]
    required: Callable[[str], Sequence[str]]
    ask: Ask


class Setting(Struct, frozen=True, kw_only=True):
    """A key of [tool.shipit] with the reason for its value; `comment` stands beside it in the file."""

    key: str
    value: Any
    reason: str
    comment: str = ""


class Suggestion(Struct, frozen=True, kw_only=True):
    """Lines that a person may take out of comments, and why they are there."""

    lines: tuple[str, ...]
    reason: str


class Note(Struct, frozen=True):
    """A sentence about what is left as it is, or what remains to be done."""

    text: str


Finding: TypeAlias = Setting | Suggestion | Note


class State(StrEnum):
    """What becomes of a file."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"
    EDITED = "edited"
    FOREIGN = "foreign"


class Change(Struct, frozen=True, kw_only=True):
    """A file as it is and as it is to be; `reasons` belong to single lines of it."""

    path: str
    state: State
    before: str = ""
    after: str = ""
    reason: str = ""
    reasons: Mapping[str, str] = {}

    @property
    def writes(self) -> bool:
        """Whether something is to be written."""
        return self.state in {State.NEW, State.CHANGED, State.REMOVED}


class Proposal(Struct, frozen=True, kw_only=True):
    """Everything that is proposed; `next` is the command that comes afterwards."""

    changes: Sequence[Change]
    notes: Sequence[str]
    next: str

    @property
    def written(self) -> Sequence[Change]:
        """What is to be written."""
        return [one for one in self.changes if one.writes]
