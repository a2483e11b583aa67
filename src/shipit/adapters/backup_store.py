"""A backup is taken to another machine by a command, since the disk of a CI runner does not outlive its job."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from shipit.adapters import process
from shipit.engine.plan import Say
from shipit.errors import ExternalError

FILE = "{file}"
_LAST = 5


class CommandStore(Struct, frozen=True):
    """Plays migrate.ports.BackupStore: `command` runs at `top`; {file} becomes the backup's path."""

    command: str | Sequence[str]
    top: Path

    def put(self, path: str, say: Say) -> None:
        """Raises ExternalError if the command fails, UsageError if there is no such program."""
        argv = [word.replace(FILE, path) for word in process.words(self.command)]
        finished = process.follow(argv, say, cwd=self.top)
        if finished.code:
            raise ExternalError(
                "the backup could not be stored elsewhere, so nothing was migrated",
                where=f"`{argv[0]}` ended with exit code {finished.code}",
                evidence=finished.text.splitlines()[-_LAST:],
                hint=f"the backup itself is at {path}; fix database.backup.store, then run again",
            )
        say(f"stored by `{argv[0]}`")
