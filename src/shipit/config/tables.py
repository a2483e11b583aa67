"""The tables of [tool.shipit] as frozen types; the JSON schema and the reference page are made from them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shipit.config.database_tables import Environment, Migrations, Notify
from shipit.config.sources import DEFAULT_FILES
from shipit.config.values import (
    Branch,
    BranchFormat,
    Command,
    CommitType,
    InsidePath,
    Name,
    OptionalPath,
    PackageTagFormat,
    Percent,
    RemoteName,
    Secret,
    Section,
    SemanticVersion,
    Slug,
    TagFormat,
    Title,
    Url,
    VersionPlace,
)


class Branches(Section, frozen=True):
    """Which branch carries what."""

    remote: Annotated[RemoteName, Meta(description="git remote that holds the shared history")] = "origin"
    main: Annotated[Branch, Meta(description="branch that carries releases")] = "main"
    develop: Annotated[
        Branch | None, Meta(description="branch where work is collected (gitflow); leave out for trunk")
    ] = None
    release: Annotated[
        BranchFormat, Meta(description="name of the release branch; {tag} and {version} are filled in")
    ] = "release/{tag}"


class Versioning(Section, frozen=True):
    """Where the version stands and how the next one is found."""

    files: Annotated[
        tuple[VersionPlace, ...],
        Meta(
            description="places that hold the version: path:key.path for TOML and JSON, path:NAME for a "
            "variable; an empty list if the tag alone holds it, the default if project.version is dynamic"
        ),
    ] = DEFAULT_FILES
    tag_format: Annotated[TagFormat, Meta(description="tag name; {version} is filled in")] = "v{version}"
    initial: Annotated[SemanticVersion, Meta(description="version of the first release")] = "0.1.0"
    major_on_zero: Annotated[
        bool, Meta(description="a breaking change in 0.x makes 1.0.0 instead of the next 0.x")
    ] = False
    commit_style: Annotated[
        Literal["conventional", "angular", "emoji", "scipy"], Meta(description="how commit messages are read")
    ] = "conventional"
    squash_bodies: Annotated[
        bool, Meta(description="read the list in a squash commit's body as commits of their own")
    ] = True
    minor_types: Annotated[
        tuple[CommitType, ...], Meta(description="commit types that ask for a minor release")
    ] = ("feat",)
    patch_types: Annotated[
        tuple[CommitType, ...], Meta(description="commit types that ask for a patch release")
    ] = ("fix", "perf")


def _sections() -> dict[str, str]:
    return {
        "feat": "Features",
        "fix": "Fixes",
        "perf": "Performance",
        "revert": "Reverted",
        "docs": "Documentation",
    }


class Changelog(Section, frozen=True):
    """The file that tells people what changed."""

    file: Annotated[OptionalPath | None, Meta(description="the changelog; an empty text for none")] = "CHANGELOG.md"
    style: Annotated[
        Literal["keep-a-changelog", "conventional"],
        Meta(description="how headings are written in a file that has none yet; others are continued as they are"),
    ] = "keep-a-changelog"
    template: Annotated[
        InsidePath | None, Meta(description="Jinja template that writes the notes of a release instead")
    ] = None
    sections: Annotated[
        dict[str, str], Meta(description="commit type to heading; types without a heading are left out")
    ] = msgspec.field(default_factory=_sections)

    def __post_init__(self) -> None:
        """TOML has no null, so the empty text says none."""
        if self.file == "":
            msgspec.structs.force_setattr(self, "file", None)


class Gate(Section, frozen=True):
    """One command that must pass before anything is pushed."""

    run: Annotated[Command, Meta(description="command; a text is split like a shell would, no shell runs")]
    coverage: Annotated[Percent | None, Meta(description="least line coverage in percent")] = None
    coverage_file: Annotated[InsidePath, Meta(description="Cobertura XML that the command writes")] = "coverage.xml"
    timeout: Annotated[int, Meta(gt=0, description="minutes until the gate counts as failed")] = 60


class Build(Section, frozen=True):
    """How the package is built and tried."""

    run: Annotated[
        Command | None, Meta(description="own build command; the PEP 517 backend builds if left out")
    ] = None
    directory: Annotated[InsidePath, Meta(description="where an own build command leaves its files")] = "dist"
    isolation: Annotated[
        Literal["auto", "always", "never"],
        Meta(description="build in a fresh environment; auto: only if a build requirement is missing here"),
    ] = "auto"
    install: Annotated[bool, Meta(description="install the wheel in a fresh environment before releasing it")] = (
        True
    )
    bill_of_materials: Annotated[bool, Meta(description="attach a CycloneDX bill of materials")] = True


class Forge(Section, frozen=True):
    """Where releases are shown: GitHub, or nowhere."""

    kind: Annotated[
        Literal["auto", "github", "none"], Meta(description="auto: github if the remote is there, else none")
    ] = "auto"
    repository: Annotated[Slug | None, Meta(description="owner/name; read from the remote if left out")] = None
    api: Annotated[
        Url | None, Meta(description="API root of a GitHub Enterprise server; also taken from GITHUB_API_URL")
    ] = None
    token: Annotated[Secret, Meta(description="token with contents: write")] = "env:GITHUB_TOKEN"  # noqa: S105 - where, not what
    dispatch: Annotated[tuple[str, ...], Meta(description="workflow files to start on the new tag")] = ()


class Index(Section, frozen=True):
    """Where the package goes."""

    kind: Annotated[
        Literal["directory", "pypi", "testpypi", "url", "none"], Meta(description="where the package goes")
    ] = "directory"
    path: Annotated[
        str, Meta(description="directory: a PEP 503 tree, relative to the repository's top", min_length=1)
    ] = "dist/index"
    url: Annotated[Url | None, Meta(description="url: the upload address")] = None
    simple: Annotated[Url | None, Meta(description="url: the simple index, if it is not url + /simple/")] = None
    username: Annotated[Secret | None, Meta(description="for url")] = None
    password: Annotated[
        Secret | None, Meta(description="password or token; pypi without one uses trusted publishing")
    ] = None


class ReleaseOptions(Section, frozen=True):
    """What a release is called and how it is kept."""

    sign: Annotated[bool, Meta(description="sign the tag with git's configured key")] = False
    title: Annotated[Title, Meta(description="title of the forge release")] = "Release {tag}"
    keep_limit: Annotated[
        int,
        Meta(ge=0, description="megabytes of artifacts kept on the git remote until the release is complete"),
    ] = 40


class Package(Section, frozen=True):
    """One of several packages in the repository: released on its own, from the commits that touch its folder.

    Paths are those inside the folder. Everything that is not said here is as for the whole repository.
    """

    path: Annotated[InsidePath, Meta(description="folder of the package; the build runs there")]
    name: Annotated[
        Name | None, Meta(description="name on the index; project.name there, else NAME, if left out")
    ] = None
    tag_format: Annotated[
        PackageTagFormat, Meta(description="tag name; {name} (that is NAME) and {version} are filled in")
    ] = "{name}-v{version}"
    files: Annotated[
        tuple[VersionPlace, ...] | None,
        Meta(description="places that hold the version, as in version.files; found as there if left out"),
    ] = None
    changelog: Annotated[OptionalPath, Meta(description="the package's changelog; an empty text for none")] = (
        "CHANGELOG.md"
    )


class Config(Section, frozen=True):
    """All of [tool.shipit]."""

    name: Annotated[Name | None, Meta(description="project name on the index; project.name if left out")] = None
    branches: Branches = Branches()
    version: Versioning = Versioning()
    changelog: Changelog = Changelog()
    gates: Annotated[
        dict[Name, Gate], Meta(description="commands that must pass before anything is pushed, by name")
    ] = msgspec.field(default_factory=dict[str, Gate])
    build: Build = Build()
    forge: Forge = Forge()
    index: Index = Index()
    release: ReleaseOptions = ReleaseOptions()
    environments: Annotated[dict[Name, Environment], Meta(description="places where the product runs, by name")] = (
        msgspec.field(default_factory=dict[str, Environment])
    )
    migrations: Migrations = Migrations()
    notify: Notify = Notify()
    packages: Annotated[dict[Name, Package], Meta(description="packages in folders of the repository, by name")] = (
        msgspec.field(default_factory=dict[str, Package])
    )
