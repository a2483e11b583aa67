"""The bump map of commitizen's own rules, as the types of commits that ask for a minor and for a patch release."""

import re
from collections.abc import Iterator
from typing import Any

from shipit.config.foreign_keys import Found
from shipit.config.mistake import dotted, is_table

_LEVELS = {"MINOR": "version.minor-types", "PATCH": "version.patch-types"}
_BREAKING = (r"^.+!$", r"^.*!$", r".+!$", r"^BREAKING[\-\ ]CHANGE", r"^BREAKING CHANGE", "BREAKING CHANGE")
"""Patterns of what breaks in Conventional Commits, too."""


def types(name: str, bump_map: Any) -> Iterator[Found]:
    """The types that a bump map names; what else it asks for is not taken over."""
    if not is_table(bump_map):
        yield Found(name=name, settles="version.minor-types")
        return
    found: dict[str, list[str]] = {key: [] for key in _LEVELS.values()}
    for pattern, level in bump_map.items():
        kinds, key = _kinds(pattern), _LEVELS.get(str(level))
        if level == "MAJOR" and pattern in _BREAKING:
            continue
        if key and kinds:
            found[key] += kinds
        elif level is not None:
            why = "only `!` and BREAKING CHANGE break here" if level == "MAJOR" else "more than the name of a type"
            yield Found(name=dotted(name, pattern), why=why, settles=key or "version.minor-types")
    for key, kinds in found.items():
        yield Found(name=name, key=key, value=kinds)


def _kinds(pattern: str) -> list[str]:
    """The types that a pattern stands for; none where it is more than a list of words."""
    match = re.fullmatch(r"\^?\(?([\w-]+(?:\|[\w-]+)*)\)?\$?", pattern)
    return match[1].split("|") if match else []
