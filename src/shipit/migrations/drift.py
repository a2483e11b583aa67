"""What a schema consists of, and which of its objects are others than they were."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

MOST = 20
"""So many objects are named; a schema that was replaced as a whole has thousands."""


class Schema(NamedTuple):
    """A fingerprint, and the objects that it stands for: `table public.a` to the sha256 of its definition."""

    fingerprint: str
    objects: Mapping[str, str]


def differences(was: Mapping[str, str], now: Mapping[str, str]) -> Sequence[str]:
    """A line for each object that appeared, is gone or has another definition, in the order of their names."""
    names = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    lines = [f"{_how(name, was, now)}: {name}" for name in names[:MOST]]
    return [*lines, f"and {len(names) - MOST:,} more"] if len(names) > MOST else lines


def _how(name: str, was: Mapping[str, str], now: Mapping[str, str]) -> str:
    if name not in was:
        return "appeared"
    return "changed" if name in now else "gone"
