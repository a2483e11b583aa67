"""[tool.shipit.forge]: where releases are shown."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Secret, Url, text

Slug = Annotated[str, text(r"[\w-]+/(?!\.\.?$)[\w.-]+", "owner/name")]


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
    deployments: Annotated[
        bool, Meta(description="deployments are listed on the forge as well; its token needs deployments: write")
    ] = True
