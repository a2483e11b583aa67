"""Notify people of the end of a run through a command of the project's own."""

import json
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from shipit import masking
from shipit.adapters import process
from shipit.errors import Stop
from shipit.model import Notice

PATIENCE = 30.0
"""Seconds after which the command is ended: nobody waits longer for a notification."""


class CommandNotifier(Struct, frozen=True):
    """Plays ports.Notifier: `command` runs at `top` with the event as one JSON object on standard input."""

    command: str | Sequence[str]
    top: Path
    patience: float = PATIENCE

    def notify(self, notice: Notice) -> Sequence[str]:
        """Returns why the command failed, in words; raises nothing."""
        event = {"title": notice.title, "body": notice.body, "failed": notice.failed, **notice.facts}
        data = masking.mask(json.dumps(event, ensure_ascii=False)).encode("utf-8", "backslashreplace")
        argv = process.words(self.command)
        try:
            finished = process.run(argv, cwd=self.top, data=data, timeout=self.patience)
        except Stop as why:
            return (why.what,)
        if finished.code:
            last = finished.stderr.strip().splitlines()[-1:] or [f"exit code {finished.code}"]
            return (f"`{argv[0]}` failed: {last[0]}",)
        return ()
