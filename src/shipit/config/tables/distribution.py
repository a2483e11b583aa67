"""[tool.shipit.distribution]: how sdist and wheel are built and tried."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, InsidePath, VariableNames, spell_paths


class Distribution(Section, frozen=True):
    """How sdist and wheel are built, and how they are tried before they are published."""

    run: Annotated[
        Command | None, Meta(description="own build command; the PEP 517 backend builds if left out")
    ] = None
    secrets: Annotated[
        VariableNames,
        Meta(description="variables with tokens or passwords that a build may see; all others are withheld"),
    ] = ()
    directory: Annotated[InsidePath, Meta(description="where an own build command leaves its files")] = "dist"
    isolation: Annotated[
        Literal["auto", "always", "never"],
        Meta(
            description="build in a fresh environment; auto: only if a build requirement is missing beside shipit"
        ),
    ] = "always"
    install: Annotated[bool, Meta(description="install the wheel in a fresh environment before releasing it")] = (
        True
    )
    sbom: Annotated[
        bool, Meta(description="attach an SBOM (CycloneDX) of the environment that `install` makes")
    ] = True

    def __post_init__(self) -> None:
        spell_paths(self, "directory")
