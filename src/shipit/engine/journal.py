"""The journal of a release: the decision and the events, as JSON lines; never asked whether a step is done."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import asdict

from shipit import disk, masking
from shipit.engine import events


class Journal:
    """Appends to one file; a line is on disk before `write` returns. Raises ExternalError when the disk refuses.

    What a crash or a full disk left of a line stays on a line of its own, which readers leave out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def decide(self, facts: Mapping[str, Any]) -> None:
        """Write down what was decided, before anything follows from it."""
        self.write("Decided", facts)

    def event(self, event: events.Event) -> None:
        if not isinstance(event, events.Said):
            self.write(type(event).__name__, asdict(event))

    def write(self, kind: str, facts: Mapping[str, Any]) -> None:
        text = json.dumps({"event": kind, **facts}, default=_plain, ensure_ascii=False)
        line = (masking.mask(text) + "\n").encode("utf-8", "surrogateescape")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                line = b"\n" + line if _is_torn(descriptor) else line
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            what, evidence = "the journal cannot be written", [f"while writing {kind}"]
            raise disk.refusal(what, error, str(self.path), evidence) from error


def _is_torn(descriptor: int) -> bool:
    """Whether the last line has no end."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _plain(value: object) -> object:
    if isinstance(value, Struct):
        return to_builtins(value)
    return str(value)
