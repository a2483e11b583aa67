"""commitizen's own files, TOML, JSON or YAML: the first one that has a table of commitizen's is taken whole."""

import json
from collections.abc import Callable
from typing import Any

from shipit.config.mistake import is_table
from shipit.config.sources import COMMITIZEN, Source, parse_toml, table
from shipit.errors import UsageError

_LONGEST = 1 << 20
"""Characters; a configuration has a few hundred."""
_MOST = 10_000
"""Values; what a YAML file names by aliases counts wherever it is named."""


def first(read: Callable[[str], str | None]) -> Source | None:
    """The table in the first of commitizen's files that has one; `read` gives the text of a file, None without it.

    Raises UsageError, as commitizen stops, for a file on the way there that cannot be understood.
    """
    for name in COMMITIZEN:
        text = read(name)
        if text is None:
            continue
        prefix = "tool.commitizen" if name.endswith(".toml") else "commitizen"
        whole = _parsed(text, name)
        found: Any = table(whole, *prefix.split(".")[:-1]).get("commitizen") if is_table(whole) else None
        if is_table(found):
            return Source(file=name, prefix=prefix, raw=found)
    return None


def _parsed(text: str, name: str) -> Any:
    if len(text) > _LONGEST:
        raise _refused(name, "it is larger than 1 MiB")
    if name.endswith(".toml"):
        return parse_toml(text, name)
    try:
        text = text.removeprefix("\ufeff")
        return json.loads(text) if name.endswith(".json") else _yaml(text, name)
    except ValueError as error:
        raise _refused(name, str(error)) from None
    except RecursionError:
        raise _refused(name, "it nests too deep") from None


def _yaml(text: str, name: str) -> Any:
    from msgspec import DecodeError, yaml  # noqa: PLC0415 - it loads the parser, which few projects need

    try:
        return _plain(yaml.decode(text), name, [0])
    except DecodeError as error:
        raise _refused(name, " ".join(str(error).split())) from None


def _plain(value: Any, name: str, counted: list[int]) -> Any:
    """A value with texts as keys; raises UsageError where its aliases repeat more than anybody writes."""
    counted[0] += 1
    if counted[0] > _MOST:
        raise _refused(name, "it holds, with its aliases, more values than anybody writes")
    if isinstance(value, dict):
        return {str(key): _plain(inner, name, counted) for key, inner in value.items()}
    return [_plain(inner, name, counted) for inner in value] if isinstance(value, list) else value


def _refused(name: str, why: str) -> UsageError:
    kind = name.rpartition(".")[2].upper()
    return UsageError(
        f"{name} is not valid {kind}",
        where=name,
        evidence=[why],
        hint="correct it; or, if commitizen is not used any more, remove it",
    )
