"""The next version."""

from collections.abc import Iterable

from msgspec import Struct

from shipit.errors import UsageError
from shipit.versioning.levels import Level
from shipit.versioning.number import TOKENS, Version, parse, pep440

KINDS = ("auto", "major", "minor", "patch", "prerelease")
"""What --type takes."""


class Wish(Struct, frozen=True):
    """What was asked for on the command line: a kind of release, and perhaps a kind of prerelease."""

    kind: str
    pre: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"`{self.kind}` is no type of release", hint=f"use one of {', '.join(KINDS)}")
        if self.pre is not None and self.pre not in TOKENS:
            raise UsageError(
                f"`{self.pre}` is no kind of prerelease that a package index knows",
                hint=f"use one of {', '.join(TOKENS)}",
            )

    @property
    def is_prerelease(self) -> bool:
        return self.kind == "prerelease" or self.pre is not None

    @property
    def level(self) -> Level | None:
        """The part of the version that was named; None leaves it to the changes."""
        named = {"major": Level.MAJOR, "minor": Level.MINOR, "patch": Level.PATCH}
        return named.get(self.kind)


class Forced(Struct, frozen=True):
    """A version that a person named, and why."""

    version: Version
    reason: str

    @property
    def wish(self) -> Wish:
        """What would have led there, as far as the notes are concerned."""
        return Wish("auto", self.version.token or None)


def forced(number: str | None, reason: str | None) -> Forced | None:
    """Read --as and --reason; raises UsageError for one without the other, and for what cannot be released."""
    if number is None and reason is None:
        return None
    words = " ".join((reason or "").split())
    if number is None or not words:
        missing = "a version that is named needs a reason" if number else "a reason is for a version that is named"
        raise UsageError(missing, hint='write --as 2.0.0 --reason "why it is this one"')
    version = parse(number.removeprefix("v"))
    pep440(version)
    return Forced(version, words)


def raised(version: Version, level: Level, *, major_on_zero: bool = True) -> Version:
    """The final version that follows.

    Below 1.0.0 a breaking change raises the minor part unless `major_on_zero`.
    """
    if level is Level.MAJOR and version.major == 0 and not major_on_zero:
        level = Level.MINOR
    if level is Level.MAJOR:
        return Version(version.major + 1, 0, 0)
    if level is Level.MINOR:
        return Version(version.major, version.minor + 1, 0)
    return Version(version.major, version.minor, version.patch + 1)


def first(initial: Version, wish: Wish) -> Version:
    """The first version of all; 0.x becomes 1.0.0 only when a major release was asked for."""
    stable = wish.kind == "major" and initial.major == 0
    return Version(1, 0, 0) if stable else initial.core


def not_below(target: Version, line: Version | None) -> Version:
    """The target, but never below what the prereleases since the last final version have announced."""
    if line is None or line.core <= target:
        return target
    return line.core


def next_prerelease(target: Version, wish: Wish, line: Version | None, known: Iterable[Version]) -> Version:
    """The prerelease of `target` that follows the highest known one.

    The kind is the one asked for, else that of the line, else rc. Raises UsageError if it would go back.
    """
    same_line = line is not None and line.core == target
    token = wish.pre or (line.token if line and same_line else "") or TOKENS[-1]
    serials = [version.serial for version in known if version.core == target and version.token == token]
    found = Version(target.major, target.minor, target.patch, f"{token}.{max(serials, default=0) + 1}")
    if line and found < line:
        raise UsageError(
            f"{found} would come before {line}, which is there already",
            hint=f"use --pre {line.token}" if line.token else "release the final version",
        )
    return found
