"""[tool.shipit.migrations]: how the database schema is migrated."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, InsidePath

Seconds = Annotated[float, Meta(ge=0)]


class Migrations(Section, frozen=True):
    """How the database schema is migrated."""

    folder: Annotated[InsidePath, Meta(description="where the migrations are")] = "migrations"
    engine: Annotated[
        Literal["sql", "alembic", "django", "command"], Meta(description="what applies the migrations")
    ] = "sql"
    dialect: Annotated[
        Literal["postgresql", "sqlite"],
        Meta(description="grammar of the SQL files, to check them without a database"),
    ] = "postgresql"
    command: Annotated[
        Command | None,
        Meta(description="engine command: what applies them; the address is in DATABASE_URL, {to} is filled in"),
    ] = None
    status_command: Annotated[
        Command | None, Meta(description="engine command: prints one pending migration per line")
    ] = None
    rollback_command: Annotated[Command | None, Meta(description="engine command: rolls back to {to}")] = None
    lock_timeout: Annotated[
        Seconds, Meta(description="seconds that a statement waits for a lock before it lets others go first")
    ] = 0.2
    lock_patience: Annotated[
        Seconds, Meta(description="seconds in which a statement is tried again for its locks")
    ] = 60
    statement_timeout: Annotated[Seconds, Meta(description="seconds that a statement may take; 0: any")] = 0
    wait: Annotated[Seconds, Meta(description="seconds to wait for another run to end")] = 600
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
    backup: Annotated[
        Literal["always", "never"], Meta(description="back up before a run that has something to apply")
    ] = "always"
    backups: Annotated[
        str | None, Meta(description="folder for backups, relative to the top; .git/shipit/backups if left out")
    ] = None
    keep: Annotated[int, Meta(ge=1, description="how many backups of an environment are kept")] = 5
    audit: Annotated[
        str | None,
        Meta(description="audit file (JSON lines), relative to the top; .git/shipit/audit.jsonl if left out"),
    ] = None
