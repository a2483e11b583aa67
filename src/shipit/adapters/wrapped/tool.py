"""Migration tools of other projects, wrapped: each plays databases.Tool."""

from pathlib import Path

from shipit.adapters.wrapped.alembic import Alembic
from shipit.adapters.wrapped.command import CommandTool
from shipit.adapters.wrapped.django import Django
from shipit.config import Migrations
from shipit.errors import UsageError

__all__ = ["Alembic", "CommandTool", "Django", "make"]


def make(settings: Migrations, folder: str, top: Path) -> Alembic | CommandTool | Django:
    """The tool that the configuration names.

    Raises UsageError where its files are not found in or around `folder`, or where there is no command.
    """
    if settings.engine == "alembic":
        return Alembic.find(top, folder)
    if settings.engine == "django":
        return Django.find(top, folder)
    if settings.command is None:
        raise UsageError(
            "engine command needs a command",
            where="[tool.shipit.migrations]",
            hint='command = ["mytool", "up"]; the address of the database is in DATABASE_URL',
        )
    return CommandTool(
        top=top,
        command=settings.command,
        status_command=settings.status_command,
        rollback_command=settings.rollback_command,
    )
