"""File names of migrations and versions: as shipit, dbmate, golang-migrate and Flyway spell them."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from shipit.migrations.model import Finding, Position

Role: TypeAlias = Literal["up", "down", "verify"]
Scheme: TypeAlias = Literal["plain", "golang-migrate", "flyway"]
Key: TypeAlias = tuple[tuple[int, str], ...]
"""What a version counts as: equal keys are the same version, and keys are ordered as numbers are."""

READ = (".sql", ".py", ".conf", ".mako")
"""How the names of files end that say anything about migrations; a dump that lies there is not read."""

_NAME = r"(?P<name>[\w-](?:[\w -]|\.(?=[0-9]))*)"
_PLAIN = re.compile(
    rf"(?P<version>[0-9]+(?:\.[0-9]+)*)_{_NAME}(?:(?i:\.(?P<role>up|down|verify))?(?i:\.sql)|(?P<python>\.py))"
)
_FLYWAY = re.compile(
    rf"(?P<prefix>[VU])(?P<version>[0-9]+(?:[._][0-9]+)*)__{_NAME}(?i:\.(?P<role>down|verify))?(?i:\.sql)"
)
_UNSUPPORTED = re.compile(r"(?P<prefix>R|B[0-9][0-9._]*)__.*(?i:\.sql)")
_NUMBERED = re.compile(r"[Vv]?([0-9]+(?:\.[0-9]+)*)[^0-9A-Za-z]*(.*)\.(?:sql|py)", re.IGNORECASE)
_UNLIKELY = re.compile(r"[^\w]+")


class FileName(Struct, frozen=True):
    """What a name says; `explicit` if it names its role itself, so that the file can hold nothing else."""

    path: str
    version: str
    name: str
    role: Role = "up"
    scheme: Scheme = "plain"
    language: Literal["sql", "python"] = "sql"
    explicit: bool = False

    @property
    def key(self) -> Key:
        return key(self.version)


@cache  # every version is asked for a dozen times, and a folder has a thousand
def key(version: str) -> Key:
    """2 before 10, 1.2 before 1.10; 1, 0001 and 1.0 are the same (as for Flyway). Never raises."""
    parts = [part.lstrip("0") for part in version.replace("_", ".").split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple((len(part), part) for part in parts)  # a longer number is a greater one


def read_name(path: str) -> FileName | Finding | None:
    """Read a file's name; a finding where a migration is meant that cannot be read, None for any other file."""
    base = unicodedata.normalize("NFC", path.rpartition("/")[2])  # macOS takes letters and their marks apart
    lower = base.lower()
    if base.startswith(".") or not lower.endswith((".sql", ".py")):
        return None
    if match := _PLAIN.fullmatch(base):
        return _plain(path, match)
    if match := _FLYWAY.fullmatch(base):
        return _flyway(path, match)
    if match := _UNSUPPORTED.fullmatch(base):
        return _unsupported(path, match["prefix"])
    if lower.endswith(".py") and not re.match(r"[0-9]+[_.-]", base):
        return None  # __init__.py, env.py, a module that migrations share
    return _unreadable(path, base)


def near(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    """The versions that may have been meant; without a similar one the last three."""
    versions = tuple(known)
    same = tuple(version for version in versions if key(version) == key(wanted))
    return same or tuple(difflib.get_close_matches(wanted, versions)) or versions[-3:]


def _plain(path: str, match: re.Match[str]) -> FileName:
    role = (match["role"] or "").lower()
    known: Role = "down" if role == "down" else "verify" if role == "verify" else "up"
    return FileName(
        path,
        match["version"],
        match["name"],
        known,
        "golang-migrate" if role == "up" else "plain",
        "python" if match["python"] else "sql",
        explicit=bool(role),
    )


def _flyway(path: str, match: re.Match[str]) -> FileName:
    role: Role = "verify" if (match["role"] or "").lower() == "verify" else "up"
    if match["prefix"] == "U" or (match["role"] or "").lower() == "down":
        role = "down"
    # Flyway itself writes V1_2 into its table as 1.2
    return FileName(path, match["version"].replace("_", "."), match["name"], role, "flyway", explicit=True)


def _unsupported(path: str, prefix: str) -> Finding:
    if prefix == "R":
        what = "a repeatable migration of Flyway is not supported: whatever runs must have a version"
        rewrite = "give it a version (V7__name.sql), and a new one each time it changes"
        return Finding(Position(path), "repeatable-migration", what, rewrite)
    what = "a baseline migration of Flyway is not supported"
    rewrite = "keep the migrations that it sums up, or rename it to V… for databases that have none of them"
    return Finding(Position(path), "baseline-migration", what, rewrite)


def _unreadable(path: str, base: str) -> Finding:
    kind = "py" if base.lower().endswith(".py") else "sql"
    what = f"the name cannot be read: expected <version>_<name>.{kind}, such as 0001_users.{kind}"
    rewrite = "rename it, or move it out of the folder of migrations"
    match = _NUMBERED.fullmatch(base)
    slug = _UNLIKELY.sub("_", match[2]).strip("_") if match else ""
    if match and slug:
        rewrite = f"rename it to {match[1]}_{slug}.{kind}, or move it out of the folder of migrations"
    return Finding(Position(path), "unreadable-name", what, rewrite)
