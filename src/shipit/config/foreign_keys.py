"""What is said of one key of another tool: its counterpart in shipit, or why it has none."""

import re
from typing import Any

from msgspec import Struct

FILES = "version.files"
MENTIONS = "version.mentions"
LISTS = frozenset({FILES, MENTIONS})
"""Keys to which several keys of one tool add."""


_LINED = (".py", ".pyi", ".cfg", ".ini", ".yaml", ".yml")


def is_line(path: str, name: str) -> bool:
    """Whether the version is read from the line of this name; elsewhere each line with it is rewritten."""
    is_package = path.rpartition("/")[2] == "package.json" and name == "version"
    return is_package or (path.endswith(_LINED) and re.fullmatch(r"[A-Za-z_]\w*", name) is not None)


class Unable(Struct, frozen=True):
    """Stands for a value that has no counterpart in shipit, with the reason."""

    why: str


class Found(Struct, frozen=True, kw_only=True):
    """A key of another tool with its value as shipit spells it.

    `key` is shipit's, empty where it has none, for the reason in `why`. `settles` is what a person may set instead:
    it is named wherever a version is decided; without it nobody needs to know, since nothing comes out differently.
    """

    name: str
    key: str = ""
    value: Any = None
    settles: str = ""
    why: str = "shipit has no such setting"


NO_SWITCH = Unable("expected true or false")


def switch(value: Any) -> Any:
    """A truth value as it is."""
    return value if isinstance(value, bool) else NO_SWITCH


def inverted(value: Any) -> Any:
    """The other truth value."""
    return not value if isinstance(value, bool) else NO_SWITCH
