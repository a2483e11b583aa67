"""What the checks of the promises on PostgreSQL share: a product, other people at work, and harm that is done."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.support import pgbouncer
from tests.support.inside import Ended
from tests.support.migrations import NO_BACKUP, NOTES, Product
from tests.support.postgres import Server, wait_until
from tests.support.run import Ran
from tests.support.tcp_proxy import Cut, proxied

Check: TypeAlias = Callable[[Product, pytest.MonkeyPatch], None]
"""Raises AssertionError where the promise is broken; what it says first is the harm."""

INSERT = "INSERT INTO notes (body) VALUES ('theirs') RETURNING id"
# two transactions, since nobody may use a new value before it is committed, and no way back for the first
TWO_GROUPS: Mapping[str, str] = {
    "0002_kind.sql": "CREATE TYPE kind AS ENUM ('a');\n",
    "0003_more.sql": "-- shipit: depends 0002\nALTER TYPE kind ADD VALUE 'b';\n",
}
FAILS_SLOWLY: Mapping[str, str] = {
    "0004_fails.sql": "SELECT pg_sleep(0.6);\nINSERT INTO notes (id) VALUES (NULL);\n"
}
FAILS: Mapping[str, str] = {"0004_fails.sql": "INSERT INTO notes (id) VALUES (NULL);\n"}
ONCE = "SELECT count(*) FROM notes WHERE body = 'once'"


@contextlib.contextmanager
def product_on(folder: Path, server: Server, database: str, kind: type[Product] = Product) -> Iterator[Product]:
    """A product with one table of notes that is not migrated yet; its kept databases go afterwards."""
    made = kind(folder / "product", server, database)
    made.write(NOTES)
    yield made
    for (name,) in server.query("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{database}\\_%'"):
        server.drop(str(name))


@contextlib.contextmanager
def pooled(product: Product) -> Iterator[Product]:
    """The same behind a transaction pooler."""
    with pgbouncer.before(product.server) as pooler:
        product.address = pooler.url(product.database)
        product.configure(settings='rehearse = "never"', staging=NO_BACKUP)
        yield product


def assert_code(ended: Ended, code: int) -> None:
    assert ended.code == code, f"it ended with {ended.code}, not with {code}:\n{ended.err}"


def keys(product: Product) -> set[object]:
    return {key for (key,) in product.query("SELECT id FROM notes")}


def runs(product: Product) -> list[tuple[object, ...]]:
    return product.query("SELECT command, outcome, detail FROM shipit.run ORDER BY started_at")


def struck(product: Product, word: str, *, settled: bool = True) -> None:
    """Start a run and kill it while the server is in a statement with this word; `settled`: it noticed that."""
    child = product.start()
    try:
        wait_until(lambda: child.poll() is not None or product.is_doing(word), 30)
        if child.poll() is not None:
            raise RuntimeError(f"it ended before it could be killed: {child.communicate()}")
    finally:
        child.kill()
        child.communicate()
    if settled:
        wait_until(lambda: not product.sessions())


def at_once(product: Product, count: int) -> Sequence[Ran]:
    """So many runs to their ends, all of which have begun before any may read the notes."""
    with product.server.connect(product.database) as holder:

        def let_go() -> None:
            wait_until(lambda: len(product.sessions()) >= count, 60)  # as many processes begin at once
            holder.execute("COMMIT")

        holder.execute("BEGIN; LOCK TABLE notes")
        return product.at_once(count, let_go)


def cut_off(product: Product, cut: Cut) -> Ended:
    """Migrate through a link that is cut at the COMMIT of what sleeps."""
    with proxied(product.server.port) as proxy:
        product.address = product.address.replace(str(product.server.port), str(proxy.port))

        def arm() -> None:
            wait_until(lambda: product.is_doing("pg_sleep"))
            proxy.cut = cut

        thread = threading.Thread(target=arm)
        thread.start()
        ended = product.migrate("--verbose")
        thread.join()
        if proxy.cuts != 1:
            raise RuntimeError(f"the link was cut {proxy.cuts} times: {ended.err}")
    return ended


@contextlib.contextmanager
def read_and_held(product: Product, word: str, holds: float) -> Iterator[list[float]]:
    """Somebody reads the notes again and again, and somebody else holds them while shipit does `word`.

    The one who holds them lets go after `holds` seconds; what is given is how long each read took, in seconds.
    """
    took, held, over = [0.0], threading.Event(), threading.Event()

    def read() -> None:
        with product.server.connect(product.database) as reader:
            while not over.is_set():
                began = time.monotonic()
                reader.execute("SELECT count(*) FROM notes")
                took.append(time.monotonic() - began)
                time.sleep(0.005)

    def hold() -> None:
        with product.server.connect(product.database) as holder, holder.transaction():
            holder.execute("SELECT 1 FROM notes LIMIT 1")
            held.set()
            wait_until(lambda: over.is_set() or product.is_doing(word))
            over.wait(holds)

    others = [threading.Thread(target=read), threading.Thread(target=hold)]
    for thread in others:
        thread.start()
    held.wait(10)
    try:
        yield took
    finally:
        over.set()
        for thread in others:
            thread.join()


def commit_slowly(product: Product) -> None:
    """From now on a COMMIT takes its time for each new note, and does not end with its client."""
    product.query(
        "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql SET client_connection_check_interval = 0"
        " AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$"
    )
    product.query(
        "CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slowly()"
    )


def harmed(programs: Path, folder: Path, how: str) -> Path:
    """Programs of PostgreSQL of which pg_dump harms what it writes, and says that all is well."""
    folder.mkdir()
    dump = folder / "pg_dump"
    dump.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {programs}/pg_dump "$@"\n{programs}/pg_dump "$@" | {how}\n'
    )
    dump.chmod(0o755)
    (folder / "pg_restore").symlink_to(programs / "pg_restore")
    return folder


def forgetful(programs: Path, folder: Path) -> Path:
    """Programs of PostgreSQL of which pg_restore brings no rows into a database, and says that all is well."""
    folder.mkdir()
    restore = folder / "pg_restore"
    restore.write_text(
        f'#!/bin/sh\ncase "$*" in *--dbname=*) set -- --schema-only "$@";; esac\nexec {programs}/pg_restore "$@"\n'
    )
    restore.chmod(0o755)
    (folder / "pg_dump").symlink_to(programs / "pg_dump")
    return folder
