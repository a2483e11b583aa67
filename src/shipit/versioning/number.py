"""Version numbers: one model of SemVer and PEP 440, and how tags spell them.

SemVer is what people and tags say, PEP 440 is what the index says. Only what both can say, there and back
without loss, may be released: X.Y.Z and X.Y.Z-alpha.N, -beta.N, -rc.N.
"""

import re

import semver

from shipit.errors import UsageError

TOKENS = ("alpha", "beta", "rc")
"""Kinds of prerelease, lowest first."""

# as text: compiled for the first version that is read so, not at start-up
_PEP440 = (
    r"(?i)v?(?:0!)?([0-9]{1,99})(?:\.([0-9]{1,99}))?(?:\.([0-9]{1,99}))?((?:\.0{1,99})*)"
    r"(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]{0,99}))?"
    r"(?:(?:[-_.]?(?:post|rev|r)[-_.]?|-)([0-9]{0,99}))?(?:[-_.]?dev[-_.]?([0-9]{0,99}))?(?:\+([a-z0-9._-]{1,99}))?"
)
_ANNOUNCING = r"(?i)(alpha|a|beta|b|preview|pre|c|rc)[-.]?[0-9]*"
_LETTERS = {"alpha": "a", "beta": "b", "rc": "rc"}
_SPELLINGS = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc", "preview": "rc"}
_LONGEST = 100
"""Digits of a number: int() refuses more than 4,300."""


class Version(semver.Version):
    """A SemVer version that also knows its spelling on a package index; build metadata does not count in `==`."""

    @property
    def core_text(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def core(self) -> "Version":
        """The final version that this is or leads to."""
        return Version(self.major, self.minor, self.patch)

    @property
    def is_final(self) -> bool:
        return self.prerelease is None

    @property
    def precedence(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        """What sorts as SemVer 2.0.0, paragraph 11, has it; comparing pairs is slow where tags are many."""
        identifiers = tuple((False, int(part), "") if part.isdigit() else (True, 0, part) for part in self._pre)
        return (self.major, self.minor, self.patch, self.is_final, identifiers)

    @property
    def token(self) -> str:
        """alpha, beta or rc if this is such a prerelease with a number, else nothing."""
        known = len(self._pre) == 2 and self._pre[0] in TOKENS and self._pre[1].isdigit()
        return self._pre[0] if known else ""

    @property
    def announces(self) -> bool:
        """Whether this is a final version, or a prerelease that leads to one; a nightly build does not."""
        return self.is_final or bool(
            re.fullmatch(r"(?i)(alpha|a|beta|b|preview|pre|c|rc)[-.]?[0-9]*", str(self.prerelease))
        )

    @property
    def serial(self) -> int:
        """N of -rc.N; 0 without one."""
        return int(self._pre[1]) if self.token else 0

    @property
    def _pre(self) -> tuple[str, ...]:
        return tuple(self.prerelease.split(".")) if self.prerelease else ()


def read(text: str) -> Version | None:
    """The version that a SemVer string names; None if it is none."""
    if not text.isascii() or re.search(rf"[0-9]{{{_LONGEST + 1}}}", text):
        return None
    try:
        return Version.parse(text)
    except ValueError:
        return None


def parse(text: str) -> Version:
    """Like `read`; raises UsageError if the string is no SemVer version."""
    version = read(text)
    if version is None:
        raise UsageError(f"`{text}` is not a SemVer version", hint="write it like 1.4.0 or 1.4.0-rc.1")
    return version


def written(version: str | Version) -> str:
    """The version as Python files have it, those included that may stand there but are never released.

    1.4.0-dev.0 is 1.4.0.dev0, and 1.4.0+post.1 is 1.4.0.post1; raises UsageError like `pep440` for the rest.
    """
    number = parse(version) if isinstance(version, str) else version
    found = re.fullmatch(r"((?:alpha|beta|rc)\.[0-9]+)?\.?(?:dev\.([0-9]+))?", number.prerelease or "")
    if not found:
        return pep440(number)
    core = pep440(Version(number.major, number.minor, number.patch, found[1]))
    post, local = re.findall(r"^(?:post\.([0-9]+))?\.?(.*)$", number.build or "")[0]
    dev = f".dev{found[2]}" if found[2] else ""
    return f"{core}{f'.post{post}' if post else ''}{dev}{f'+{local}' if local else ''}"


def pep440(version: str | Version) -> str:
    """The version as the package index spells it: 1.4.0-rc.1 is 1.4.0rc1.

    Raises UsageError for what the index would refuse or could not give back unchanged.
    """
    number = parse(version) if isinstance(version, str) else version
    if number.build:
        raise UsageError(
            f"`{number}` carries build metadata, which a package index refuses", hint=f"release {number.core_text}"
        )
    if number.is_final:
        return number.core_text
    if not number.token:
        raise UsageError(
            f"`{number}` has no spelling on a package index",
            hint=f"use one of {', '.join(TOKENS)} with a number, like {number.core_text}-rc.1",
        )
    return f"{number.core_text}{_LETTERS[number.token]}{number.serial}"


def from_pep440(text: str) -> Version:
    """The version that a PEP 440 string names: 1.4.0rc1 is 1.4.0-rc.1, and 1.4 is 1.4.0.

    What is never released, but stands in files between releases, can be read, and `written` back: 1.4.0.dev0 is
    1.4.0-dev.0, 1.4.0.post1 is 1.4.0+post.1. Raises UsageError for epochs other than 0 and for a fourth number.
    """
    found = re.fullmatch(_PEP440, text.strip())
    if not found:
        raise UsageError(
            f"`{text}` cannot be read as a version of the form X.Y.Z or X.Y.ZrcN",
            hint="write it like 1.4.0 or 1.4.0rc1",
        )
    major, minor, patch, _zeros, token, serial, post, dev, local = found.groups()
    name = token.lower() if token else ""
    before = _joined((_SPELLINGS.get(name, name), serial), ("dev", dev))
    after = _joined(("post", post))
    extra = re.sub(r"[_.-]+", ".", local.lower()).strip(".") if local else ""
    build = ".".join(part for part in (after, extra) if part)
    return Version(int(major), int(minor or 0), int(patch or 0), before or None, build or None)


def _joined(*parts: tuple[str, str | None]) -> str:
    """Names with their numbers; None is no such part, and no number means 0."""
    return ".".join(f"{name}.{int(number or 0)}" for name, number in parts if name and number is not None)
