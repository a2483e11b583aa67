"""[tool.shipit] → frozen Config, with a JSON schema made from the same types."""

from shipit.config.listing import Entry, listing
from shipit.config.loading import Settings, load, read
from shipit.config.packages import for_package
from shipit.config.project import is_dynamic, project_name
from shipit.config.schema import schema
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
    Secret,
    Section,
    Versioning,
)

__all__ = [
    "Branches",
    "Build",
    "Changelog",
    "Config",
    "Entry",
    "Forge",
    "Gate",
    "Index",
    "Package",
    "ReleaseOptions",
    "Secret",
    "Section",
    "Settings",
    "Versioning",
    "for_package",
    "is_dynamic",
    "listing",
    "load",
    "project_name",
    "read",
    "schema",
]
