"""A Config with the keys of other tools, the origin of each value, and all mistakes at once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from shipit.config import foreign, sources
from shipit.config.checking import leaves, mistakes
from shipit.config.crossing import cross_mistakes
from shipit.config.mistake import Mistake, dotted, is_table
from shipit.config.packages import package_mistakes
from shipit.config.pyproject import default_files, version_mistakes
from shipit.config.sources import Documents, Source, table
from shipit.config.tables import Config
from shipit.errors import UsageError


class Settings(Struct, frozen=True, kw_only=True):
    """The configuration and, for each key that is not a default, where its value comes from."""

    top: Path
    config: Config
    origins: Mapping[str, str]
    not_taken: tuple[foreign.NotTaken, ...]


def read(start: Path) -> Settings:
    """Like load(git=False), with the origin of each value; raises the same."""
    top = sources.find_top(start, git=False)
    return make_settings(top, sources.read_from(start, top))


def make_settings(top: Path, documents: Documents) -> Settings:
    """The settings from the files of this work tree; raises UsageError that names all mistakes."""
    own = documents.own
    found = list(mistakes(own.raw))
    raw: dict[str, Any] = own.raw if is_table(own.raw) else {}
    origins = dict.fromkeys(_keys(raw), own.file)
    taken, not_taken = foreign.take_over(documents, origins)
    raw, origins = _merged(raw, taken), origins | {one.key: one.origin for one in taken}
    if "version.files" not in origins:
        files, reason = default_files(documents)
        raw = _with(raw, "version.files", list(files))
        origins |= {"version.files": reason}
    known = {one.key for one in found}
    crossing = [*cross_mistakes(raw), *version_mistakes(documents, table(raw, "version")["files"])]
    crossing += package_mistakes(raw, documents)
    found += [one for one in crossing if one.key not in known]
    _refuse(found, own)
    config = msgspec.convert(raw, Config)
    return Settings(top=top, config=config, origins=origins, not_taken=tuple(not_taken))


def _keys(raw: dict[str, Any], at: str = "") -> Iterator[str]:
    """The dotted keys that hold a value; a table of free keys (changelog.sections) is one value."""
    values = {key for key, _ in leaves()} if raw else ()
    for name, inner in raw.items():
        key = dotted(at, name)
        if is_table(inner) and key not in values:
            yield from _keys(inner, key)
        else:
            yield key


def _merged(raw: dict[str, Any], taken: Sequence[foreign.Taken]) -> dict[str, Any]:
    for one in taken:
        raw = _with(raw, one.key, one.value)
    return raw


def _with(raw: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A copy in which this dotted key has this value; what is no table where one belongs gives way."""
    name, _, rest = key.partition(".")
    return {**raw, name: _with(table(raw, name), rest, value) if rest else value}


def _refuse(found: Sequence[Mistake], own: Source) -> None:
    if not found:
        return
    raise UsageError(
        f"the configuration has {len(found)} mistake{'s' * (len(found) > 1)}",
        where=own.file,
        evidence=[_line(one, own) for one in found],
        hint="`shipit config schema` prints every key with its type",
    )


def _line(one: Mistake, own: Source) -> str:
    near = f"; nearest known: {one.nearest}" if one.nearest else ""
    return f"{own.locate(one.key)}: {one.what}{near}"
