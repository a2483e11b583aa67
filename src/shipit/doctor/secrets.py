"""The secrets that a configuration refers to, and whether they are set: none is read, no command is run."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from shipit.config import Entry
from shipit.config.mistake import dotted
from shipit.doctor.model import Surroundings
from shipit.doctor.ports import Tools

_REFERENCE = re.compile(r"(env|file|command):.")
_FORGE = "forge.token"


class Secret(Struct, frozen=True, kw_only=True):
    """Where the value of a key comes from, and in which state that is; `is_here` is None where nobody looked."""

    key: str
    source: str
    state: str
    is_here: bool | None
    is_required: bool = False

    @property
    def lacks(self) -> bool:
        """Whether it is required and not here."""
        return self.is_required and self.is_here is False


def secrets(
    entries: Sequence[Entry], around: Surroundings, tools: Tools, environment: str = ""
) -> Sequence[Secret]:
    """Those of the configuration; those of the environment are required if one is named."""
    below = dotted("environments", environment) + "."
    return [
        _secret(key, source, around, tools, is_required=bool(environment) and key.startswith(below))
        for key, source in _references(entries)
    ]


def is_reference(value: object) -> bool:
    """Whether a value says where a secret is."""
    return isinstance(value, str) and _REFERENCE.match(value) is not None


def _references(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Variables of targets may be references too; that of the forge is one by default, needed on GitHub alone."""
    values = {one.key: one.value for one in entries}
    for one in entries:
        if one.key == _FORGE and one.origin == "default" and values["forge.kind"] != "github":
            continue
        if isinstance(one.value, dict) and one.key.endswith(".variables"):
            yield from ((dotted(one.key, name), value) for name, value in one.value.items() if is_reference(value))
        elif one.secret and is_reference(one.value):
            yield one.key, one.value


def _secret(key: str, source: str, around: Surroundings, tools: Tools, *, is_required: bool) -> Secret:
    kind, _, rest = source.partition(":")
    if kind == "command":
        return Secret(key=key, source="command", state="not run", is_here=None, is_required=is_required)
    is_here = bool(around.variables.get(rest)) if kind == "env" else tools.is_readable(rest)
    words = {"env": ("not set here", "set"), "file": ("not readable here", "readable")}[kind]
    return Secret(key=key, source=source, state=words[is_here], is_here=is_here, is_required=is_required)
