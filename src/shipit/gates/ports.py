"""What a gate asks of the outside: to run a command in a folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from shipit.engine.plan import Say


class Finished(Protocol):
    """A command that ended: `code` negative for a signal, `text` what it printed on both streams."""

    @property
    def code(self) -> int: ...

    @property
    def text(self) -> str: ...


class Commands(Protocol):
    """Runs commands and passes on their output."""

    def follow(
        self, argv: Sequence[str], say: Say, *, cwd: Path, env: Mapping[str, str | None], timeout: float
    ) -> Finished:
        """Run to the end; `env` is added to ours, None removes; `timeout` in seconds.

        Raises UsageError if there is no such program, Unavailable when the time is over.
        """
        ...


class Tree(Protocol):
    """The files that a gate runs on."""

    @property
    def path(self) -> Path:
        """Where they are, made when it is first asked."""
        ...

    @property
    def id(self) -> str:
        """The git id of the tree; empty for a work tree as it is."""
        ...
