"""The database that both services share: notes and events in one SQLite file."""

import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

TABLES = """
CREATE TABLE notes (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '',
  written_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE events (
  delivery TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  received_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  outcome TEXT NOT NULL DEFAULT 'received' CHECK (outcome IN ('received', 'done', 'failed'))
);
CREATE INDEX events_failed ON events (received_at) WHERE outcome = 'failed';
CREATE INDEX notes_by_written_at ON notes (written_at DESC);
"""


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    body: str
    tags: tuple[str, ...]


class Store:
    """Each call opens the file anew, so that threads and processes can share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._connect()) as database, database:
            if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
                database.executescript(f"BEGIN IMMEDIATE;{TABLES}COMMIT;")

    def add_note(self, body: str, tags: Sequence[str] = ()) -> Note:
        note = Note(secrets.token_hex(4), body, tuple(tags))
        with closing(self._connect()) as database, database:
            database.execute(
                "INSERT INTO notes (id, body, tags) VALUES (?, ?, ?)", (note.id, body, " ".join(note.tags))
            )
        return note

    def find_notes(self, query: str, limit: int) -> list[Note]:
        """The newest notes whose text or tags contain the query."""
        pattern = f"%{query}%"
        with closing(self._connect()) as database:
            rows = database.execute(
                "SELECT id, body, tags FROM notes WHERE body LIKE ?1 OR tags LIKE ?1 ORDER BY rowid DESC LIMIT ?2",
                (pattern, limit),
            )
            return [Note(id_, body, tuple(tags.split())) for id_, body, tags in rows]

    def add_event(self, delivery: str, kind: str, payload: str) -> bool:
        """Remember a delivery; False if it is known already (senders repeat themselves)."""
        with closing(self._connect()) as database, database:
            added = database.execute(
                "INSERT INTO events (delivery, kind, payload) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (delivery, kind, payload),
            )
            return added.rowcount == 1

    def count_events(self) -> int:
        with closing(self._connect()) as database:
            return int(database.execute("SELECT count(*) FROM events").fetchone()[0])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=5)
