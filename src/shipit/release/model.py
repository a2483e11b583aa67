"""The decision of a release."""

from msgspec import Struct

from shipit.model import Identity
from shipit.versioning.number import parse


class Release(Struct, frozen=True, kw_only=True):
    """The decision: what is released from which commit. It is made once, written down, and never made again.

    `base` is the commit that people wrote, `commit` the release commit on top of it (version files, changelog),
    `tagged_commit` what the tag points to (the merge into main, or `commit` itself without a develop branch).
    `main_before` is the tip that the push expects. `section` goes into the changelog, `notes` to the forge.
    `time` is in seconds since the epoch.
    """

    version: str
    tag: str
    previous: str | None
    base_branch: str
    base: str
    commit: str
    tagged_commit: str
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
        return not parse(self.version).is_final
