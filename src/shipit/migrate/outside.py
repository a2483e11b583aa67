"""An environment of the configuration → its database and what stands around it, each built when first touched."""

import difflib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.config import DatabaseOptions, Environment, Migrations, Project
from shipit.errors import UsageError
from shipit.migrate.dialects import (
    ENGINE,
    POSTGRESQL,
    SQLITE,
    dialect_of,
    is_address,
    sqlite_path,
    without_database,
)
from shipit.migrate.ports import BackupStore, Database, Notifier, Syntax, Tool
from shipit.migrations.model import Dialect
from shipit.migrations.records import Run
from shipit.model import Actor

if TYPE_CHECKING:
    from shipit.adapters.migration_files import MigrationFiles
    from shipit.migrate.audit import AuditFile
    from shipit.migrations.ladder import Policy
PRODUCTION = "production"
AUDIT = "migrations.jsonl"
"""The audit log, in the folder of reports."""


class Sources:
    """What migrations need and no database: the files and the grammar they are written in.

    `dialect` is postgresql or sqlite.
    """

    def __init__(self, project: Project, dialect: Dialect) -> None:
        self.project = project
        self.settings: Migrations = project.config.migrations
        self._dialect = dialect

    @property
    def dialect(self) -> Dialect:
        return self._dialect

    @property
    def folder(self) -> str:
        """The folder of the files, relative to the top."""
        return self.settings.path.replace(ENGINE, self.dialect)

    @cached_property
    def files(self) -> "MigrationFiles":
        from shipit.adapters.migration_files import MigrationFiles

        return MigrationFiles(self.project.top, self.folder)

    @cached_property
    def syntax(self) -> Syntax:
        if self.dialect == SQLITE:
            from shipit.adapters.sqlite.grammar import SqliteGrammar

            return SqliteGrammar()
        with _extra_postgres():
            from shipit.adapters.postgres.grammar import PostgresGrammar

        return PostgresGrammar()

    @property
    def database_name(self) -> str:
        return {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}[self.dialect]


def sources_of(project: Project) -> tuple[Sources, ...]:
    """The files of a project without a database, once for each dialect that they are known to be written in.

    Raises UsageError where the folder depends on the dialect, and nothing says which it is.
    """
    known = without_database(project, os.environ)
    if not known and ENGINE in project.config.migrations.path:
        raise UsageError(
            "it is not known for which database the migrations are",
            where=f"migrations.path = {project.config.migrations.path}",
            evidence=["there is no such folder yet, and no environment whose database.url is known here"],
            hint='[tool.shipit.environments.NAME] with database.url = "sqlite:///NAME.db", or set its variable',
        )
    return tuple(Sources(project, one) for one in known or (POSTGRESQL,))


class Outside(Sources):
    """One environment; raises UsageError if the configuration does not know it."""

    def __init__(self, project: Project, name: str) -> None:
        super().__init__(project, POSTGRESQL)
        self.name = name
        self.environment = named_environment(project.config.environments, name)

    @property
    def dialect(self) -> Dialect:
        return dialect_of(self.address)

    @property
    def options(self) -> DatabaseOptions:
        """What the configuration says of the database; raises UsageError if it names none."""
        options = self.environment.database
        if options is None:
            raise UsageError(
                f"no database is configured for {self.name}",
                where=f"[tool.shipit.environments.{self.name}]",
                hint='database.url = "env:DATABASE_URL"',
            )
        return options

    @property
    def policy(self) -> "Policy":
        from shipit.migrations.ladder import Policy

        downs, restores = self.options.on_failure == "down", self.options.restore
        return Policy(downs, (downs and self.name != PRODUCTION) if restores is None else restores)

    @cached_property
    def address(self) -> str:
        """The connection string, a secret: for the database and for wrapped tools, through the environment only."""
        reference = self.options.url
        return reference if is_address(reference) else self._secret(reference)

    @cached_property
    def database(self) -> Database:
        if self.dialect == SQLITE:
            from shipit.adapters.sqlite import database as sqlite

            path = self.project.top / sqlite_path(self.address)
            return sqlite.open_database(path, self.options, self.backups)
        with _extra_postgres():
            from shipit.adapters.postgres import database as postgres

        return postgres.open_database(self.address, self.options, self.backups)

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
        folder = self.options.backup.path
        return (self.project.top / Path(folder).expanduser() if folder else self.private / "backups") / self.name

    @cached_property
    def audit(self) -> "AuditFile":
        from shipit.migrate.audit import AuditFile

        top = self.project.top
        return AuditFile(top / self.project.config.reports / AUDIT, top)

    @property
    def notifiers(self) -> Iterator[Notifier]:
        """Those that the configuration names; raises UsageError for a secret that is missing."""
        from shipit.notification.outside import notifiers

        return notifiers(self.project)

    @property
    def store(self) -> BackupStore | None:
        """What takes a backup to another machine, if the configuration names it."""
        command = self.options.backup.store
        if command is None:
            return None
        from shipit.adapters.backup_store import CommandStore

        return CommandStore(command, self.project.top)

    @cached_property
    def tool(self) -> Tool:
        """The project's own tool that the configuration names, where it is not shipit's own engine."""
        from shipit.adapters.wrapped import tool as tools

        return tools.make(self.settings, self.folder, self.project.top)

    @property
    def is_in_ci(self) -> bool:
        """Whether this machine is a runner, whose disk goes with the job."""
        return "CI" in os.environ

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


def named_environment(known: Mapping[str, Environment], name: str) -> Environment:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    best = next(iter([*near, *known]), "")
    raise UsageError(
        f"there is no environment {name}",
        where="[tool.shipit.environments]",
        evidence=[f"known: {', '.join(known) or 'none'}", *([f"nearest: {near[0]}"] if near else [])],
        hint=f"--env {best}" if best else "write one: [tool.shipit.environments.NAME]",
    )
