"""How tags spell versions, and which of them count."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import Struct

from shipit.errors import UsageError
from shipit.model import Tag
from shipit.versioning.number import Version, from_pep440, read
from shipit.versioning.policy import Policy

_PLACE = "{version}"
# as text: what few tags need is compiled for the first of them, not at start-up
_CANONICAL_PEP440 = r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:a|b|rc)(?:0|[1-9][0-9]*)"


class VersionTag(Struct, frozen=True):
    """A tag with the version that it names."""

    tag: Tag
    version: Version


def tag_name(version: str | Version, tag_format: str) -> str:
    """The tag of a version; raises UsageError if the format has not exactly one {version}."""
    before, after = _around(tag_format)
    return f"{before}{version}{after}"


def version_of(name: str, tag_format: str) -> Version | None:
    """The version that a tag names; None for every tag that is none of ours, such as v1.1 or release-5."""
    before, after = _around(tag_format)
    if not (name.startswith(before) and name.endswith(after)) or len(name) < len(before) + len(after):
        return None
    text = name[len(before) : len(name) - len(after)]
    # tags written by tools that only know PEP 440, for instance v1.1.0rc1, name the same line of prereleases
    return read(text) or (from_pep440(text) if re.fullmatch(_CANONICAL_PEP440, text) else None)


def version_tags(tags: Iterable[Tag], tag_format: str) -> list[VersionTag]:
    """The tags that name versions, highest version first."""
    found = [VersionTag(tag, version) for tag in tags if (version := version_of(tag.name, tag_format))]
    return sorted(found, key=lambda each: each.version.precedence, reverse=True)


def leading(names: Iterable[str], tag_format: str) -> list[str]:
    """The version tags among these names, highest first, down to the first final version; none without one."""
    tags = version_tags([Tag(name, "") for name in sorted(names)], tag_format)  # equal versions in git's order
    position = next((number for number, each in enumerate(tags) if each.version.is_final), -1)
    return [each.tag.name for each in tags[: position + 1]]


def previous_tags(reachable: Sequence[Tag], config: Policy) -> tuple[Tag | None, Tag | None]:
    """(highest version tag of all, highest final version tag) among the tags reachable from the base."""
    tags = version_tags(reachable, config.tag_format)
    finals = (each.tag for each in tags if each.version.is_final)
    return (tags[0].tag if tags else None, next(finals, None))


@cache  # asked for every tag
def _around(tag_format: str) -> tuple[str, str]:
    if tag_format.count(_PLACE) != 1:
        raise UsageError(
            f"tag-format `{tag_format}` must name {_PLACE} once", hint='write tag-format = "v{version}"'
        )
    before, _, after = tag_format.partition(_PLACE)
    return before, after
