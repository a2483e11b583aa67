"""The migrations part of a demo: a database goes up, and a migration that fails on its rows is rolled back."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from examples.lay_out import Laid
from examples.stage import Failed, Question, check, show

TABLES = {"notes", "events"}
NOTES = ["Buy bread", "Buy milk"]
WRITE_NOTES = "INSERT INTO notes (id, body, tags) VALUES ('1', 'Buy milk', 'food'), ('2', 'Buy bread', 'food')"
READ_NOTES = "SELECT body FROM notes ORDER BY body"
# it passes on an empty copy of the schema, and fails on the rows: two notes have the same tags
FAILING = """\
CREATE TABLE tags (name TEXT PRIMARY KEY);
INSERT INTO tags (name) SELECT tags FROM notes;
"""


class Database(Protocol):
    """The database of staging as its own client sees it, without shipit."""

    @property
    def client(self) -> str: ...

    @property
    def migrations(self) -> str:
        """The folder of the product with the migrations in its dialect."""
        ...

    @property
    def variables(self) -> Mapping[str, str]:
        """What shipit's environment must hold."""
        ...

    def is_untouched(self) -> bool: ...

    def tables(self) -> set[str]:
        """Those of the product: shipit's own are left out."""
        ...

    def ask(self, statement: str) -> list[str]:
        """Run one statement; the first value of each row."""
        ...

    def notes_in(self, backup: Path) -> list[str]:
        """The texts of the notes in a backup; raises if it cannot be read whole."""
        ...


@dataclass(frozen=True, slots=True)
class Sqlite:
    """A file, which Python's sqlite3 reads."""

    path: Path
    client: str = "sqlite3"
    migrations: str = "migrations/sqlite"

    @property
    def variables(self) -> Mapping[str, str]:
        return {}

    def is_untouched(self) -> bool:
        return not self.path.exists()

    def tables(self) -> set[str]:
        names = self.ask("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {name for name in names if not name.startswith(("shipit_", "sqlite_"))}

    def ask(self, statement: str) -> list[str]:
        return _ask(self.path, statement)

    def notes_in(self, backup: Path) -> list[str]:
        if _ask(backup, "PRAGMA integrity_check") != ["ok"]:
            raise ValueError(f"{backup} is damaged")
        return _ask(backup, READ_NOTES)


def migrate(laid: Laid, database: Database) -> None:
    """Run the commands a person would type, then ask the database's own client what is there."""

    def shown(why: str, command: str, expected: int = 0) -> None:
        show(laid.clone, why, command, expected, database.variables)

    shown("What would a migration of staging do? Nothing is touched.", "shipit migrate --env staging --dry-run")
    if not database.is_untouched():
        raise Failed("the dry run changed something")
    shown("Migrate staging.", "shipit migrate --env staging --yes")
    shown("Again: there is nothing to do.", "shipit migrate --env staging --yes")
    shown("Where does staging stand?", "shipit migrate status --env staging")
    database.ask(WRITE_NOTES)
    name = write_failing(laid.clone / database.migrations)
    shown(
        f"Somebody has written two notes, and {name} cannot cope with them. It is rolled back.",
        "shipit migrate --env staging --yes",
        expected=7,
    )
    shown("What has happened to staging so far?", "shipit migrate history --env staging")
    check(f"And what does {database.client} say?", questions(laid, database))


def write_failing(folder: Path) -> str:
    """Write the migration that fails behind the newest one of the folder; returns its file's name."""
    last = max(int(path.name.partition("_")[0]) for path in folder.glob("*.sql"))
    name = f"{last + 1:04}_tags.sql"
    (folder / name).write_text(FAILING, encoding="utf-8")
    (folder / f"{last + 1:04}_tags.down.sql").write_text("DROP TABLE tags;\n", encoding="utf-8")
    return name


def questions(laid: Laid, database: Database) -> Iterator[Question]:
    backups = laid.clone / ".git" / "shipit" / "backups" / "staging"
    yield (
        "the tables of the product are there, and nothing of the migration that failed",
        lambda: database.tables() == TABLES,
    )
    yield "the notes that were written are there", lambda: database.ask(READ_NOTES) == NOTES
    yield (
        "the backup from before can be read whole, and has them too",
        lambda: database.notes_in(newest(backups)) == NOTES,
    )


def newest(folder: Path) -> Path:
    """The newest backup: their names sort by time."""
    return max(path for path in folder.iterdir() if path.suffix in {".sqlite3", ".dump"})


def _ask(path: Path, statement: str) -> list[str]:
    with closing(sqlite3.connect(path.as_uri() + "?mode=rw", uri=True)) as connection, connection:
        return [row[0] for row in connection.execute(statement)]
