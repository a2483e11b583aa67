"""[tool.shipit]: the table that holds all others."""

from typing import Annotated

from msgspec import Meta, field

from shipit.config.tables.branches import Branches
from shipit.config.tables.changelog import Changelog
from shipit.config.tables.distribution import Distribution
from shipit.config.tables.environments import Environment
from shipit.config.tables.forge import Forge
from shipit.config.tables.gates import Gate
from shipit.config.tables.images import ImageOptions, RegistryOptions
from shipit.config.tables.index import Index
from shipit.config.tables.migrations import Migrations
from shipit.config.tables.notify import Notify
from shipit.config.tables.packages import Package
from shipit.config.tables.protection import Protection
from shipit.config.tables.release import ReleaseOptions
from shipit.config.tables.section import Section
from shipit.config.tables.security import Security
from shipit.config.tables.values import InsidePath, Name, spell_paths
from shipit.config.tables.version import Versioning
from shipit.config.tables.workflows import Workflows


class Config(Section, frozen=True):
    """All of [tool.shipit]."""

    name: Annotated[Name | None, Meta(description="project name on the index; project.name if left out")] = None
    reports: Annotated[
        InsidePath, Meta(description="folder for what a run leaves for people and CI, such as the audit log")
    ] = "reports"
    branches: Branches = Branches()
    version: Versioning = Versioning()
    changelog: Changelog = Changelog()
    gates: Annotated[
        dict[Name, Gate],
        Meta(description="commands that must pass before anything is pushed, by a name of their own"),
    ] = field(default_factory=dict[str, Gate])
    security: Security = Security()
    distribution: Distribution = Distribution()
    forge: Forge = Forge()
    index: Index = Index()
    release: ReleaseOptions = ReleaseOptions()
    registry: RegistryOptions = RegistryOptions()
    images: Annotated[
        dict[Name, ImageOptions], Meta(description="container images that are built from the commit, by name")
    ] = field(default_factory=dict[str, ImageOptions])
    environments: Annotated[dict[Name, Environment], Meta(description="places where the product runs, by name")] = (
        field(default_factory=dict[str, Environment])
    )
    migrations: Migrations = Migrations()
    notify: Notify = Notify()
    protection: Protection = Protection()
    workflows: Workflows = Workflows()
    packages: Annotated[dict[Name, Package], Meta(description="packages in folders of the repository, by name")] = (
        field(default_factory=dict[str, Package])
    )

    def __post_init__(self) -> None:
        spell_paths(self, "reports")
