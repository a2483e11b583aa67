"""The configuration in effect as a flat list: key, value, and where the value comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from shipit.config.checking import nested
from shipit.config.mistake import dotted
from shipit.config.settings import Settings
from shipit.config.wording import is_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key with its value; `secret` if the value is a reference to a secret (env:, file:, command:)."""

    key: str
    value: Any
    origin: str
    secret: bool


def listing(settings: Settings) -> Iterator[Entry]:
    """Every key that is in effect, in the order of the reference page."""
    return _entries(settings.config, settings.origins, "")


def _entries(section: msgspec.Struct, origins: Mapping[str, str], at: str) -> Iterator[Entry]:
    for field in msgspec.structs.fields(section):
        key = dotted(at, field.encode_name)
        value = getattr(section, field.name)
        table, several = nested(field.type)
        if table is not None and value is None:
            continue  # a table that may be left out has no values of its own
        if table is None:
            secret = is_secret(inspect.type_info(field.type))
            yield Entry(key=key, value=value, origin=origins.get(key, "default"), secret=secret)
        else:
            for name, inner in value.items() if several else [("", value)]:
                yield from _entries(inner, origins, dotted(key, name))
