"""[tool.shipit] → frozen Config, with a JSON schema made from the same types.

A light command needs a fifth of what these rooms import, so each is opened when something in it is first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shipit.config.database_tables import Environment, Migrations, Notify
    from shipit.config.listing import Entry, listing
    from shipit.config.loading import load
    from shipit.config.packages import for_package
    from shipit.config.project import Project, open_project
    from shipit.config.pyproject import is_dynamic, project_name
    from shipit.config.schema import schema
    from shipit.config.settings import Settings, read
    from shipit.config.tables import (
        Branches,
        Build,
        Changelog,
        Config,
        Forge,
        Gate,
        Index,
        Package,
        ReleaseOptions,
        Versioning,
    )
    from shipit.config.values import Secret, Section

__all__ = [
    "Branches",
    "Build",
    "Changelog",
    "Config",
    "Entry",
    "Environment",
    "Forge",
    "Gate",
    "Index",
    "Migrations",
    "Notify",
    "Package",
    "Project",
    "ReleaseOptions",
    "Secret",
    "Section",
    "Settings",
    "Versioning",
    "for_package",
    "is_dynamic",
    "listing",
    "load",
    "open_project",
    "project_name",
    "read",
    "schema",
]

_ROOMS = {
    "listing": ("Entry", "listing"),
    "loading": ("load",),
    "packages": ("for_package",),
    "project": ("Project", "open_project"),
    "pyproject": ("is_dynamic", "project_name"),
    "schema": ("schema",),
    "settings": ("Settings", "read"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - light commands name the rooms themselves

    room = import_module(f"{__name__}.{next((room for room, names in _ROOMS.items() if name in names), 'tables')}")
    # two functions are named like their rooms, and importing a room puts the room under that name
    globals().update({known: getattr(room, known) for known in __all__ if hasattr(room, known)})
    return globals()[name]
