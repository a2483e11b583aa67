"""[tool.shipit] as frozen types; the JSON schema and the reference page are made from the same types."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Secret = Annotated[str, Meta(pattern=r"^(env|file|command):.+", description="where the secret is: env:NAME, file:PATH or command:ARGV")]

Percent = Annotated[float, Meta(ge=0, le=100)]
Slug = Annotated[str, Meta(pattern=r"^[^/\s]+/[^/\s]+$")]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab", omit_defaults=True):
    """What all tables share: kebab-case keys, frozen, unknown keys refused."""


class Branches(Section):
    """[tool.shipit.branches]"""

    remote: Annotated[str, Meta(description="git remote that holds the shared history")] = "origin"
    main: Annotated[str, Meta(description="branch that carries releases")] = "main"
    develop: Annotated[str | None, Meta(description="branch where work is collected (gitflow); leave out for trunk")] = None
    release: Annotated[str, Meta(description="name of the release branch; {tag} and {version} are filled in")] = "release/{tag}"


class Versioning(Section):
    """[tool.shipit.version]"""

    files: Annotated[
        tuple[str, ...],
        Meta(description="places that hold the version: path:key.path for TOML and JSON, path:NAME for a variable"),
    ] = ("pyproject.toml:project.version",)
    tag_format: Annotated[str, Meta(description="tag name; {version} is filled in")] = "v{version}"
    initial: Annotated[str, Meta(description="version of the first release")] = "0.1.0"
    major_on_zero: Annotated[bool, Meta(description="a breaking change in 0.x makes 1.0.0 instead of the next 0.x")] = False
    commit_style: Annotated[
        Literal["conventional", "angular", "emoji", "scipy"], Meta(description="how commit messages are read")
    ] = "conventional"
    squash_bodies: Annotated[bool, Meta(description="read the list in a squash commit's body as commits of their own")] = True
    minor_types: Annotated[tuple[str, ...], Meta(description="commit types that ask for a minor release")] = ("feat",)
    patch_types: Annotated[tuple[str, ...], Meta(description="commit types that ask for a patch release")] = ("fix", "perf")


class Changelog(Section):
    """[tool.shipit.changelog]"""

    file: Annotated[str | None, Meta(description="the changelog; null for none")] = "CHANGELOG.md"
    sections: Annotated[
        dict[str, str], Meta(description="commit type to heading; types without a heading are left out")
    ] = msgspec.field(
        default_factory=lambda: {"feat": "Features", "fix": "Fixes", "perf": "Performance", "revert": "Reverted", "docs": "Documentation"}
    )


class Gate(Section):
    """[tool.shipit.gates.NAME]"""

    run: Annotated[str | tuple[str, ...], Meta(description="command; a string is split like a shell would, no shell runs")]
    coverage: Annotated[Percent | None, Meta(description="least line coverage in percent")] = None
    coverage_file: Annotated[str, Meta(description="Cobertura XML that the command writes")] = "coverage.xml"
    timeout: Annotated[int, Meta(gt=0, description="minutes until the gate counts as failed")] = 60


class Build(Section):
    """[tool.shipit.build]"""

    run: Annotated[str | tuple[str, ...] | None, Meta(description="own build command; null uses the PEP 517 backend")] = None
    directory: Annotated[str, Meta(description="where an own build command leaves its files")] = "dist"
    isolation: Annotated[
        Literal["auto", "always", "never"],
        Meta(description="build in a fresh environment; auto: only if a build requirement is missing here"),
    ] = "auto"
    install: Annotated[bool, Meta(description="install the wheel in a fresh environment before releasing it")] = True
    bill_of_materials: Annotated[bool, Meta(description="attach a CycloneDX bill of materials")] = True


class Forge(Section):
    """[tool.shipit.forge]"""

    kind: Annotated[Literal["auto", "github", "none"], Meta(description="auto: github if the remote is there, else none")] = "auto"
    repository: Annotated[Slug | None, Meta(description="owner/name; read from the remote if left out")] = None
    api: Annotated[str | None, Meta(description="API root of a GitHub Enterprise server; also taken from GITHUB_API_URL")] = None
    token: Annotated[Secret, Meta(description="token with contents: write")] = "env:GITHUB_TOKEN"
    dispatch: Annotated[tuple[str, ...], Meta(description="workflow files to start on the new tag")] = ()


class Index(Section):
    """[tool.shipit.index]"""

    kind: Annotated[Literal["directory", "pypi", "testpypi", "url", "none"], Meta(description="where the package goes")] = "directory"
    path: Annotated[str, Meta(description="directory: a PEP 503 tree, relative to the repository's top")] = "dist/index"
    url: Annotated[str | None, Meta(description="url: the upload address")] = None
    simple: Annotated[str | None, Meta(description="url: the simple index, if it is not url + /simple/")] = None
    username: Annotated[Secret | None, Meta(description="for url")] = None
    password: Annotated[Secret | None, Meta(description="password or token; pypi without one uses trusted publishing")] = None


class ReleaseOptions(Section):
    """[tool.shipit.release]"""

    sign: Annotated[bool, Meta(description="sign the tag with git's configured key")] = False
    title: Annotated[str, Meta(description="title of the forge release")] = "Release {tag}"
    keep_limit: Annotated[int, Meta(ge=0, description="megabytes of artifacts kept on the git remote until the release is complete")] = 40


class Config(Section):
    """[tool.shipit]"""

    name: Annotated[str | None, Meta(description="project name on the index; project.name if left out")] = None
    branches: Branches = Branches()
    version: Versioning = Versioning()
    changelog: Changelog = Changelog()
    gates: Annotated[dict[str, Gate], Meta(description="commands that must pass before anything is pushed")] = {}
    build: Build = Build()
    forge: Forge = Forge()
    index: Index = Index()
    release: ReleaseOptions = ReleaseOptions()
