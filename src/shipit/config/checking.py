"""Every mistake in a table at once: what was expected, what was found, and the nearest known key."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from shipit.config.mistake import Mistake, dotted, is_table
from shipit.config.tables import Config
from shipit.config.wording import bare, expected, is_secret, shown


def mistakes(raw: object, table: type[msgspec.Struct] = Config, at: str = "") -> Iterator[Mistake]:
    """What is wrong with this table and with everything in it."""
    if not is_table(raw):
        yield Mistake(at, f"expected a table, found {shown(raw)}")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(table)}
    for key in raw:
        if key not in fields:
            yield _unknown(key, at, list(fields))
    for name, field in fields.items():
        if name in raw:
            yield from _value_mistakes(raw[name], field.type, dotted(at, name))
        elif field.required:
            yield Mistake(dotted(at, name), f"missing, expected {expected(inspect.type_info(field.type))}")


def key_mistakes(value: object, key: str) -> list[Mistake]:
    """What is wrong with one value if it stood under this dotted key (of tables with fixed names)."""
    annotation: Any = Config
    for name in key.split("."):
        annotation = next(f.type for f in msgspec.structs.fields(annotation) if f.encode_name == name)
    return list(_value_mistakes(value, annotation, key))


def nested(annotation: object) -> tuple[type[msgspec.Struct] | None, bool]:
    """The table that a field holds, if any, and whether it holds several of them by name."""
    match bare(inspect.type_info(annotation)):
        case [inspect.StructType(cls=table)]:
            return table, False
        case [inspect.DictType(value_type=inspect.StructType(cls=table))]:
            return table, True
    return None, False


def leaves(table: type[msgspec.Struct] = Config, at: str = "") -> Iterator[tuple[str, msgspec.structs.FieldInfo]]:
    """Every key that holds a value, tables by name as `gates.NAME`."""
    for field in msgspec.structs.fields(table):
        inner, several = nested(field.type)
        key = dotted(at, field.encode_name, "NAME" if several else "")
        if inner is None:
            yield key, field
        else:
            yield from leaves(inner, key)


def _value_mistakes(value: object, annotation: Any, at: str) -> Iterator[Mistake]:
    table, several = nested(annotation)
    if table is None:
        yield from _plain_mistakes(value, annotation, at)
    elif several and is_table(value):
        for name, one in value.items():
            yield from _name_mistakes(name, annotation, at)
            yield from mistakes(one, table, dotted(at, name))
    else:
        yield from mistakes(value, table, at)


def _name_mistakes(name: str, annotation: Any, at: str) -> Iterator[Mistake]:
    for info in bare(inspect.type_info(annotation)):
        key_type = info.key_type if isinstance(info, inspect.DictType) else info
        [plain] = bare(key_type)
        if isinstance(plain, inspect.StrType) and not re.search(plain.pattern or "", name):
            yield Mistake(dotted(at, name), f"expected {expected(key_type)}, found {shown(name)}")


def _plain_mistakes(value: object, annotation: Any, at: str) -> Iterator[Mistake]:
    """One mistake for a value, or one for each wrong item of a list or a table."""
    if _fits(value, annotation):
        return
    info = inspect.type_info(annotation)
    parts = list(_parts(value, info, at))
    for key, part, item in parts:
        if not _fits(part, annotation):
            yield _wrong(next(iter(part.values() if is_table(part) else part)), item, key)
    if not parts:
        yield _wrong(value, info, at)


def _parts(value: object, info: inspect.Type, at: str) -> Iterator[tuple[str, Any, inspect.Type]]:
    """Key, a container with this one item, and the item's type: for containers where one may stand."""
    for member in bare(info):
        match member:
            case inspect.VarTupleType(item_type=item) if isinstance(value, list):
                yield from ((f"{at}[{number}]", [one], item) for number, one in enumerate(value))
            case inspect.DictType(value_type=item) if is_table(value):
                yield from ((dotted(at, name), {name: one}, item) for name, one in value.items())


def _fits(value: object, annotation: Any) -> bool:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return False
    return True


def _wrong(value: object, info: inspect.Type, at: str) -> Mistake:
    found = "something that is not shown" if is_secret(info) else shown(value)
    choices = [
        str(one) for member in bare(info) if isinstance(member, inspect.LiteralType) for one in member.values
    ]
    near = _nearest(str(value), choices)
    return Mistake(at, f"expected {expected(info)}, found {found}", near)


def _unknown(key: str, at: str, siblings: list[str]) -> Mistake:
    """The nearest key of the same table, else one of another table whose last part is near."""
    near = _nearest(key, siblings)
    if near is None:
        # the first of several wins: packages.NAME.tag-format is not what somebody means by tag-format
        elsewhere = {known.rpartition(".")[2]: known for known, _ in reversed(list(leaves()))}
        near_elsewhere = _nearest(key, list(elsewhere))
        return Mistake(dotted(at, key), "unknown key", near_elsewhere and elsewhere[near_elsewhere])
    return Mistake(dotted(at, key), "unknown key", dotted(at, near))


def _nearest(word: str, known: list[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only who makes a mistake pays for it

    return next(iter(get_close_matches(word.replace("_", "-"), known, n=1)), None)
