"""The audit file: one JSON line for each thing that happened to a database, on disk before the next one."""

import errno
import json
import os
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shipit import masking

KEYS = frozenset(
    {
        # what happened
        "event",
        "command",
        "name",
        "summary",
        "what",
        "outcome",
        "detail",
        "seconds",
        # to which database
        "environment",
        "host",
        "port",
        "database",
        "user",
        "server",
        # by whom
        "run",
        "actor",
        "tool",
        # with which effect
        "version",
        "migrations",
        "rows",
        "backup",
        "size",
        "sha256",
        "fingerprint",
        "kept",
        "gap",
        "lost",
    }
)
"""All that may stand in a record beside `time`: none of them is ever a secret."""

_IN_ADDRESS = re.compile(r"(?<=://)\S*@")
"""User and password of an address within a text; a password that nobody encoded may hold `/` and `@`."""


class AuditFile:
    """Appends to one file, which only its owner may read."""

    def __init__(
        self, path: Path, top: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """`top`, where it is given, is the folder that no link may lead out of."""
        self.path = path
        self._top = top
        self._now = now

    def append(self, record: Mapping[str, object]) -> str:
        """Write the record with the time; returns why it could not be written, or an empty text.

        Raises ValueError for a key that is not in KEYS: that is a mistake of ours.
        """
        line = self._line(record)
        target = os.path.realpath(self.path)
        if self._top and not Path(target).is_relative_to(os.path.realpath(self._top)):
            return f"the audit file {self.path} cannot be written: it leads out of the repository, to {target}"
        try:
            _make_ignored(self.path.parent)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                _write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            return f"the audit file {self.path} cannot be written: {error.strerror or error}"
        return ""

    def read(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """The last records, oldest first; a line that was torn by a crash is left out."""
        try:
            with self.path.open("rb") as file:
                records: deque[Mapping[str, Any]] = deque(
                    (record for line in file if (record := _read(line))), limit
                )
        except FileNotFoundError:
            return ()
        return tuple(records)

    def _line(self, record: Mapping[str, object]) -> bytes:
        unknown = sorted(set(record) - KEYS)
        if unknown:
            raise ValueError(f"no audit record has {', '.join(unknown)}")
        facts = {key: _plain(value) for key, value in record.items()}
        time = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
        text = json.dumps({"time": time, **facts}, ensure_ascii=False)
        return (masking.mask(text) + "\n").encode("utf-8", "backslashreplace")


def _plain(value: object) -> object:
    """What JSON can hold; whatever is no number becomes text in which no address shows a password."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return _IN_ADDRESS.sub("", masking.mask(str(value)))


def _make_ignored(folder: Path) -> None:
    """Make the folder of reports if it is not there, and let git ignore what will be in it."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _write(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line  # a run was killed in the middle of its line: keep ours apart from it
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)


def _read(line: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
