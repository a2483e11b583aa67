"""[tool.shipit.protection]: what must hold before anything reaches the shared branches."""

from typing import Annotated

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import text

CheckName = Annotated[str, Meta(min_length=1)]
ReleaseActor = Annotated[
    str, text(r"(app|team|user):[A-Za-z0-9][A-Za-z0-9_.-]*", "app:SLUG, team:SLUG or user:LOGIN")
]


class Protection(Section, frozen=True):
    """What the forge demands of a commit."""

    required_checks: Annotated[
        tuple[CheckName, ...], Meta(description="names of the checks that must be green, as the forge shows them")
    ] = ()
    release_actor: Annotated[
        ReleaseActor | None,
        Meta(
            description="who may push a release past these rules: app:SLUG, team:SLUG or user:LOGIN; left out: "
            "releases go through --pr"
        ),
    ] = None
    dismiss_stale_reviews: Annotated[
        bool, Meta(description="a new commit makes the approvals of the pull request void")
    ] = True
    code_owners: Annotated[bool, Meta(description="the owners that CODEOWNERS names must approve")] = True
    admins: Annotated[bool, Meta(description="administrators are bound as well")] = True
