"""The `-- shipit:` lines at the head of a script, and what other tools write there to the same end."""

import difflib
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from shipit.migrations.model import Directives, Finding, Position, Script
from shipit.migrations.sections import place_at

SHAPES = {
    "allow": 'allow RULE "why"',
    "contract": "contract",
    "depends": "depends 0003, 0004",
    "idempotent": "idempotent",
    "irreversible": 'irreversible "why"',
    "solo": "solo",
}
"""Every directive and how it is written."""

_DEPENDS = re.compile(r"[^,\s]+")
_VERSION = re.compile(r"V?(?P<version>[0-9]+(?:\.[0-9]+)*)(?:_[^\W\d].*)?|V(?P<flyway>[0-9]+(?:_[0-9]+)*)(?:__.*)?")
_REASON = r'"([^"]*[^"\s][^"]*)"'
_IRREVERSIBLE = re.compile(_REASON)
_ALLOW = re.compile(rf"([a-z0-9][a-z0-9-]*)\s+{_REASON}")
# Flyway has no transaction around a script with this line, or with executeInTransaction=false in SCRIPT.conf
_FLYWAY = re.compile(r"^--[ \t]*flyway:executeInTransaction[ \t]*=[ \t]*false[ \t]*$", re.MULTILINE)
_FLAGS = re.MULTILINE | re.IGNORECASE
_MARKS = {"sql": "--", "python": "#"}
_HEAD = {
    language: re.compile(rf"^[ \t]*{mark}[ \t]*shipit\b[ \t]*(?P<colon>:?)[ \t]*(?P<said>.*?)[ \t]*$", _FLAGS)
    for language, mark in _MARKS.items()
}
_ELSEWHERE = {
    language: re.compile(rf"{mark}[ \t]*shipit[ \t]*:", re.IGNORECASE) for language, mark in _MARKS.items()
}


class Head(Struct, frozen=True):
    """What a script's head says; `depends_at` is where each dependency is written."""

    directives: Directives
    findings: tuple[Finding, ...] = ()
    depends_at: Mapping[str, Position] = field(default_factory=dict)


def read_head(script: Script, head: str) -> Head:
    """Read the directives in `head`, with which the script begins; those behind it are only warned of."""
    if "shipit" not in (lower := script.text.lower()) and "flyway" not in lower:
        return Head(Directives(allowed={}))
    said: dict[str, Any] = {"depends": {}, "allowed": {}}
    taken = (_take(script, match, said) for match in _HEAD[script.language].finditer(head))
    findings = [finding for finding in taken if finding]
    elsewhere = _ELSEWHERE[script.language].finditer(script.text, len(head))
    findings += [_elsewhere(script, match) for match in elsewhere]
    if script.language == "sql" and _FLYWAY.search(head):
        said["solo"] = True
    places = said["depends"]
    return Head(Directives(**{**said, "depends": tuple(places)}), tuple(findings), places)


def _take(script: Script, match: re.Match[str], said: dict[str, Any]) -> Finding | None:
    """Add one line to what is said, or tell what is wrong with it."""
    mark, line = _MARKS[script.language], match["said"]
    word = (line.split() or [""])[0]
    value = _value(script, match, word) if word in SHAPES else None
    where = place_at(script, match.start("said") if line else match.start())
    if not match["colon"]:  # a sentence that begins with our name is a comment
        return _malformed(where, "the colon is missing", f"{mark} shipit: {line}") if value else None
    if word not in SHAPES:
        return _unknown(where, mark, line)
    if not value:
        return _malformed(where, f"`{word}` cannot be read", f"{mark} shipit: {SHAPES[word]}")
    if isinstance(value, dict):
        said["allowed" if word == "allow" else word].update(value)
    else:
        said[word] = value
    return None


def _value(script: Script, match: re.Match[str], word: str) -> Any:
    """What the words behind the directive mean; nothing if they cannot be read."""
    rest = match["said"][len(word) :].strip()
    if word == "depends":
        return _dependencies(script, match)
    if word == "irreversible":
        reason = _IRREVERSIBLE.fullmatch(rest)
        return reason[1].strip() if reason else None
    if word == "allow":
        allowed = _ALLOW.fullmatch(rest)
        return {allowed[1]: allowed[2].strip()} if allowed else None
    return not rest


def _dependencies(script: Script, match: re.Match[str]) -> dict[str, Position] | None:
    """Each version to where it stands; labels such as 0003_users and V1_2__users are read as well."""
    places: dict[str, Position] = {}
    for word in _DEPENDS.finditer(script.text, match.start("said") + len("depends"), match.end("said")):
        version = _VERSION.fullmatch(word[0])
        if not version:
            return None
        plain = version["version"] or version["flyway"].replace("_", ".")
        places[plain] = place_at(script, word.start())
    return places


def _unknown(where: Position, mark: str, line: str) -> Finding:
    word, *rest = line.split(maxsplit=1) or [""]
    close = difflib.get_close_matches(word.lower(), SHAPES, 1)
    what = f"`{word}` is no directive" if word else "no directive stands here"
    rewrite = " ".join([f"{mark} shipit: {close[0]}", *rest]) if close else f"known: {', '.join(SHAPES)}"
    return Finding(where, "unknown-directive", what, rewrite)


def _malformed(where: Position, what: str, rewrite: str) -> Finding:
    return Finding(where, "unreadable-directive", what, rewrite)


def _elsewhere(script: Script, match: re.Match[str]) -> Finding:
    what = "this directive is not read: it stands behind the first statement"
    rewrite = "move the line to the head of the file"
    return Finding(place_at(script, match.start()), "late-directive", what, rewrite, "warning")
