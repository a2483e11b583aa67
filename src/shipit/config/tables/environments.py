"""[tool.shipit.environments.NAME]: the places where the product runs."""

from typing import Annotated

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import text

DatabaseAddress = Annotated[
    str,
    text(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.*\S.*|command:.*\S.*|sqlite:(?!//)[^?#\x00-\x1f]*[^/?#\x00-\x1f]",
        "env:NAME, file:PATH or command:ARGV (where the address is, never the address), or sqlite:PATH",
        secret=True,
    ),
]


class Environment(Section, frozen=True):
    """One place where the product runs."""

    database: Annotated[
        DatabaseAddress | None,
        Meta(description="where the address of its database is: postgresql://… behind env:NAME, or sqlite:PATH"),
    ] = None
    production: Annotated[
        bool | None,
        Meta(description="never undo what is committed and never restore automatically; left out: if NAME says so"),
    ] = None
    restore: Annotated[
        bool | None,
        Meta(
            description="restore the backup automatically if nobody else wrote since; left out: not in production"
        ),
    ] = None
    migrate_confirm: Annotated[bool, Meta(description="ask on a terminal before a migration runs")] = True
