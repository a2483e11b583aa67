"""Commits, reverts, next version, SemVer and PEP 440: pure."""

from shipit.versioning.decision import Decision, decide
from shipit.versioning.number import Version, from_pep440, parse, pep440
from shipit.versioning.tags import previous_tags, tag_name, version_of, version_tags

__all__ = [
    "Decision",
    "Version",
    "decide",
    "from_pep440",
    "parse",
    "pep440",
    "previous_tags",
    "tag_name",
    "version_of",
    "version_tags",
]
