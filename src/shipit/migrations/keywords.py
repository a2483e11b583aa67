"""A light reading of SQL by its key words, where there is no tree (SQLite): what is made, dropped, written."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from msgspec import Struct

from shipit.migrations.model import Statement
from shipit.migrations.statements import skip_blank

_PART = r"(?:\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|[\w$]+)"
_NAME = rf"({_PART}(?:\s*\.\s*{_PART})?)"
_IF = r"(?:IF EXISTS )?"
_SORT = r"(?:TEMP |TEMPORARY |VIRTUAL )?"
_WITH = r"(?:WITH\b.*?)?"
_COLUMN = r"(?:COLUMN )?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace(" ", r"\s+"), re.IGNORECASE | re.DOTALL)


class Act(Struct, frozen=True):
    """What a statement does, by name, to which table, and to which column of it."""

    verb: str
    table: str
    column: str = ""


_WORD = re.compile(r"\w+")
_SETTING = re.compile(r"PRAGMA\s+(?:\w+\s*\.\s*)?(\w+)\s*[=(]\s*['\"]?([\w+-]*)", re.IGNORECASE)


@cache  # where there are trees nobody asks, and to compile them all takes 6 ms
def _patterns() -> Sequence[tuple[str, re.Pattern[str]]]:
    return (
        ("create table if not there", _pattern(rf"CREATE {_SORT}TABLE IF NOT EXISTS {_NAME}")),
        ("create table", _pattern(rf"CREATE {_SORT}TABLE {_NAME}")),
        ("drop table", _pattern(rf"DROP TABLE {_IF}{_NAME}")),
        ("rename table", _pattern(rf"ALTER TABLE {_NAME} RENAME TO {_NAME}")),
        ("add column", _pattern(rf"ALTER TABLE {_NAME} ADD {_COLUMN}{_NAME}")),
        ("drop column", _pattern(rf"ALTER TABLE {_NAME} DROP {_COLUMN}{_NAME}")),
        ("delete", _pattern(_WITH + rf"DELETE\s+FROM {_NAME}")),
        ("replace", _pattern(rf"REPLACE INTO {_NAME}")),
        ("replace", _pattern(rf"{_WITH}INSERT OR REPLACE INTO {_NAME}")),
        ("replace", _pattern(rf"{_WITH}INSERT (?:OR \w+ )?INTO {_NAME}.*\bON CONFLICT\b.*\bDO UPDATE\b")),
        ("insert", _pattern(rf"{_WITH}INSERT (?:OR \w+ )?INTO {_NAME}")),
        ("update", _pattern(rf"{_WITH}UPDATE (?:OR \w+ )?{_NAME}")),
    )


def first_word(statement: Statement) -> str:
    """In capitals; empty where no word stands first."""
    found = _WORD.match(statement.text, skip_blank(statement.text))
    return found[0].upper() if found else ""


def setting(statement: Statement) -> tuple[str, str]:
    """A PRAGMA that sets something: its name and the value, in small letters; empty for every other statement."""
    found = _SETTING.match(statement.text, skip_blank(statement.text))
    return (found[1].lower(), found[2].lower()) if found else ("", "")


def acts(statements: Sequence[Statement]) -> Iterator[Act]:
    """What each of them does, as far as the first words tell."""
    for statement in statements:
        start = skip_blank(statement.text)
        for verb, pattern in _patterns():
            found = pattern.match(statement.text, start)
            if found:
                yield Act(verb, *(_plain(name) for name in found.groups()))
                break


def _plain(name: str) -> str:
    parts = re.split(r"\s*\.\s*", name)
    return parts[-1].strip('"`[]')
