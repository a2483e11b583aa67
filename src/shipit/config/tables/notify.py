"""[tool.shipit.notify]: who is notified how a run ended."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, Secret

Ending = Literal["complete", "refused", "rolled-back", "stopped-half-way", "interrupted"]


class Notify(Section, frozen=True):
    """Who is notified how a run ended; a notification that fails changes nothing."""

    run: Annotated[Command | None, Meta(description="command that gets the event as JSON on standard input")] = None
    apprise: Annotated[
        Secret | None,
        Meta(description="where Apprise's addresses are, with spaces between them (needs the extra `notify`)"),
    ] = None
    on: Annotated[tuple[Ending, ...], Meta(description="the ends of a run that are reported")] = (
        "refused",
        "rolled-back",
        "stopped-half-way",
        "interrupted",
    )
