"""A folder that one process has for itself for as long as it lives, though others may want it by the same name.

The claim is a lock on the folder itself (flock), which ends with the process, whatever ends it: what is not locked
was left by a run that is dead.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shipit.errors import Unavailable

_IN_ANY_CASE = 4
_MOST = 100
"""runs of one repository at once"""


@dataclass
class ClaimedFolder:
    """`base`, or the first of `base~2`, `base~3` … that no other living process has."""

    base: Path
    _held: "tuple[Path, int] | None" = field(default=None, init=False, repr=False, compare=False)

    def claim(self) -> Path:
        """The folder, ours until it is cleared or this process ends; one that a dead run left is gone on with.

        Raises OSError where it cannot be made, Unavailable where a hundred others live.
        """
        if self._held is None or not self._held[0].is_dir():
            self.release()
            there = self.find()
            self._held = (taken(there) if there else None) or self._made()
        return self._held[0]

    def find(self) -> Path | None:
        """The folder to read from: ours, else one that a dead run left, else none."""
        if self._held:
            return self._held[0]
        return next((path for path in _names(self.base) if path.is_dir() and _is_free(path)), None)

    def clear(self) -> None:
        """Remove ours, and what dead runs left under this name."""
        if self._held:
            shutil.rmtree(self._held[0], ignore_errors=True)
            self.release()
        sweep(self.base)

    def _made(self) -> tuple[Path, int]:
        self.base.parent.mkdir(parents=True, exist_ok=True)
        for path in (_name(self.base, number) for number in range(1, _MOST + 1)):
            try:
                path.mkdir(mode=0o700)
            except FileExistsError:
                if path.is_file():  # asked once: a folder may be gone by now
                    raise
            if held := taken(path):
                return held
        raise Unavailable("too many others are at work", where=str(self.base))

    def release(self) -> None:
        """Let the next one have it, with what is in it."""
        if self._held:
            os.close(self._held[1])
            self._held = None

    def __del__(self) -> None:
        self.release()


def sweep(base: Path) -> None:
    """Remove what dead runs left under this name."""
    for path in _names(base):
        if held := taken(path):
            shutil.rmtree(path, ignore_errors=True)
            os.close(held[1])


def _name(base: Path, number: int) -> Path:
    return base if number == 1 else base.with_name(f"{base.name}~{number}")


def _names(base: Path) -> Iterator[Path]:
    """In order: a few in any case, since the first ones may be gone again, and on as long as there are more."""
    for number in range(1, _MOST + 1):
        path = _name(base, number)
        yield path
        if number >= _IN_ANY_CASE and not path.exists():
            return


def taken(path: Path) -> tuple[Path, int] | None:
    """The folder with the descriptor that locks it, if it is there and nobody has it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):  # else it was removed while we were asking
            return path, descriptor
    os.close(descriptor)
    return None


def _is_free(path: Path) -> bool:
    held = taken(path)
    if held:
        os.close(held[1])
    return held is not None
