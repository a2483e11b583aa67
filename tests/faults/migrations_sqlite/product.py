"""A product with migrations whose database is a file, fresh for each case, and the command line to strike down."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.faults.killer import TOP, Blow, Killer, unmeasured
from tests.faults.migrations_sqlite import schema
from tests.faults.migrations_sqlite.runner import LIVE
from tests.support import run
from tests.support.run import Ran

CONFIGURATION = """\
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.environments.staging.database]
url = "sqlite:///var/acme.db"
on-failure = "down"
{settings}

[tool.shipit.environments.production.database]
url = "sqlite:///var/acme.db"
{settings}
"""
INSERT = "INSERT INTO orders (customer, total) VALUES (1, 1) RETURNING id"
Rows = list[tuple[object, ...]]


class Striker(Killer):
    """A warmed-up command line that can be struck down at any call of SQLite."""

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.migrations_sqlite.runner"],
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
    """A repository with migrations and one database, `template` as each case finds it."""

    folder: Path
    striker: Striker
    template: Path
    backups: Path = Path()

    def lay_out(self, files: Mapping[str, str], settings: str = "") -> None:
        """The repository with exactly these migrations; `settings` are those of both databases."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / ".git").exists():
            subprocess.run(["git", "init", "--quiet", str(self.folder)], check=True)
        self.configure(settings)
        self.write(files)

    def configure(self, settings: str) -> None:
        self.backups = self.folder / ".git" / "shipit" / "backups" / "staging"
        (self.folder / "pyproject.toml").write_text(CONFIGURATION.format(settings=settings))

    def write(self, files: Mapping[str, str]) -> None:
        """Exactly these migrations, and no others."""
        shutil.rmtree(self.folder / "migrations", ignore_errors=True)
        (self.folder / "migrations").mkdir()
        for name, text in files.items():
            (self.folder / "migrations" / name).write_text(text)

    def begin(self, mode: str = "delete") -> None:
        """A fresh database in this journal mode, and nothing that shipit made."""
        for name in ("var", ".git/shipit", "reports"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.path.parent.mkdir()
        shutil.copyfile(self.template, self.path)
        self.ask(f"PRAGMA journal_mode = {mode}")

    @property
    def path(self) -> Path:
        return self.folder / "var" / LIVE

    def ask(self, statement: str, path: Path | None = None) -> Rows:
        with closing(sqlite3.connect(path or self.path, isolation_level=None, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def strike(self, blow: Blow | None = None, env: str = "staging", after: int = 0) -> Ran:
        """`shipit migrate` in a fork of a warmed-up process, killed at the blow; see the runner for `after`."""
        words = ("migrate", "--env", env, "--yes")
        return self.striker.run(self.folder, *words, env=run.environment(SHIPIT_STRIKE=str(after)), blow=blow)

    def migrate(self, *words: str, env: str = "staging") -> Ran:
        """The same in a process of its own."""
        return run.wait(self.start(*words, env=env), words)

    def start(self, *words: str, env: str = "staging") -> "subprocess.Popen[str]":
        return run.start(self.folder, "migrate", *words, "--env", env, "--yes", env=run.environment())

    def standing(self, more: Mapping[str, str] | None = None) -> Mapping[str, Rows]:
        """Everything that counts, as SQLite itself says it; what is not there yet has no rows."""
        there = {name for (name,) in self.ask("SELECT name FROM sqlite_schema")}
        asked = {**schema.STANDING, **(more or {})}
        return {name: [] if _table(query) - there else self.ask(query) for name, query in asked.items()}

    def left_over(self) -> list[str]:
        """What nobody should find after a run: a lock, half a file, a journal of a copy, a file without record."""
        beside = {path.name for path in self.path.parent.iterdir()}
        expected = {self.path.name, f"{self.path.name}-wal", f"{self.path.name}-shm", f"{self.path.name}-journal"}
        kept = {path.name for path in self.backups.glob("*")}
        pairs = {
            f"{Path(name).stem}{end}" for name in kept for end in (".sqlite3", ".json") if name.endswith(".json")
        }
        found = {name for name in beside - expected if ".kept-" not in name or name.endswith(".partial")}
        return sorted(found | (kept ^ pairs))


def _table(query: str) -> set[str]:
    """The table of the ledger that a question reads, which may not be there."""
    return {word for word in query.split() if word.startswith("shipit_")}


@contextmanager
def orders_coming_in(product: Product, pause: float = 0.005) -> Iterator[list[int]]:
    """Somebody else who writes into the table that is migrated; gives the ids that SQLite confirmed."""
    acknowledged: list[int] = []
    over, begun = threading.Event(), threading.Event()

    def work() -> None:
        with closing(sqlite3.connect(product.path, isolation_level=None, timeout=60)) as connection:
            while True:
                acknowledged.extend(number for (number,) in connection.execute(INSERT).fetchall())
                begun.set()
                if over.wait(pause):
                    return

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(60)
    try:
        yield acknowledged
    finally:
        over.set()
        thread.join()


def lost(product: Product, acknowledged: Sequence[int]) -> list[str]:
    """Rows that somebody was told are there, and are not."""
    there = {row[0] for row in product.ask("SELECT id FROM orders")}
    gone = [number for number in acknowledged if number not in there]
    return [f"acknowledged rows are gone: {gone[:5]}, {len(gone)} of {len(acknowledged)}"] if gone else []
