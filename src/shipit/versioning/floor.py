"""What the next version must be above: final versions that files, tags of any spelling, or the index tell."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from shipit.errors import Refused, UsageError
from shipit.versioning import maintenance
from shipit.versioning.explain import Row
from shipit.versioning.number import Version, from_pep440
from shipit.versioning.tags import VersionTag, tag_name, version_of

# as text: compiled for the first tag that is read so, not at start-up
_SPELLED = r"(?i)(.*?)(\d{1,9}(?:[._]\d{1,9}){1,3})(?:[-.]?(?:final|release|ga|post\d+))?"
_ENDING = r"(?i)(?:(?:^|(?<=[-_/.@=+]))v)?$"
_GENERIC = frozenset({"", "v", "r", "rel", "release", "releases", "ver", "version", "versions", "final", "stable"})
_YEAR = 1900
"""A first number from here on is a year."""


class NotThisVersion(Refused):
    """The version that the commits ask for cannot be given; `rows` explain the commits."""

    rows: tuple[Row, ...] = ()


class Known(Struct, frozen=True):
    """A final version that stands somewhere: where that is, in words, and what helps if it is in the way."""

    version: Version
    stands_in: str
    hint: str
    may_be_next: bool = False
    """A version file may hold what is to be released."""

    def forbids(self, version: Version) -> bool:
        return version < self.version or (version == self.version and not self.may_be_next)


def readable(locations: Sequence[str], read: Callable[[str], str | None]) -> dict[str, Version]:
    """The version that each location holds, but for those that hold none: who writes them says what is wrong."""
    from shipit.versioning.version_files import versions  # noqa: PLC0415 - only who decides reads files

    found: dict[str, Version] = {}
    for location in locations:
        with suppress(Refused, UsageError):
            found |= versions((location,), read)
    return found


def in_files(
    found: Mapping[str, Version], tag_format: str, *, is_first: bool, initial: str = "version.initial"
) -> list[Known]:
    """What version files tell, by location; dev versions and prereleases do not bind.

    `initial` is the key that sets the version of a first release.
    """
    known = []
    for location, version in found.items():
        core = version.core
        hint = "correct the file, if it is wrong"
        if is_first:
            name = tag_name(core, tag_format)
            hint = (
                f'set {initial} = "{core}" if it is not released yet; if it is, tag its commit: '
                f"git tag {name} COMMIT && git push origin {name}"
            )
        if version.is_final:
            known.append(Known(core, f"{location} says {version}", hint, may_be_next=True))
    return known


class Own(Struct, frozen=True):
    """What the tags of a project look like: its names, its format, and those of the other packages.

    `package` is empty for the whole repository; only that may have tags without a name in them, unless its own have
    another one.
    """

    tag_format: str
    project: str = ""
    package: str = ""
    others: Sequence[str] = ()

    @property
    def key(self) -> str:
        return f"packages.{self.package}.tag-format" if self.package else "version.tag-format"

    @property
    def prefixes(self) -> set[str]:
        names = {_plain(self.project), _plain(self.package)} - {""}
        before = _plain(self.tag_format.partition("{")[0])
        return names if self.package or before not in names | _GENERIC else names | _GENERIC


def in_tags(names: Iterable[str], own: Own, version: Version, *, is_first: bool) -> list[Known]:
    """What tags of another spelling tell, of those in the history, of which `version` would be the next one.

    Before the first release of a repository every family of tags binds; later, and for a package, only those that
    are spelled like its own, such as `1.0.0` beside `v1.0.0`; dates only where versions are dates.
    """
    formats = (own.tag_format, *own.others)
    known = []
    for name in sorted(names):
        found = re.fullmatch(_SPELLED, name)
        if found is None or any(version_of(name, each) for each in formats):
            continue
        there = _numbers(found[2])
        is_own = _plain(found[1]) in own.prefixes and (there.major < _YEAR or version.major >= _YEAR)
        if is_own or (is_first and not own.package):
            known.append(Known(there, f"the tag {name} is in the history", _respelled(name, found, own)))
    return known


class Elsewhere(Struct, frozen=True, kw_only=True):
    """Where releases may be that `base` lacks: the branch `main`, into which it is merged, with its commits.

    `waiting` names, for the tags of releases that a person must merge back into `base`, the branch for that.
    """

    base: str
    main: str
    in_main: Container[str]
    waiting: Mapping[str, str] = {}


def in_other_tags(
    tags: Iterable[VersionTag], version: Version, elsewhere: Elsewhere, *, is_first: bool
) -> list[Known]:
    """Final versions whose tags the base lacks: those of the same line, and before the first release all."""
    known = []
    main = elsewhere.main
    for each in tags:
        name, is_there = each.tag.name, each.tag.commit in elsewhere.in_main
        where = f"in the history of {main}" if is_there else "on another line of history"
        hint = f"merge {main} into the branch that you release first" if is_there else "merge that release first"
        if branch := elsewhere.waiting.get(name):
            where, hint = f"{where}; {waits(branch)}", merge_back(branch, elsewhere.base)
        if each.version.is_final and (is_first or is_there or each.version.major == version.major):
            known.append(Known(each.version, f"{name} is {where}", hint))
    return known


def waits(branch: str) -> str:
    """How a release that a person must merge back is described."""
    return f"its back-merge waits for a person on the branch {branch}"


def merge_back(branch: str, base: str | None) -> str:
    """What that person does."""
    return f"merge {branch} into {base} and resolve what conflicts"


def on_index(texts: Iterable[str], index: str, tagged: Iterable[Version]) -> list[Known]:
    """What a package index shows (PEP 440), but for the versions that have a tag."""
    released = set(tagged)
    found = {version for version in map(_final, texts) if version and version not in released}
    hint = "yank it there, if nobody should have it"
    return [Known(version, f"{index} has {version}", hint, may_be_next=True) for version in sorted(found)]


def require_above(version: Version, known: Iterable[Known], branch: str | None, rows: Sequence[Row]) -> None:
    """Raise NotThisVersion, naming what stands above; a maintenance branch is measured against its own line."""
    line = maintenance.line_of(branch)
    above = [one for one in known if one.forbids(version) and (line is None or line.holds(one.version))]
    if not above:
        return
    above.sort(key=lambda one: one.version, reverse=True)
    hint = next((one.hint for one in above if not one.may_be_next), above[0].hint)
    error = NotThisVersion(
        f"the next version would be {version}, but {above[0].version} is there already",
        evidence=[one.stands_in for one in above[:5]],
        hint=f'{hint}; or name the version: --as {above[0].version.bump_patch()} --reason "…"',
    )
    error.rows = tuple(rows)
    raise error


def may_bind(names: Iterable[str], version: Version) -> bool:
    """Whether one of these names is spelled like a final version that is not below this one: quickly answered."""
    found = (re.fullmatch(_SPELLED, name) for name in names)
    return any(not _numbers(one[2]) < version for one in found if one)


def _plain(prefix: str) -> str:
    words = re.sub(_ENDING, "", prefix.lower()).strip("-_/.@=+ ")
    return re.sub(r"[-_.]+", "-", words)


def _respelled(name: str, found: re.Match[str], own: Own) -> str:
    version, rest = _numbers(found[2]), name[found.end(2) :]
    if found[2] == str(version) and "post" not in rest.lower():
        spelled = f"{name[: found.start(2)]}{{version}}{rest}"
        return f'set {own.key} = "{spelled}" if that is how releases are tagged'
    ours = tag_name(version, own.tag_format)
    return f"tag it as {ours}, too, if it is a release: git tag {ours} '{name}^{{}}' && git push origin {ours}"


def _numbers(text: str) -> Version:
    """The first three numbers of a tag; those that are missing are 0."""
    numbers = [*(int(part) for part in re.split(r"[._]", text)), 0, 0]
    return Version(*numbers[:3])


def _final(text: str) -> Version | None:
    try:
        version = from_pep440(text)
    except UsageError:
        return None
    return version.core if version.is_final else None
