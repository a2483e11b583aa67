"""What stands around a database: files, grammar, other tools, and notification."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from shipit.engine.plan import Say
from shipit.migrations.model import Parsed


class Syntax(Protocol):
    """The grammar of a dialect."""

    def read(self, path: str, text: str, line: int = 1) -> Parsed:
        """Split and parse a script that begins on `line` of its file; never raises."""
        ...


class Adoption(Protocol):
    """What another tool's version table says."""

    def found(self) -> Mapping[str, Sequence[str]]:
        """Tool (dbmate, golang-migrate, flyway, alembic, django) to the versions it calls applied."""
        ...


class Tool(Protocol):
    """Another project's migration tool, wrapped (engine alembic, django, command)."""

    @property
    def name(self) -> str: ...

    def cannot(self) -> Sequence[str]:
        """What shipit cannot promise with this tool, for the plan."""
        ...

    def pending(self, database_url: str) -> Sequence[str] | None:
        """The revisions that would be applied; None if the tool cannot tell."""
        ...

    def upgrade(self, database_url: str, to: str | None, say: Say) -> None:
        """Run it; the address goes through the environment, never argv. Raises ExternalError."""
        ...

    def downgrade(self, database_url: str, to: str, say: Say) -> None: ...


class Files(Protocol):
    """The folder of migrations."""

    def read(self) -> tuple[Mapping[str, bytes], Path]:
        """Relative path to bytes for every file in it, and where it is; raises UsageError without a folder."""
        ...


class BackupStore(Protocol):
    """Takes a backup to another machine."""

    def put(self, path: str, say: Say) -> None:
        """Raises ExternalError unless it was taken there, UsageError if there is no such program."""
        ...
