"""The floor of what Python can do: every migration of a folder, statement by statement, in one transaction.

    DATABASE_URL=… python bench/floor.py FOLDER [--each]

With `--each` every migration has a transaction of its own, as with the peers.

No ledger, no lock, no check, nothing about statements but a semicolon at the end of a line.
"""

import os
import sys
from pathlib import Path

import psycopg


def main(folder: Path, *, each: bool) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], prepare_threshold=None) as connection:
        for file in sorted(folder.glob("migrations/*.sql")):
            up = file.read_text(encoding="utf-8").partition("-- migrate:down")[0].removeprefix("-- migrate:up\n")
            for statement in filter(str.strip, up.split(";\n")):
                connection.execute(statement.encode())
            if each:
                connection.commit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), each="--each" in sys.argv[2:])
