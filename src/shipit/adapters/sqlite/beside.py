"""Files that stand beside a database while a restore is at work, and what a killed one left of them."""

import glob
from contextlib import suppress
from pathlib import Path

RESTORE = "shipit-restore"
KEPT = "kept-"
_HALF_DONE = (f"{RESTORE}*", f"{KEPT}*.partial*")
"""With what SQLite itself puts beside them: -journal, -wal and -shm."""


def beside(path: Path, suffix: str) -> Path:
    """`acme.db.<suffix>`."""
    return path.with_name(f"{path.name}.{suffix}")


def sweep(path: Path) -> None:
    """Remove what is half done; only for whoever holds the lock of the database."""
    for pattern in _HALF_DONE:
        for left in path.parent.glob(f"{glob.escape(path.name)}.{pattern}"):
            with suppress(OSError):
                left.unlink()
