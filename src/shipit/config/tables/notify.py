"""[tool.shipit.notify]: who is notified how a run ended."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Secret


class Notify(Section, frozen=True):
    """Who is notified how a run ended (needs the extra `notify`)."""

    urls: Annotated[tuple[Secret, ...], Meta(description="where Apprise's addresses are")] = ()
    on: Annotated[
        tuple[Literal["success", "failure"], ...], Meta(description="ends of a run that are reported")
    ] = (
        "success",
        "failure",
    )
