"""Which other processes have the database open, where the system shows it."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def holders(path: Path) -> list[str]:
    """`pid 12 (gunicorn)` for each; empty where there is no /proc, and without those of other users."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    ours = os.getpid()
    found = [pid for pid in _pids() if pid != ours and _has_open(pid, wanted)]
    return [f"pid {pid} ({_name(pid)})" for pid in sorted(found)]


def _pids() -> Iterator[int]:
    try:
        yield from [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal()]
    except OSError:
        return


def _has_open(pid: int, wanted: os.stat_result) -> bool:
    try:
        return any(_is(entry, wanted) for entry in (_PROC / str(pid) / "fd").iterdir())
    except OSError:
        return False


def _is(entry: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(entry.stat(), wanted)
    except OSError:
        return False


def _name(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return "gone"
