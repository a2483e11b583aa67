"""The tables of [tool.shipit] as frozen types, one module per table; schema and reference are made from them."""

from shipit.config.tables.branches import Branches
from shipit.config.tables.changelog import Changelog
from shipit.config.tables.deployments import Smoke, SmokeCheck, TargetOptions
from shipit.config.tables.distribution import Distribution
from shipit.config.tables.environments import DatabaseOptions, Environment
from shipit.config.tables.forge import Forge
from shipit.config.tables.gates import Gate
from shipit.config.tables.images import ImageOptions, RegistryOptions
from shipit.config.tables.index import Index
from shipit.config.tables.migrations import Migrations
from shipit.config.tables.notify import Notify
from shipit.config.tables.packages import Package
from shipit.config.tables.protection import Protection
from shipit.config.tables.release import ReleaseOptions
from shipit.config.tables.root import Config
from shipit.config.tables.section import Section
from shipit.config.tables.security import SCANS, Security, SecurityWaiver
from shipit.config.tables.values import Secret
from shipit.config.tables.version import Versioning
from shipit.config.tables.workflows import Workflows

__all__ = [
    "SCANS",
    "Branches",
    "Changelog",
    "Config",
    "DatabaseOptions",
    "Distribution",
    "Environment",
    "Forge",
    "Gate",
    "ImageOptions",
    "Index",
    "Migrations",
    "Notify",
    "Package",
    "Protection",
    "RegistryOptions",
    "ReleaseOptions",
    "Secret",
    "Section",
    "Security",
    "SecurityWaiver",
    "Smoke",
    "SmokeCheck",
    "TargetOptions",
    "Versioning",
    "Workflows",
]
