"""People at work in the database while it is migrated: somebody who writes, and somebody who only reads.

    python -m tests.faults.migrations.traffic writer|reader

The address comes in DATABASE_URL. Each goes on until its stdin is closed, and then prints what it saw as JSON.
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.faults.killer import TOP, unmeasured
from tests.faults.migrations.product import Product

ROWS = 10
PAUSE = 0.01  # seconds, for both
_INSERT = "INSERT INTO orders (customer, total) SELECT 'new', n FROM generate_series(1, %s) n RETURNING id"
_HELD = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE a.application_name = 'shipit' AND l.granted AND l.mode = 'AccessExclusiveLock'
    AND l.relation = 'orders'::regclass
"""


@dataclass
class Seen:
    """`acknowledged` ids; `rate` in rows a second; `stall` of a reader and `hold` of a lock in seconds."""

    acknowledged: list[int] = field(default_factory=list)
    rate: float = 0
    stall: float = 0
    hold: float = 0
    reads: int = 0


@contextmanager
def traffic(product: Product) -> Iterator[Seen]:
    """Both at work, each a process of its own; what they saw is there afterwards."""
    seen = Seen()
    people = {role: _start(product, role) for role in ("writer", "reader")}
    try:
        for child in people.values():
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        yield seen
    finally:
        said = {role: child.communicate()[0] for role, child in people.items()}
    for text in said.values():
        vars(seen).update(json.loads(text))


def _start(product: Product, role: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.migrations.traffic", role],
        cwd=TOP,
        env={**unmeasured(os.environ), "DATABASE_URL": product.server.url(product.database)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _over() -> bool:
    return bool(select.select([sys.stdin], [], [], PAUSE)[0])


def write(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, Any]:
    acknowledged: list[int] = []
    began = time.monotonic()
    while not _over():
        acknowledged += [number for (number,) in connection.execute(_INSERT, [ROWS])]
    return {"acknowledged": acknowledged, "rate": len(acknowledged) / (time.monotonic() - began)}


def read(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, Any]:
    """The longest time of a question, and the longest time that a migration had the table for itself."""
    over = threading.Event()
    holds = [0.0]
    sampler = threading.Thread(target=_sample, args=(over, holds))
    sampler.start()
    stall, reads = 0.0, 0
    while not _over():
        began = time.monotonic()
        connection.execute("SELECT count(*) FROM orders").fetchall()
        stall = max(stall, time.monotonic() - began)
        reads += 1
    over.set()
    sampler.join()
    return {"stall": stall, "hold": max(holds), "reads": reads}


def _sample(over: threading.Event, holds: list[float]) -> None:
    with _connect() as connection:
        since: float | None = None
        while not over.wait(PAUSE / 2):
            now = time.monotonic()
            [[held]] = connection.execute(_HELD).fetchall()
            since = (since or now) if held else None
            holds[0] = max(holds[0], time.monotonic() - since) if since else holds[0]


def _connect() -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def main() -> None:
    with _connect() as connection:
        print("ready", flush=True)
        print(json.dumps((write if sys.argv[1] == "writer" else read)(connection)))


if __name__ == "__main__":
    main()
