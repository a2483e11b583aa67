"""Where python-semantic-release or commitizen would answer something else, and what settles it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from shipit.config import foreign_semantic_release
from shipit.config.peers import Peers
from shipit.versioning.bump import raised
from shipit.versioning.decision import Decision
from shipit.versioning.levels import Level
from shipit.versioning.number import TOKENS, Version, parse, pep440
from shipit.versioning.tags import version_of

_PSR = "python-semantic-release"


class Asked(Struct, frozen=True, kw_only=True):
    """What was asked and answered: `auto` if the commits decide, `branch` None without one.

    `in_files` looks for the version that the version files have.
    """

    decision: Decision
    branch: str | None
    auto: bool
    in_files: Callable[[], Version | None]

    @property
    def level(self) -> Level:
        """What all commits together ask for."""
        return max((Level[row.effect.upper()] for row in self.decision.rows), default=Level.NONE)


def differences(peers: Peers, asked: Asked) -> Iterator[str]:
    """Each as one line that ends with the key, or the option, that settles it; none where nothing is released."""
    if not asked.decision.version:
        return
    version = parse(asked.decision.version)
    if peers.semantic_release is not None:
        raw: Mapping[str, Any] = peers.semantic_release.raw
        yield from _unwritten(peers, raw)
        yield from _of_branch(peers, asked, version)
        if asked.auto:
            yield from _leap(peers, raw, asked, version)
    if peers.commitizen is not None:
        raw = peers.commitizen.raw
        if asked.auto:
            yield from _first_of_commitizen(peers, raw, asked, version)
            yield from _held_below(peers, raw, asked, version)
        yield from _spelled(raw, asked, version)


def first(in_files: Mapping[str, Version]) -> Version | None:
    """The version of the first file that has one."""
    return next(iter(in_files.values()), None)


def _previous(peers: Peers, asked: Asked) -> Version | None:
    tag = asked.decision.previous
    return version_of(tag, peers.settings.config.version.tag_format) if tag else None


def _unwritten(peers: Peers, raw: Mapping[str, Any]) -> Iterator[str]:
    files = peers.settings.config.version.files
    is_default = "version_toml" not in raw and "version_variables" not in raw
    if is_default and files and not peers.is_settled("version.files"):
        why = "since version_toml is not set"
        yield f"{_PSR} writes no version file, {why}; shipit writes {', '.join(files)}: set version.files"


def _of_branch(peers: Peers, asked: Asked, version: Version) -> Iterator[str]:
    source, branch = peers.semantic_release, asked.branch
    if source is None or branch is None or peers.is_settled("branches.main"):
        return
    found = foreign_semantic_release.group_of(source, branch)
    if found is None:
        yield f"{_PSR} releases nothing from {branch}, which no group of its branches has: set branches.main"
        return
    name, group = found
    if group.get("prerelease") is not True or not version.is_final:
        return
    token = str(group.get("prerelease_token", "rc"))
    kind = token if token in TOKENS else f"{', '.join(TOKENS[:-1])} or {TOKENS[-1]}, since no index knows {token}"
    key = f"{source.prefix}.branches.{name}.prerelease"
    yield f"{key} makes prereleases of {branch}, shipit makes {version}: use --from {branch} --pre {kind}"


def _leap(peers: Peers, raw: Mapping[str, Any], asked: Asked, version: Version) -> Iterator[str]:
    """It leaves 0.x with the next release, whatever the commits ask for, unless it is configured not to."""
    before, keeps_zero = _previous(peers, asked), raw.get("allow_zero_version") is True
    if before is None:
        yield from _first_of_semantic_release(peers, raw, asked, version)
    elif before.major == version.major == 0 and not (keeps_zero or peers.is_settled("version.major-on-zero")):
        yield (
            f"{_PSR} would make 1.0.0 of it, since allow_zero_version is not true; shipit makes {version}: "
            "set version.major-on-zero, or use --type major"
        )


def _first_of_semantic_release(
    peers: Peers, raw: Mapping[str, Any], asked: Asked, version: Version
) -> Iterator[str]:
    if raw.get("allow_zero_version") is not True or not asked.level:
        return
    there = raised(Version(0, 0, 0), asked.level, major_on_zero=raw.get("major_on_zero", True) is not False)
    yield from _of_the_first(peers, _PSR, there, version)


def _first_of_commitizen(peers: Peers, raw: Mapping[str, Any], asked: Asked, version: Version) -> Iterator[str]:
    """Without a tag it counts from the version in the files, shipit makes that of version.initial."""
    if asked.decision.previous is None and asked.level:
        current = asked.in_files() or Version(0, 0, 0)
        there = raised(current.core, asked.level, major_on_zero=raw.get("major_version_zero") is not True)
        yield from _of_the_first(peers, "commitizen", there, version)


def _of_the_first(peers: Peers, tool: str, there: Version, version: Version) -> Iterator[str]:
    if there != version.core and not peers.is_settled("version.initial"):
        yield (
            f"{tool} would make {there} of the first release, shipit makes {version.core}: "
            f'set version.initial = "{there}"'
        )


def _held_below(peers: Peers, raw: Mapping[str, Any], asked: Asked, version: Version) -> Iterator[str]:
    """Its rules for 0.x hold for 1.x, too, if nobody takes them out."""
    before = _previous(peers, asked)
    if raw.get("major_version_zero") is True and before and before.major and version.major > before.major:
        there = raised(before.core, Level.MINOR)
        yield (
            f"commitizen would make {there} of it, since major_version_zero is true; a breaking change makes "
            f"{version.core} here: use --type minor, or take major_version_zero out"
        )


def _spelled(raw: Mapping[str, Any], asked: Asked, version: Version) -> Iterator[str]:
    if version.is_final:
        return
    before, offset = asked.decision.previous, raw.get("prerelease_offset", 0)
    follows = before is not None and f"{version.core}" in before and version.serial > 1
    number = version.serial if follows or not isinstance(offset, int) else offset
    there = Version(version.major, version.minor, version.patch, f"{version.token}.{number}")
    spelled = {"semver": str(there).replace(f"{version.token}.", version.token), "semver2": str(there)}
    name = spelled.get(str(raw.get("version_scheme")), pep440(there))
    if name != str(version):
        yield f'commitizen would name it {name}, shipit names it {version}: use --as {there} --reason "…"'
