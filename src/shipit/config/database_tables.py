"""The tables of [tool.shipit] about environments, migrations and who is told, as frozen types."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.values import Command, InsidePath, Secret, Section, text

DatabaseAddress = Annotated[
    str,
    text(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.*\S.*|command:.*\S.*|sqlite:(?!//)[^?#\x00-\x1f]*[^/?#\x00-\x1f]",
        "env:NAME, file:PATH or command:ARGV (where the address is, never the address), or sqlite:PATH",
        secret=True,
    ),
]
Seconds = Annotated[float, Meta(ge=0)]


class Environment(Section, frozen=True):
    """One place where the product runs."""

    database: Annotated[
        DatabaseAddress | None,
        Meta(description="where the address of its database is: postgresql://… behind env:NAME, or sqlite:PATH"),
    ] = None
    production: Annotated[
        bool | None,
        Meta(description="never take back what is committed, never restore by itself; left out: if NAME says so"),
    ] = None
    restore: Annotated[
        bool | None,
        Meta(
            description="may restore the backup by itself when nobody else wrote since; left out: not in production"
        ),
    ] = None
    migrate_confirm: Annotated[bool, Meta(description="ask on a terminal before a migration runs")] = True


class Migrations(Section, frozen=True):
    """How the schema moves."""

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
    rollback_command: Annotated[Command | None, Meta(description="engine command: what takes back to {to}")] = None
    lock_timeout: Annotated[
        Seconds, Meta(description="seconds that a statement waits for a lock before everybody else goes first")
    ] = 0.2
    lock_patience: Annotated[Seconds, Meta(description="seconds of trying again for locks in all")] = 60
    statement_timeout: Annotated[Seconds, Meta(description="seconds that a statement may take; 0: any")] = 0
    wait: Annotated[Seconds, Meta(description="seconds to wait for another run to end")] = 600
    late: Annotated[
        Literal["refuse", "apply"], Meta(description="a file older than one that is applied already")
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


class Notify(Section, frozen=True):
    """Who is told how a run ended (needs the extra `notify`)."""

    urls: Annotated[tuple[Secret, ...], Meta(description="where the addresses are that Apprise knows")] = ()
    on: Annotated[tuple[Literal["success", "failure"], ...], Meta(description="when")] = ("success", "failure")
