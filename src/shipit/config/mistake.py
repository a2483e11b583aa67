"""A mistake in the configuration, and what every module that looks for mistakes needs."""

import re
from typing import Any, TypeGuard

from msgspec import Struct


class Mistake(Struct, frozen=True, kw_only=True):
    """One mistake: the dotted key as shipit.toml spells it, what is wrong, and the key that was meant."""

    key: str
    what: str
    nearest: str | None = None


def is_table(raw: object) -> TypeGuard[dict[str, Any]]:
    """Whether a TOML value is a table."""
    return isinstance(raw, dict)


def dotted(at: str, *names: str) -> str:
    """A dotted key below another; names that TOML would quote are quoted."""
    quoted = [name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"' for name in names if name]
    return ".".join([at, *quoted] if at else quoted)
