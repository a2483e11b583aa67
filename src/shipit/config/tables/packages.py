"""[tool.shipit.packages.NAME]: several packages in one repository."""

from typing import Annotated

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import REF, InsidePath, Name, OptionalPath, VersionLocation, spell_paths, text
from shipit.config.tables.version import SemanticVersion

PackageTagFormat = Annotated[
    str,
    text(
        rf"(?![-/.])(?:{REF}|\{{name\}})*\{{version\}}(?:{REF}|\{{name\}})*",
        "a tag name with {version} in it exactly once; {name} is filled in",
    ),
]


class Package(Section, frozen=True):
    """One of several packages in the repository: released on its own, from the commits that touch its folder.

    Paths are relative to that folder. What is not set here is as for the whole repository.
    """

    path: Annotated[InsidePath, Meta(description="folder of the package; the build runs there")]
    name: Annotated[
        Name | None, Meta(description="name on the index; project.name there, else NAME, if left out")
    ] = None
    tag_format: Annotated[
        PackageTagFormat, Meta(description="tag name; {name} (that is NAME) and {version} are filled in")
    ] = "{name}-v{version}"
    initial: Annotated[
        SemanticVersion | None, Meta(description="version of its first release; version.initial if left out")
    ] = None
    files: Annotated[
        tuple[VersionLocation, ...] | None,
        Meta(description="where the version is written, as in version.files; found as there if left out"),
    ] = None
    changelog: Annotated[OptionalPath, Meta(description="the package's changelog; an empty text for none")] = (
        "CHANGELOG.md"
    )

    def __post_init__(self) -> None:
        spell_paths(self, "path", "files", "changelog")
