"""The floor of what Python can do on SQLite: every migration of a folder in a transaction of its own.

    python bench/floor_sqlite.py FILE

Run in the folder that holds `migrations`. One row for each in a table, as every tool keeps it; no lock, no check,
nothing about statements but a semicolon at the end of a line.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def main(file: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE schema_migrations (version TEXT PRIMARY KEY)")
        for path in sorted(Path("migrations").glob("*.sql")):
            up = path.read_text(encoding="utf-8").partition("-- migrate:down")[0].removeprefix("-- migrate:up\n")
            connection.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, up.split(";\n")):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_migrations VALUES (?)", (path.name,))
            connection.execute("COMMIT")


if __name__ == "__main__":
    main(sys.argv[1])
