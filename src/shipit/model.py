"""Frozen values that several rooms share."""

from msgspec import Struct


class Identity(Struct, frozen=True):
    """Who signs commits and tags."""

    name: str
    email: str


class Commit(Struct, frozen=True):
    """One commit as history tells it.

    `time` is the author time in seconds since the epoch; `parents` and `sha` are full hexadecimal ids;
    `message` is the whole message with LF line ends.
    """

    sha: str
    message: str
    parents: tuple[str, ...] = ()
    author: Identity = Identity("", "")
    time: int = 0

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]


class Tag(Struct, frozen=True):
    """A tag that names a version: `commit` is what it finally points to."""

    name: str
    commit: str
    annotated: bool = True


class Change(Struct, frozen=True):
    """One entry of the notes: what a commit, or one part of a squashed commit, changed.

    `type` is lower case ("" for none); `breaking` holds the texts for people who must act, one at least if the
    change is breaking; `pull_request` and `issues` look like `#12` or `owner/name#12`; `time` as in Commit.
    """

    sha: str
    type: str
    scope: str
    description: str
    breaking: tuple[str, ...] = ()
    pull_request: str = ""
    issues: tuple[str, ...] = ()
    author: Identity = Identity("", "")
    co_authors: tuple[Identity, ...] = ()
    time: int = 0


class Artifact(Struct, frozen=True):
    """A file of the release: `size` in bytes, `sha256` hexadecimal."""

    name: str
    size: int
    sha256: str


class RefUpdate(Struct, frozen=True):
    """One ref of an atomic push: `new` None deletes; `expected` None means it must not exist yet."""

    ref: str
    new: str | None
    expected: str | None


class Release(Struct, frozen=True):
    """The decision: what is released from which commit. It is made once, written down, and never made again.

    `base` is the commit that people wrote, `commit` the release commit on top of it (version files, changelog),
    `target` what the tag points to (the merge into main, or `commit` itself without a develop branch).
    `main_before` is the tip that the push expects. `section` goes into the changelog, `notes` to the forge.
    `time` is in seconds since the epoch.
    """

    version: str
    tag: str
    previous: str | None
    base_branch: str
    base: str
    commit: str
    target: str
    main: str
    main_before: str | None
    develop: str | None
    time: int
    author: Identity
    section: str
    notes: str
    title: str
    branch: str
    mode: str = "push"  # or "pull-request"
    commits: tuple[tuple[str, str], ...] = ()
    """sha and subject of each commit that is new in this release, newest first"""
    reason: str = ""
    """why a person named this version, if one did"""
    package: str = ""
    """which of several packages of the repository it is, if there are several"""

    @property
    def is_prerelease(self) -> bool:
        return "-" in self.version
