"""An environment of the configuration → its database and what stands around it, each built when first touched."""

import difflib
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.config import Environment, Migrations, Project
from shipit.errors import UsageError
from shipit.migrate.ports import Database, Notifier, Syntax, Tool
from shipit.migrations.records import Run
from shipit.model import Actor

if TYPE_CHECKING:
    from shipit.adapters.migration_files import MigrationFiles
    from shipit.migrate.audit import AuditFile
    from shipit.migrations.ladder import Policy

SQLITE = "sqlite:"


class Sources:
    """What migrations need and no database: the files and the grammar they are written in."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.settings: Migrations = project.config.migrations

    @cached_property
    def files(self) -> "MigrationFiles":
        from shipit.adapters.migration_files import MigrationFiles

        return MigrationFiles(self.project.top, self.settings.folder)

    @cached_property
    def syntax(self) -> Syntax:
        if self.settings.dialect == "sqlite":
            from shipit.adapters.sqlite.grammar import SqliteGrammar

            return SqliteGrammar()
        with _extra_postgres():
            from shipit.adapters.postgres.grammar import PostgresGrammar

        return PostgresGrammar()


class Outside(Sources):
    """One environment; raises UsageError if the configuration does not know it."""

    def __init__(self, project: Project, name: str) -> None:
        super().__init__(project)
        self.name = name
        self.environment = _named(project.config.environments, name)

    @property
    def policy(self) -> "Policy":
        from shipit.migrations.ladder import Policy

        production = self.environment.production
        production = self.name == "production" if production is None else production
        restores = self.environment.restore
        return Policy(production, (not production) if restores is None else restores)

    @cached_property
    def address(self) -> str:
        """The connection string, a secret: for the database and for wrapped tools, through the environment only."""
        reference = self.environment.database
        if reference is None:
            raise UsageError(
                f"no database is configured for {self.name}",
                where=f"[tool.shipit.environments.{self.name}]",
                hint='database = "env:DATABASE_URL"',
            )
        if reference.startswith(SQLITE):
            return reference
        return self._secret(reference)

    @cached_property
    def database(self) -> Database:
        settings = self.settings
        self._refuse_another_dialect()
        if self.address.startswith(SQLITE):
            from shipit.adapters.sqlite import database as sqlite

            path = self.project.top / self.address.removeprefix(SQLITE)
            return sqlite.open_database(
                path,
                lock_patience=settings.lock_patience,
                statement_timeout=settings.statement_timeout,
                backups=self.backups,
            )
        with _extra_postgres():
            from shipit.adapters.postgres import database as postgres

        return postgres.open_database(self.address, settings, self.backups)

    def _refuse_another_dialect(self) -> None:
        dialect = "sqlite" if self.address.startswith(SQLITE) else "postgresql"
        if self.settings.engine == "sql" and self.settings.dialect != dialect:
            raise UsageError(
                f"the database of {self.name} is {dialect}, but the files are for {self.settings.dialect}",
                where="[tool.shipit.migrations]",
                hint=f'dialect = "{dialect}", if that is what they are written for',
            )

    @cached_property
    def private(self) -> Path:
        """Shipit's own folder; see adapters.git.folder."""
        from shipit.adapters.git.folder import private_folder

        return private_folder(self.project.top)

    @cached_property
    def actor(self) -> Actor:
        """Who runs this."""
        from shipit.adapters.actor import actor

        return actor()

    def _secret(self, reference: str) -> str:
        """Resolve env:, file: or command: now, and mask it from now on."""
        from shipit.adapters.secrets import resolve

        return resolve(reference, self.project.top)

    @property
    def backups(self) -> Path:
        """The folder for backups of this environment."""
        folder = self.settings.backups
        return (self.project.top / folder if folder else self.private / "backups") / self.name

    @cached_property
    def audit(self) -> "AuditFile":
        from shipit.migrate.audit import AuditFile

        named = self.settings.audit
        return AuditFile(self.project.top / named if named else self.private / "audit.jsonl")

    @cached_property
    def notifier(self) -> Notifier | None:
        urls = self.project.config.notify.urls
        if not urls:
            return None
        from shipit.adapters.notify import AppriseNotifier

        return AppriseNotifier(tuple(self._secret(url) for url in urls))

    @cached_property
    def tool(self) -> Tool:
        """The project's own tool that the configuration names, where it is not shipit's own engine."""
        from shipit.adapters.wrapped import tool as tools

        return tools.make(self.settings, self.project.top)

    def close(self) -> None:
        """End the session with the database, and with it the lock; only if there is one."""
        if "database" in vars(self):
            self.database.close()

    def new_run(self, command: str) -> Run:
        """A run that begins now; its id sorts by time."""
        now = time.time()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        me = self.actor
        within = f"{int(now % 1 * 0x10000):04x}{secrets.token_hex(1)}"
        return Run(f"{stamp}-{within}", command, me.user, me.place, now)


@contextmanager
def _extra_postgres() -> Iterator[None]:
    """Around the import of what only an extra brings."""
    try:
        yield
    except ImportError as missing:
        raise UsageError(
            "PostgreSQL needs packages that are not installed here",
            evidence=[str(missing)],
            hint='pip install "shipit-release[postgres]"',
        ) from missing


def _named(known: Mapping[str, Environment], name: str) -> Environment:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    raise UsageError(
        f"there is no environment {name}",
        where="[tool.shipit.environments]",
        evidence=[f"known: {', '.join(known) or 'none'}", *([f"nearest: {near[0]}"] if near else [])],
        hint=f'[tool.shipit.environments.{name}] with database = "env:DATABASE_URL"',
    )
