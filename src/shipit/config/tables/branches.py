"""[tool.shipit.branches]: the branches that a release reads and writes."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import REF, text

Branch = Annotated[str, text(rf"(?![-/.])(?!.*(\.\.|//|@\{{|/\.)){REF}+(?<![/.])(?<!\.lock)", "a branch name")]
RemoteName = Annotated[str, text(r"[A-Za-z0-9_][\w.-]*", "the name of a git remote")]
BranchFormat = Annotated[
    str,
    text(rf"(?![-/.])(?:{REF}|\{{tag\}}|\{{version\}})+", "a branch name; {tag} and {version} are filled in"),
]


class Branches(Section, frozen=True):
    """The branches that a release reads and writes."""

    remote: Annotated[RemoteName, Meta(description="git remote that holds the shared history")] = "origin"
    main: Annotated[Branch, Meta(description="branch that carries releases")] = "main"
    develop: Annotated[
        Branch | None, Meta(description="branch where work is collected (gitflow); leave out for trunk")
    ] = None
    release: Annotated[
        BranchFormat, Meta(description="name of the release branch; {tag} and {version} are filled in")
    ] = "release/{tag}"
    follow: Annotated[
        Literal["auto", "always", "never"],
        Meta(
            description="after a release, bring this clone's current branch forward to the remote's where that is "
            "a clean fast-forward; auto: only on a terminal"
        ),
    ] = "auto"
