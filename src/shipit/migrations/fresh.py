"""A new migration: its version, its file names and the skeleton of its scripts, as the folder has them already."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from shipit.errors import UsageError
from shipit.migrations.model import Migration
from shipit.migrations.names import FileName, key, read_name

Style: TypeAlias = Literal["auto", "number", "timestamp"]
"""How to count on; auto: as the newest file does."""

_DATES = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_LONGEST = 120
"""Bytes of a slug: file systems allow names of 255."""
_UP = "-- {label}: runs in one transaction; the product in use must work before and after it\n"
_DOWN = "-- takes {label} back: undoes what its up script does, in reverse order\n"


class Fresh(Struct, frozen=True):
    """A migration that is not written yet: `files` maps names in the folder to skeletons."""

    version: str
    name: str
    files: Mapping[str, str]


def fresh(
    existing: Sequence[Migration], title: str, at: datetime, style: Style = "auto", unwritten: Sequence[str] = ()
) -> Fresh:
    """The next migration at a moment (with a time zone; versions are in UTC); raises UsageError for no title.

    `unwritten` are the paths of files that hold nothing yet, as those that this function made before.
    """
    names = (read_name(path) for path in unwritten)
    paths = {each.version: each.path for each in names if isinstance(each, FileName)}
    paths |= {migration.version: migration.up.path for migration in existing}
    newest = max(paths, key=key, default="")
    version, name = next_version(newest, at, style), slug(title)
    label = f"{version}_{name}"
    texts = _UP.format(label=label), _DOWN.format(label=label)
    written = max(existing, key=lambda each: key(each.version), default=None)
    if written and written.up.line > 1:
        return Fresh(version, name, _sections(label, texts))
    return Fresh(version, name, _files(paths.get(newest, ""), version, name, texts))


def slug(title: str) -> str:
    """A title as part of a file name; raises UsageError if nothing of it can stand there."""
    words = re.sub(r"[^\w]+", "_", unicodedata.normalize("NFKC", title).casefold()).strip("_")
    short = words.encode()[:_LONGEST].decode(errors="ignore").strip("_")
    if not short:
        raise UsageError(
            f"`{title}` is no name for a file", hint="say in a few words what it does: add_users_email"
        )
    return short


def next_version(newest: str, at: datetime, style: Style = "auto") -> str:
    """The version that follows `newest` (empty: there is none) and is always above it."""
    form = _form(newest) if style == "auto" else _DATES[14] if style == "timestamp" else ""
    if form:
        moment = at.astimezone(UTC)
        version = str(int(moment.timestamp())) if form == "epoch" else moment.strftime(form)
        if key(version) > key(newest):
            return version
    # counted on also where the clock is behind, or a second file is made on the same day
    *parts, last = (newest or "0000").split(".")
    return ".".join([*parts, str(int(last) + 1).zfill(len(last))])


def _form(version: str) -> str:
    """The date format that a version is written in; empty for a number that counts."""
    if len(version) == len("1700000000") and version.startswith("1"):
        return "epoch"
    form = _DATES.get(len(version), "")
    try:
        datetime.strptime(version, form).replace(tzinfo=UTC)
    except ValueError:
        return ""
    return form if version.startswith(("19", "20", "21")) else ""


def _sections(label: str, texts: tuple[str, str]) -> dict[str, str]:
    """One file with two sections, as dbmate has them."""
    up, down = texts
    return {f"{label}.sql": f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"}


def _files(newest: str, version: str, name: str, texts: tuple[str, str]) -> dict[str, str]:
    """Names and texts, spelled as those of the newest migration, whose path it is given."""
    up, down = texts
    base = newest.rpartition("/")[2]
    if base.startswith("V"):
        number = version if "_" not in base.partition("__")[0] else version.replace(".", "_")
        return {f"V{number}__{name}.sql": up, f"U{number}__{name}.sql": down}
    middle = ".up" if base.lower().endswith(".up.sql") else ""
    return {f"{version}_{name}{middle}.sql": up, f"{version}_{name}.down.sql": down}
