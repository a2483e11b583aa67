"""[tool.shipit.protection]: what must hold before anything reaches the shared branches."""

from typing import Annotated

from msgspec import Meta

from shipit.config.tables.section import Section

CheckName = Annotated[str, Meta(min_length=1)]


class Protection(Section, frozen=True):
    """What the forge demands of a commit."""

    required_checks: Annotated[
        tuple[CheckName, ...], Meta(description="names of the checks that must be green, as the forge shows them")
    ] = ()
