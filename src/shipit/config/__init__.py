"""[tool.shipit] as a frozen Config, where each value comes from, and a JSON schema made from the same types.

A light command needs a fifth of what these modules import, so each is imported when a name of it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shipit.config.listing import Entry, listing
    from shipit.config.loading import load
    from shipit.config.packages import for_package
    from shipit.config.project import Project, open_project
    from shipit.config.pyproject import project_name
    from shipit.config.schema import schema
    from shipit.config.settings import Settings, read
    from shipit.config.tables import (
        Branches,
        Changelog,
        Config,
        DatabaseOptions,
        Distribution,
        Environment,
        Forge,
        Gate,
        ImageOptions,
        Index,
        Migrations,
        Notify,
        Package,
        Protection,
        RegistryOptions,
        ReleaseOptions,
        Security,
        SecurityWaiver,
        Smoke,
        SmokeCheck,
        TargetOptions,
        Versioning,
        Workflows,
    )

__all__ = [
    "Branches",
    "Changelog",
    "Config",
    "DatabaseOptions",
    "Distribution",
    "Entry",
    "Environment",
    "Forge",
    "Gate",
    "ImageOptions",
    "Index",
    "Migrations",
    "Notify",
    "Package",
    "Project",
    "Protection",
    "RegistryOptions",
    "ReleaseOptions",
    "Security",
    "SecurityWaiver",
    "Settings",
    "Smoke",
    "SmokeCheck",
    "TargetOptions",
    "Versioning",
    "Workflows",
    "for_package",
    "listing",
    "load",
    "open_project",
    "project_name",
    "read",
    "schema",
]

_MODULES = {
    "Entry": "listing",
    "Project": "project",
    "Settings": "settings",
    "for_package": "packages",
    "listing": "listing",
    "load": "loading",
    "open_project": "project",
    "project_name": "pyproject",
    "read": "settings",
    "schema": "schema",
}
"""where a name is defined, if not in `tables`"""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - light commands import the modules by their own names

    module = import_module(f"{__name__}.{_MODULES.get(name, 'tables')}")
    # two functions are named like their modules, and the import system puts the module under that name
    globals().update({public: getattr(module, public) for public in __all__ if hasattr(module, public)})
    return globals()[name]
