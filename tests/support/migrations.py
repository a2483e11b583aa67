"""A product with migrations whose environments are databases of a real server."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.support import run
from tests.support.inside import Ended, shipit
from tests.support.postgres import Server
from tests.support.run import Ran

CONFIGURATION = """\
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.migrations]
{settings}

[tool.shipit.environments.staging.database]
url = "{reference}"
{staging}

[tool.shipit.environments.production.database]
url = "env:PRODUCTION_DATABASE_URL"

{tables}
"""
DOWN = 'on-failure = "down"'
NO_BACKUP = f"{DOWN}\nbackup.enabled = false"
NOTES: Mapping[str, str] = {
    "0001_notes.sql": "CREATE TABLE notes (id serial PRIMARY KEY, body text NOT NULL);\n",
    "0001_notes.down.sql": "DROP TABLE notes;\n",
}
NEXT_XID = "SELECT txid_snapshot_xmax(txid_current_snapshot())"
ACME = Path(__file__).parents[2] / "examples" / "acme" / "migrations" / "postgresql"


@dataclass
class Product:
    """A repository with migrations; `address` is what DATABASE_URL says, for both environments.

    `settings` are lines of [tool.shipit.migrations], `staging` of the database of that environment, `tables` come
    after all.
    """

    folder: Path
    server: Server
    database: str
    settings: str = 'rehearse = "never"'
    staging: str = DOWN
    tables: str = ""
    reference: str = "env:DATABASE_URL"
    address: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.address = self.address or self.server.url(self.database)
        subprocess.run(["git", "init", "--quiet", str(self.folder)], check=True)
        (self.folder / "migrations").mkdir()
        self.configure()

    def configure(self, **fields: str) -> None:
        """Change what the configuration says."""
        for name, value in fields.items():
            setattr(self, name, value)
        text = CONFIGURATION.format(
            settings=self.settings, reference=self.reference, staging=self.staging, tables=self.tables
        )
        (self.folder / "pyproject.toml").write_text(text)

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / "migrations" / name).write_bytes(text.encode())

    def remove(self, *names: str) -> None:
        for name in names:
            (self.folder / "migrations" / name).unlink()

    @property
    def variables(self) -> dict[str, str]:
        return {"DATABASE_URL": self.address, "PRODUCTION_DATABASE_URL": self.address, **self.environment}

    def run(self, *argv: str, **environment: str) -> Ended:
        """The command line inside this process."""
        return shipit(self.folder, *argv, **{**self.variables, **environment})

    def migrate(self, *argv: str, env: str = "staging", **environment: str) -> Ended:
        return self.run("migrate", *argv, "--env", env, **environment)

    def start(self, *argv: str, env: str = "staging") -> "subprocess.Popen[str]":
        """`shipit migrate` as a process of its own; the caller waits for it."""
        words = ("migrate", *argv, "--env", env, "--yes")
        return run.start(self.folder, *words, env=run.environment(**self.variables))

    def at_once(self, count: int, begun: Callable[[], None] = lambda: None) -> Sequence[Ran]:
        """So many of them at the same time, to their ends; `begun` is called when all are started."""
        children = [self.start() for _ in range(count)]
        try:
            begun()
            return [run.wait(child) for child in children]
        finally:
            for child in children:
                child.kill()
                child.communicate()

    def query(self, statement: str) -> list[tuple[object, ...]]:
        return list(self.server.query(self.database, statement))

    def applied(self) -> list[object]:
        return [version for (version,) in self.query("SELECT version FROM shipit.migration ORDER BY position")]

    def backups(self) -> list[Path]:
        return sorted((self.folder / ".git" / "shipit" / "backups").glob("*/*.dump"))

    def audit(self) -> str:
        file = self.folder / "reports" / "migrations.jsonl"
        return file.read_text() if file.exists() else ""

    def look(self) -> Sequence[str]:
        """The database as pg_dump sees it, rows and all, without shipit's own schema."""
        place = ("-h", "127.0.0.1", "-p", str(self.server.port), "-U", "postgres")
        dumped = self.server.run("pg_dump", *place, "-N", "shipit", "--inserts", self.database)
        return [line for line in dumped.stdout.splitlines() if not line.startswith(("\\", "--"))]

    def next_xid(self) -> object:
        """The transaction id that the server gives to whoever writes next."""
        return self.query(NEXT_XID)[0][0]

    def sessions(self) -> list[tuple[object, ...]]:
        """Those of shipit in the database, with what they do."""
        return self.query(
            "SELECT pid, state, query FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'shipit' AND pid <> pg_backend_pid()"
        )

    def is_doing(self, word: str) -> bool:
        """Whether a session of shipit is in a statement with this word."""
        return any(state == "active" and word in str(query) for _, state, query in self.sessions())


@dataclass
class Migrated:
    """Products that were migrated to NOTES once on each server, to be copied with their databases.

    `folder` is for them, `name` for their databases; there are so many `rows` in the table.
    """

    folder: Path
    name: str
    rows: int = 0
    made: dict[int, Product] = field(default_factory=dict)

    def fill(self, product: Product) -> Product:
        """A product of the same configuration, with NOTES and an empty database, as if it had been migrated."""
        port = product.server.port
        if port not in self.made:
            self.made[port] = self._make(product.server)
        model = self.made[port]
        product.server.drop(product.database)
        product.server.create(product.database, template=model.database)
        shutil.copytree(model.folder, product.folder, dirs_exist_ok=True)
        return product

    def _make(self, server: Server) -> Product:
        server.create(self.name)
        model = Product(self.folder / str(server.port), server, self.name)
        model.write(NOTES)
        ended = model.migrate()
        if ended.code:
            raise RuntimeError(ended.err)
        model.query(f"INSERT INTO notes (body) SELECT 'ours' FROM generate_series(1, {self.rows})")
        return model


class Writer(threading.Thread):
    """Somebody else at work: one committed row after the other, with the rows that the server acknowledged.

    It begins when `may` says so, and comes back when its session is ended.
    """

    def __init__(
        self, url: str, statement: str, may: Callable[[], bool] = lambda: True, limit: int = 10**9
    ) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self._url, self._statement, self._may, self._limit = url, statement, may, limit
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set() and not self._may():
            time.sleep(0.005)
        while not self._over.is_set() and len(self.acknowledged) < self._limit:
            try:
                self._write()
            except psycopg.Error:
                time.sleep(0.02)

    def _write(self) -> None:
        with closing(psycopg.connect(self._url, autocommit=True)) as connection:
            while not self._over.is_set() and len(self.acknowledged) < self._limit:
                [[key]] = connection.execute(self._statement.encode()).fetchall()
                self.acknowledged.append(key)
                time.sleep(0.002)

    def end(self) -> Sequence[int]:
        self._over.set()
        self.join()
        return self.acknowledged


@contextmanager
def writing(writer: Writer) -> Iterator[Writer]:
    writer.start()
    try:
        yield writer
    finally:
        writer.end()
