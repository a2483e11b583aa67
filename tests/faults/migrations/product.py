"""A product with migrations, a database for each case made from a template, and the command line to strike down."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from psycopg import sql

from tests.faults.killer import TOP, Blow, Killer, unmeasured
from tests.support import run
from tests.support.postgres import Server
from tests.support.run import Ran

CONFIGURATION = """\
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.migrations]
rehearse = "{rehearse}"

[tool.shipit.environments.staging.database]
url = "env:DATABASE_URL"
on-failure = "down"
{settings}

[tool.shipit.environments.production.database]
url = "env:DATABASE_URL"
{settings}
"""
PLAIN = "backup.enabled = false"
WHOLE = "backup.enabled = true"
IMPATIENT = """
from shipit.cli.startup import main
from shipit.migrate.steps import connection
connection.PATIENCE, connection._LOCK = {patience}, {lock}
main()
"""
"""The command line, which lets a server stay away for `patience` seconds, and another have the lock for `lock`."""
_numbers = itertools.count(1)


class Striker(Killer):
    """A warmed-up command line that can be struck down at any message to the server."""

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.migrations.runner"],
            cwd=TOP,
            env=unmeasured(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        return self


@dataclass
class Product:
    """A repository with migrations; each case has a database of its own, `database`, and no private files yet."""

    folder: Path
    server: Server
    striker: Striker
    template: str
    database: str = ""
    through: str = ""
    """Another address for the command line than that of the server itself."""
    environment: dict[str, str] = field(default_factory=dict)

    def lay_out(self, files: Mapping[str, str], settings: str = PLAIN, rehearse: str = "") -> None:
        """The repository with exactly these migrations; `settings` are those of both databases.

        What is backed up is rehearsed as well, unless `rehearse` says otherwise.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / ".git").exists():
            subprocess.run(["git", "init", "--quiet", str(self.folder)], check=True)
        (self.folder / "pyproject.toml").write_text(self._configuration(settings, rehearse))
        shutil.rmtree(self.folder / "migrations", ignore_errors=True)
        (self.folder / "migrations").mkdir()
        self.write(files)

    def _configuration(self, settings: str, rehearse: str) -> str:
        return CONFIGURATION.format(
            settings=settings, rehearse=rehearse or ("always" if settings == WHOLE else "never")
        )

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / "migrations" / name).write_text(text)

    @contextmanager
    def case(self) -> Iterator[Self]:
        """A fresh database, gone afterwards whoever is in it."""
        self.database = f"case{next(_numbers)}"
        shutil.rmtree(self.folder / ".git" / "shipit", ignore_errors=True)
        shutil.rmtree(self.folder / "reports", ignore_errors=True)
        copy(self.server, self.template, self.database)
        try:
            yield self
        finally:
            self.through = ""
            self.environment = {}
            self.server.drop(self.database)

    @property
    def variables(self) -> Mapping[str, str]:
        return {"DATABASE_URL": self.through or self.server.url(self.database), **self.environment}

    def strike(self, blow: Blow | None = None, env: str = "staging") -> Ran:
        """`shipit migrate` in a fork of a warmed-up process, killed at the blow."""
        words = ("migrate", "--env", env, "--yes")
        return self.striker.run(self.folder, *words, env=run.environment(**self.variables), blow=blow)

    def migrate(self, *words: str, env: str = "staging") -> Ran:
        """The same in a process of its own."""
        return run.wait(self.start(*words, env=env), words)

    def start(self, *words: str, env: str = "staging") -> "subprocess.Popen[str]":
        return self._start("-m", "shipit", "migrate", *words, "--env", env, "--yes")

    def start_impatient(
        self, env: str = "staging", patience: float = 2, lock: float = 1
    ) -> "subprocess.Popen[str]":
        """The same, which gives up soon where nobody comes back; see IMPATIENT."""
        program = IMPATIENT.format(patience=patience, lock=lock)
        return self._start("-c", program, "migrate", "--env", env, "--yes")

    def _start(self, *argv: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *argv],
            cwd=self.folder,
            env=run.environment(**self.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
        )

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        return list(self.server.query(self.database, statement))

    def sessions(self) -> list[tuple[object, ...]]:
        """Those of shipit in the database, with what they do."""
        return self.ask(
            "SELECT pid, state, query FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'shipit'"
        )


def copy(server: Server, template: str, database: str) -> None:
    with server.connect() as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(made.format(sql.Identifier(database), sql.Identifier(template)))
