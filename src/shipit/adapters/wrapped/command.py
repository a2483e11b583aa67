"""Any other tool: the commands that the configuration names, without a shell."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from shipit.adapters import process
from shipit.adapters.wrapped.child import Child
from shipit.engine.plan import Say
from shipit.errors import UsageError

Line: TypeAlias = str | Sequence[str]

_TO = "{to}"
_CANNOT = (
    "what it does is not known: no hazards are named, no locks foretold, nothing is rehearsed",
    "whether one that fails leaves a part of its work depends on the tool",
    "no lock_timeout is set, and a COMMIT whose answer was lost is not settled",
)
_NO_STATUS = (
    "what is pending is not known, so every run backs up and starts the tool: set migrations.status-command"
)
_NO_WAY_BACK = "nothing can be rolled back: set migrations.rollback-command"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTool:
    """Plays databases.Tool; commands run at `top`; `timeout` in seconds is for upgrades and downgrades."""

    top: Path
    command: Line
    status_command: Line | None = None
    rollback_command: Line | None = None
    timeout: float | None = None

    @property
    def name(self) -> str:
        """The program, as people call it."""
        return Path(_words(self.command, "command")[0]).name

    def cannot(self) -> Sequence[str]:
        return (
            *_CANNOT,
            *([] if self.status_command else [_NO_STATUS]),
            *([] if self.rollback_command else [_NO_WAY_BACK]),
        )

    def pending(self, database_url: str) -> Sequence[str] | None:
        """One for each line that status-command prints; None without one."""
        if self.status_command is None:
            return None
        said = self._child.ask(_words(self.status_command, "status-command"), database_url)
        return tuple(line.strip() for line in said.splitlines() if line.strip())

    def upgrade(self, database_url: str, to: str | None, say: Say) -> None:
        self._child.follow(_filled(self.command, "command", to), database_url, say, self.timeout)

    def downgrade(self, database_url: str, to: str, say: Say) -> None:
        if self.rollback_command is None:
            raise UsageError(
                f"it is not known how {self.name} rolls back",
                where="[tool.shipit.migrations]",
                hint='rollback-command = ["mytool", "down", "{to}"]',
            )
        self._child.follow(_filled(self.rollback_command, "rollback-command", to), database_url, say, self.timeout)

    @property
    def _child(self) -> Child:
        return Child(name=self.name, folder=self.top, top=self.top)


def _words(line: Line, key: str) -> Sequence[str]:
    """A text is split as a shell would, but no shell sees it."""
    try:
        words = process.words(line)
    except ValueError as error:
        raise UsageError(f"migrations.{key} is no command", evidence=[str(error)]) from None
    if not words or not words[0]:
        raise UsageError(f"migrations.{key} names no command")
    return words


def _filled(line: Line, key: str, to: str | None) -> Sequence[str]:
    """The words with the version in place of {to}; without a version, words that would hold it are left out."""
    words = _words(line, key)
    if to is None:
        return [word for word in words if _TO not in word]
    if not any(_TO in word for word in words):
        raise UsageError(
            f"migrations.{key} takes no version: no word of it holds {_TO}",
            hint="leave --to out, or put {to} where the version belongs",
        )
    if to.startswith("-"):
        raise UsageError(f"{to} would be taken for an option", hint="a version does not begin with `-`")
    return [word.replace(_TO, to) for word in words]
