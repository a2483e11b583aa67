"""All mistakes in a table at once: what was expected, what was found, and the nearest known key."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from shipit.config.mistake import Mistake, dotted, is_table
from shipit.config.tables import Config
from shipit.config.wording import expected, is_secret, plain_types, show_value


def mistakes(raw: object, table: type[msgspec.Struct] = Config, at: str = "") -> Iterator[Mistake]:
    """The mistakes in this table and in everything below it; `at` is its dotted key."""
    if not is_table(raw):
        yield Mistake(key=at, what=f"expected a table, found {show_value(raw)}")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(table)}
    for key in raw:
        if key not in fields:
            yield _unknown(key, at, list(fields))
    for name, field in fields.items():
        if name in raw:
            yield from _value_mistakes(raw[name], field.type, dotted(at, name))
        elif field.required:
            what = f"missing, expected {expected(inspect.type_info(field.type))}"
            yield Mistake(key=dotted(at, name), what=what)


def key_mistakes(value: object, key: str) -> list[Mistake]:
    """The mistakes that a value would be under this dotted key, which leads through no table with free names."""
    annotation: Any = Config
    for name in key.split("."):
        annotation = next(f.type for f in msgspec.structs.fields(annotation) if f.encode_name == name)
    return list(_value_mistakes(value, annotation, key))


def nested(annotation: object) -> tuple[type[msgspec.Struct] | None, bool]:
    """The table that a field of this type holds, if any, and whether it holds several of them by name."""
    match plain_types(inspect.type_info(annotation)):
        case [inspect.StructType(cls=table)]:
            return table, False
        case [inspect.DictType(value_type=inspect.StructType(cls=table))]:
            return table, True
    return None, False


def listed(annotation: object) -> type[msgspec.Struct] | None:
    """The table of which a field of this type holds a list, if any."""
    match plain_types(inspect.type_info(annotation)):
        case [inspect.VarTupleType(item_type=inspect.StructType(cls=table))]:
            return table
    return None


def leaves(table: type[msgspec.Struct] = Config, at: str = "") -> Iterator[tuple[str, msgspec.structs.FieldInfo]]:
    """Every key that holds a value, with its field; a table with free names is `gates.NAME`."""
    for field in msgspec.structs.fields(table):
        inner, several = nested(field.type)
        key = dotted(at, field.encode_name, "NAME" if several else "")
        if inner is None:
            yield key, field
        else:
            yield from leaves(inner, key)


def _value_mistakes(value: object, annotation: Any, at: str) -> Iterator[Mistake]:
    table, several = nested(annotation)
    row = listed(annotation)
    if row is not None and isinstance(value, list):
        for number, one in enumerate(value):
            yield from mistakes(one, row, f"{at}[{number}]")
    elif table is None:
        yield from _plain_mistakes(value, annotation, at)
    elif several and is_table(value):
        for name, one in value.items():
            yield from _name_mistakes(name, annotation, at)
            yield from mistakes(one, table, dotted(at, name))
    else:
        yield from mistakes(value, table, at)


def _name_mistakes(name: str, annotation: Any, at: str) -> Iterator[Mistake]:
    for info in plain_types(inspect.type_info(annotation)):
        key_type = info.key_type if isinstance(info, inspect.DictType) else info
        [plain] = plain_types(key_type)
        if isinstance(plain, inspect.StrType) and not re.search(plain.pattern or "", name):
            what = f"expected {expected(key_type)}, found {show_value(name)}"
            yield Mistake(key=dotted(at, name), what=what)


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
    """For each item of a list or a table: its key, a container of it alone, and its type."""
    for member in plain_types(info):
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
    found = "something that is not shown" if is_secret(info) else show_value(value)
    choices = [
        str(one) for member in plain_types(info) if isinstance(member, inspect.LiteralType) for one in member.values
    ]
    near = _nearest(str(value), choices)
    return Mistake(key=at, what=f"expected {expected(info)}, found {found}", nearest=near)


def _unknown(key: str, at: str, siblings: list[str]) -> Mistake:
    """A mistake that names the nearest key of the same table, else one of another table whose last part is near."""
    near = _nearest(key, siblings)
    if near:
        nearest: str | None = dotted(at, near)
    else:
        # the first of several wins: packages.NAME.tag-format is not what somebody means by tag-format
        elsewhere = {known.rpartition(".")[2]: known for known, _ in reversed(list(leaves()))}
        near_elsewhere = _nearest(key, list(elsewhere))
        nearest = near_elsewhere and elsewhere[near_elsewhere]
    return Mistake(key=dotted(at, key), what="unknown key", nearest=nearest)


def _nearest(word: str, known: list[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - needed only where there is a mistake

    return next(iter(get_close_matches(word.replace("_", "-"), known, n=1)), None)
