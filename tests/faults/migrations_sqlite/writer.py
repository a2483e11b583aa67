"""Somebody else who writes orders into a database until its stdin is closed; then it says as JSON what it knows.

python tests/faults/migrations_sqlite/writer.py FILE
"""

import json
import select
import sqlite3
import sys
import time
from contextlib import closing

ROWS = 10
PAUSE = 0.01  # seconds
INSERT = "INSERT INTO orders (customer, total) VALUES " + ", ".join(["(1, ?)"] * ROWS) + " RETURNING id, total"


def insert(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Some rows, as soon as nobody else has the lock; a restore may hand an id out twice, but no total."""
    now = time.time_ns()
    while True:
        try:
            return connection.execute(INSERT, [*range(now, now + ROWS)]).fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
        time.sleep(0.001)


def main() -> None:
    written: list[tuple[int, int]] = []
    with closing(sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)) as connection:
        began = time.monotonic()
        while True:
            written += insert(connection)
            if len(written) == ROWS:
                print("ready", flush=True)
            if select.select([sys.stdin], [], [], PAUSE)[0]:
                break
        seconds = time.monotonic() - began
    ids, totals = zip(*written, strict=True)
    print(json.dumps({"acknowledged": ids, "totals": totals, "rate": len(ids) / seconds}))


if __name__ == "__main__":
    main()
