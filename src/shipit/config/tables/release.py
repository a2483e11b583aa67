"""[tool.shipit.release]: how a release is tagged, titled and kept."""

from typing import Annotated

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import text

Title = Annotated[
    str, text(r"(?:[^{}\x00-\x1f]|\{tag\}|\{version\})+", "one line; {tag} and {version} are filled in")
]


class ReleaseOptions(Section, frozen=True):
    """How a release is tagged, titled and kept."""

    sign: Annotated[bool, Meta(description="sign the tag with git's configured key")] = False
    title: Annotated[Title, Meta(description="title of the forge release")] = "Release {tag}"
    keep_limit: Annotated[
        int,
        Meta(ge=0, description="megabytes of artifacts kept on the git remote until the release is complete"),
    ] = 40
