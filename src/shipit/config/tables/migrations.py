"""[tool.shipit.migrations]: how the database schema is migrated."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import INSIDE, Command, spell_paths, text

FolderPath = Annotated[
    str,
    text(
        rf"{INSIDE}(?:[^\\{{}}\x00-\x1f]|\{{engine\}})+",
        "a path inside the repository, without `..`, and {engine} as its only placeholder",
    ),
]


class Migrations(Section, frozen=True):
    """How the database schema is migrated."""

    path: Annotated[
        FolderPath,
        Meta(
            description="the folder of migrations; {engine}: postgresql or sqlite, as the database's address says"
        ),
    ] = "migrations"
    engine: Annotated[
        Literal["sql", "alembic", "django", "command"], Meta(description="what applies the migrations")
    ] = "sql"
    command: Annotated[
        Command | None,
        Meta(description="engine command: what applies them; the address is in DATABASE_URL, {to} is filled in"),
    ] = None
    status_command: Annotated[
        Command | None, Meta(description="engine command: prints one pending migration per line")
    ] = None
    rollback_command: Annotated[Command | None, Meta(description="engine command: rolls back to {to}")] = None
    late: Annotated[
        Literal["refuse", "apply"], Meta(description="what to do with a file older than one already applied")
    ] = "refuse"
    down: Annotated[
        Literal["optional", "required"],
        Meta(description="whether every migration must be reversible or say why not"),
    ] = "optional"
    rehearse: Annotated[
        Literal["auto", "always", "never"],
        Meta(description="try what is pending on an empty copy of the schema first; auto: where rights allow"),
    ] = "auto"

    def __post_init__(self) -> None:
        spell_paths(self, "path")
