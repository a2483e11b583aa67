"""Maintenance branches: 1.x takes what stays below 2.0.0, 1.2.x what stays below 1.3.0."""

import re

from msgspec import Struct

from shipit.versioning.levels import Level
from shipit.versioning.number import Version

# as text: compiled for a branch that may be one, not at start-up
_NAME = r"(?i)(?:[^/]+/)*v?(0|[1-9][0-9]{0,98})\.(?:(0|[1-9][0-9]{0,98})\.)?x"


class Line(Struct, frozen=True):
    """What a maintenance branch is for: the versions of one major number, or of one minor number in it."""

    major: int
    minor: int | None

    def holds(self, version: Version) -> bool:
        return version.major == self.major and self.minor in {None, version.minor}

    @property
    def greatest(self) -> Level:
        """The most that a change may ask for without leaving the line."""
        return Level.MINOR if self.minor is None else Level.PATCH

    @property
    def smaller(self) -> str:
        """The kinds of release that stay on the line, in words."""
        return "minor and patch" if self.minor is None else "patch"


def line_of(branch: str | None) -> Line | None:
    """The line of a branch such as 1.x, v1.2.x or maintenance/1.2.x; None for every other one."""
    found = re.fullmatch(_NAME, branch) if branch and branch.endswith((".x", ".X")) else None
    return Line(int(found[1]), int(found[2]) if found[2] else None) if found else None
