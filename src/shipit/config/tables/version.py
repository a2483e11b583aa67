"""[tool.shipit.version]: where the version is written, and how the next one is decided."""

from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import force_setattr

from shipit.config.paths import plain_mention
from shipit.config.sources import DEFAULT_FILES
from shipit.config.tables.section import Section
from shipit.config.tables.values import REF, Mention, VersionLocation, spell_paths, text

TagFormat = Annotated[
    str, text(rf"(?![-/.]){REF}*\{{version\}}{REF}*", "a tag name with {version} in it exactly once")
]
SemanticVersion = Annotated[
    str, text(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?", "a version like 1.2.3 (SemVer)")
]
CommitType = Annotated[str, text(r"[^\s():!]+", "a commit type, one word")]


class Versioning(Section, frozen=True):
    """Where the version is written, and how the next one is decided."""

    files: Annotated[
        tuple[VersionLocation, ...],
        Meta(
            description="where the version is written: path:key.path for TOML and JSON, path:NAME for a "
            "variable, path for a file that holds nothing else; an empty list if only the tag holds it; left out: "
            "where the build backend reads it"
        ),
    ] = DEFAULT_FILES
    mentions: Annotated[
        tuple[Mention, ...],
        Meta(
            description="files in which the last version becomes the new one wherever it stands, like README.md, "
            "or path:PATTERN for the lines that a regular expression finds"
        ),
    ] = ()
    tag_format: Annotated[TagFormat, Meta(description="tag name; {version} is filled in")] = "v{version}"
    initial: Annotated[SemanticVersion, Meta(description="version of the first release")] = "0.1.0"
    major_on_zero: Annotated[
        bool, Meta(description="a breaking change in 0.x makes 1.0.0 instead of the next 0.x")
    ] = False
    commit_style: Annotated[
        Literal["conventional", "angular", "emoji", "scipy"], Meta(description="how commit messages are read")
    ] = "conventional"
    squash_bodies: Annotated[
        bool, Meta(description="read the list in a squash commit's body as separate commits")
    ] = True
    minor_types: Annotated[tuple[CommitType, ...], Meta(description="commit types that make a minor release")] = (
        "feat",
    )
    patch_types: Annotated[tuple[CommitType, ...], Meta(description="commit types that make a patch release")] = (
        "fix",
        "perf",
    )

    def __post_init__(self) -> None:
        spell_paths(self, "files")
        force_setattr(self, "mentions", tuple(map(plain_mention, self.mentions)))
