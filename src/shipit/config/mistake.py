"""What a mistake in the configuration is, and what every room that looks for one needs."""

import re
from typing import Any, TypeGuard

from msgspec import Struct


class Mistake(Struct, frozen=True):
    """One mistake: the dotted key as shipit.toml spells it, what is wrong, and the key that was meant."""

    key: str
    what: str
    nearest: str | None = None


def is_table(raw: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(raw, dict)


def dotted(at: str, *names: str) -> str:
    """A key below another; what TOML would quote is quoted."""
    quoted = [name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"' for name in names if name]
    return ".".join([at, *quoted] if at else quoted)
