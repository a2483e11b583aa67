"""Types and values of the configuration in words, without ever showing a secret."""

import re
from typing import Any

from msgspec import inspect

_LONGEST = 60


def expected(info: inspect.Type) -> str:
    """What a value of this type must be, in words."""
    match info:
        case inspect.Metadata(extra={"expected": str(words)}):
            return words
        case inspect.Metadata(type=inner):
            return expected(inner)
        case inspect.UnionType():
            return " or ".join(
                expected(member) for member in info.types if not isinstance(member, inspect.NoneType)
            )
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(map(str, values))
        case inspect.VarTupleType(item_type=item):
            return f"a list, each {expected(item)}"
        case inspect.DictType(value_type=value):
            return f"a table, each {expected(value)}"
        case inspect.IntType() | inspect.FloatType():
            return _number(info)
    return {inspect.BoolType: "true or false", inspect.StructType: "a table"}.get(type(info), "a text")


def show_value(value: object) -> str:
    """A value as TOML writes it, shortened; users and passwords in addresses are left out."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            text = re.sub(r"//[^/]*@", "//***@", value)
            return f'"{text[:_LONGEST]}…"' if len(text) > _LONGEST else f'"{text}"'
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
    return str(value)


def plain_types(info: inspect.Type) -> list[inspect.Type]:
    """The types that a value may have, without descriptions and without none."""
    match info:
        case inspect.Metadata(type=inner):
            return plain_types(inner)
        case inspect.UnionType(types=members):
            return [one for member in members for one in plain_types(member)]
        case inspect.NoneType():
            return []
    return [info]


def is_secret(info: inspect.Type) -> bool:
    """Whether a value of this type refers to a secret, so that a wrong value may be the secret itself."""
    match info:
        case inspect.Metadata(type=inner, extra=extra):
            return bool((extra or {}).get("secret")) or is_secret(inner)
        case inspect.UnionType(types=members):
            return any(map(is_secret, members))
    return False


def _number(info: inspect.IntType | inspect.FloatType) -> str:
    bounds: list[tuple[str, Any]] = [
        ("above", info.gt),
        ("from", info.ge),
        ("below", info.lt),
        ("to", info.le),
    ]
    words = ["a whole number" if isinstance(info, inspect.IntType) else "a number"]
    return " ".join(words + [f"{word} {bound:g}" for word, bound in bounds if bound is not None])
