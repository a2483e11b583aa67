"""A backup comes back beside the live database, and takes its name only when nothing of others is lost."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from shipit.adapters.postgres import address, fence, obstacles, restorer, surroundings
from shipit.adapters.postgres.backups import PostgresBackups
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.restorer import PostgresRestorer
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.side import Side
from shipit.errors import Denied, ExternalError, Refused, Signalled, Unavailable
from shipit.migrations.records import Backup
from tests.support.postgres import Server, wait_until

PASSWORD = "p@ss:/#% word"
PEOPLE = ("acme_owner", "acme_reader")
SCHEMA = """
CREATE SCHEMA shipit; CREATE TABLE shipit.own (xid bigint PRIMARY KEY);
CREATE TABLE a (id int PRIMARY KEY, text text);
INSERT INTO a SELECT n, md5(n::text) FROM generate_series(1, 1000) n;
CREATE SEQUENCE s; SELECT setval('s', 41);
"""
FAILED = """
BEGIN; INSERT INTO shipit.own VALUES (txid_current()); ALTER TABLE a ADD COLUMN bad int; DELETE FROM a; COMMIT
"""
FEW = 0
ALL = 10**9


def quiet(line: str) -> None:
    pass


@dataclass
class Place:
    """A database of acme_owner, who is no superuser, with a backup and a migration that went wrong since."""

    server: Server
    name: str
    session: Session
    backup: Backup

    @property
    def restorer(self) -> PostgresRestorer:
        return PostgresRestorer(self.session, Catalog)

    @property
    def url(self) -> str:
        """As its owner: a superuser's session would be in the way."""
        return self.server.url(self.name, "acme_owner", PASSWORD)

    def count(self, database: str = "", table: str = "a") -> object:
        url = self.server.url(database or self.name, "acme_owner", PASSWORD)
        with psycopg.connect(url) as connection:
            return connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()[0][0]

    def write(self) -> None:
        """What somebody else does."""
        with psycopg.connect(self.url) as connection:
            connection.execute("INSERT INTO a VALUES (5000, 'foreign')")

    def databases(self) -> list[str]:
        rows = self.server.query("postgres", "SELECT datname FROM pg_database ORDER BY 1")
        return [str(name) for (name,) in rows if str(name).startswith(self.name)]

    def is_as_before(self) -> bool:
        """Open, under its name, as the failed migration left it, and nothing beside it."""
        return self.databases() == [self.name] and self.count(table="a WHERE bad IS NULL") in {0, 1}


@pytest.fixture
def place(server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("SHIPIT_PG_BIN", str(server.bin))
    server.role("acme_owner", PASSWORD, "LOGIN CREATEDB")
    server.role("acme_reader", PASSWORD, "LOGIN")
    server.order(
        sql.SQL("GRANT SET ON PARAMETER acme.tenant TO acme_owner"),
        sql.SQL("ALTER DATABASE {} OWNER TO acme_owner").format(sql.Identifier(database)),
    )
    session = Session(address.read(server.url(database, "acme_owner", PASSWORD)), lock_patience=2)
    try:
        session.ask(SCHEMA)
        _surround(server, database)
        backup = PostgresBackups(session, Catalog, tmp_path / "backups").take("r1", quiet)
        session.ask(FAILED)
        yield Place(server, database, session, backup)
    finally:
        session.close()
        _clear(server, database)


def _surround(server: Server, database: str) -> None:
    statements = (
        'ALTER DATABASE {} SET search_path = "$user", public, \'odd "name\'',
        "ALTER DATABASE {} SET work_mem = '5555kB'",
        "ALTER DATABASE {} SET acme.tenant = 'a, b'",
        "ALTER ROLE acme_owner IN DATABASE {} SET statement_timeout = '77s'",
        "REVOKE ALL ON DATABASE {} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {} TO acme_reader WITH GRANT OPTION",
        "COMMENT ON DATABASE {} IS 'the shop''s database'",
        "ALTER DATABASE {} CONNECTION LIMIT 40",
    )
    server.order(*(sql.SQL(statement).format(sql.Identifier(database)) for statement in statements))


def _clear(server: Server, database: str) -> None:
    for (name,) in server.query("postgres", f"SELECT datname FROM pg_database WHERE datname ~ '^{database}(_|$)'"):
        server.drop(str(name))
    server.order(
        sql.SQL("REVOKE SET ON PARAMETER acme.tenant FROM acme_owner"),
        *(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)) for role in PEOPLE),
    )


def test_an_owner_restores_and_nothing_of_the_database_is_other_than_before(place: Place) -> None:
    with place.server.connect() as connection:
        before = surroundings.read(connection, place.name)
        assert place.restorer.possible() == ""
        restored = place.restorer.restore(place.backup, FEW, quiet)
        after = surroundings.read(connection, place.name)
    assert before == after
    assert (after.owner, after.limit, after.comment) == ("acme_owner", 40, "the shop's database")
    assert after.rights
    assert ("acme_owner", "acme_reader", "CONNECT", True) in after.rights
    assert ("", "search_path", '"$user", public, "odd ""name"') in after.settings
    assert ("acme_owner", "statement_timeout", "77s") in after.settings
    assert restored.lost == 0
    assert restored.gap < 1
    print(f"nobody could connect for {restored.gap * 1000:.0f} ms")


def test_the_live_database_is_the_backup_and_the_failed_one_is_kept(place: Place) -> None:
    restored = place.restorer.restore(place.backup, FEW, quiet)
    assert place.databases() == [place.name, f"{place.name}_kept_r1"]
    assert restored.kept == f"{place.name}_kept_r1"
    assert (place.count(), place.count(restored.kept)) == (1000, 0)
    assert place.server.query(place.name, "SELECT nextval('s')") == [(42,)]
    assert place.server.query(place.name, "SELECT reltuples FROM pg_class WHERE relname = 'a'") == [(1000,)]
    comment = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{restored.kept}'"
    assert "restored the backup of r1" in str(place.server.query("postgres", comment))
    catalog = Catalog(place.session)  # its session was ended: it opens another
    assert (catalog.fingerprint(), catalog.counts()) == (place.backup.fingerprint, place.backup.counts)


def test_the_same_backup_comes_back_twice_and_both_former_databases_are_kept(place: Place) -> None:
    place.restorer.restore(place.backup, FEW, quiet)
    assert place.restorer.restore(place.backup, ALL, quiet).kept == f"{place.name}_kept_r1_2"
    assert place.databases() == [place.name, f"{place.name}_kept_r1", f"{place.name}_kept_r1_2"]


def test_one_foreign_write_refuses_and_nobody_is_disturbed(place: Place) -> None:
    place.write()
    with psycopg.connect(place.url) as other:
        with pytest.raises(Refused, match="others wrote") as caught:
            place.restorer.restore(place.backup, FEW, quiet)
        assert other.execute("SELECT count(*) FROM a").fetchone() == (1,)
    assert "1 transactions of others" in caught.value.evidence[0]
    assert caught.value.hint == "shipit migrate restore r1 --env NAME --accept-loss 1"
    assert place.is_as_before()


def test_as_much_as_was_accepted_may_be_lost_and_is_kept_aside(place: Place) -> None:
    place.write()
    restored = place.restorer.restore(place.backup, 1, quiet)
    assert restored.lost == 1
    assert place.count(restored.kept) == 1


def _during(place: Place, where: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody writes just before `name` is called."""
    then = getattr(where, name)

    def first_write(*given: Any, **named: Any) -> Any:
        place.write()
        return then(*given, **named)

    monkeypatch.setattr(where, name, first_write)


@pytest.mark.parametrize(
    ("where", "name"), [(Side, "make"), (Side, "compare"), (fence, "unendable"), (fence, "ending")]
)
def test_a_write_that_lands_on_the_way_refuses(
    place: Place, where: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.restorer.possible() == ""
    monkeypatch.setattr(PostgresRestorer, "possible", lambda self: "")
    _during(place, where, name, monkeypatch)
    with pytest.raises(Refused, match="others wrote"):
        place.restorer.restore(place.backup, FEW, quiet)
    assert place.count() == 1
    assert place.is_as_before()


@dataclass
class Writer:
    """Inserts as fast as it can and remembers what the server acknowledged; reconnects at once."""

    url: str
    number: int
    over: threading.Event
    acknowledged: list[int] = field(default_factory=list)
    longest: float = 0

    def __call__(self) -> None:
        last = time.monotonic()
        while not self.over.is_set():
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True) as connection:
                while not self.over.is_set():
                    self.number += 1
                    connection.execute("INSERT INTO a VALUES (%s, '')", [self.number])
                    self.acknowledged.append(self.number)
                    now = time.monotonic()
                    self.longest, last = max(self.longest, now - last), now


@contextlib.contextmanager
def _writing(place: Place) -> Iterator[list[Writer]]:
    """Three at once, all of them at work when the block begins and again when it ends."""
    over = threading.Event()
    writers = [Writer(place.url, million * 10**6, over) for million in (1, 2, 3)]
    threads = [threading.Thread(target=writer) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: all(len(writer.acknowledged) > 50 for writer in writers))
        yield writers
        reached = [len(writer.acknowledged) for writer in writers]
        wait_until(lambda: all(len(w.acknowledged) > n + 20 for w, n in zip(writers, reached, strict=True)))
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_with_others_writing_all_the_time_no_acknowledged_row_is_missing(place: Place) -> None:
    with _writing(place) as writers, contextlib.ExitStack() as idle:
        for _ in range(10):
            idle.enter_context(contextlib.closing(psycopg.connect(place.url)))
        restored = place.restorer.restore(place.backup, ALL, quiet)
    acknowledged = {number for writer in writers for number in writer.acknowledged}
    kept = {number for (number,) in place.server.query(restored.kept, "SELECT id FROM a")}
    live = {number for (number,) in place.server.query(place.name, "SELECT id FROM a")}
    longest = max(writer.longest for writer in writers)
    print(
        f"{len(acknowledged)} rows acknowledged, {len(kept)} kept aside, {restored.lost} transactions counted; "
        f"the gap was {restored.gap * 1000:.0f} ms, the longest wait of a writer {longest * 1000:.0f} ms"
    )
    assert acknowledged <= kept | live
    assert kept
    assert live > set(range(1, 1001))
    assert restored.lost >= len(kept)
    assert restored.gap < 1
    assert longest < 3


def test_idle_sessions_are_ended_and_a_superusers_stops_an_owner(place: Place) -> None:
    with contextlib.closing(psycopg.connect(place.url)) as idle:
        idle.execute("SELECT 1")
        with place.server.connect(place.name):
            assert "may not end the session" in place.restorer.possible()
            with pytest.raises(Refused, match="cannot be restored beside"):
                place.restorer.restore(place.backup, FEW, quiet)
        wait_until(lambda: place.restorer.possible() == "")
        assert place.is_as_before()
        idle.execute("SELECT 1")
        place.restorer.restore(place.backup, FEW, quiet)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


@pytest.mark.parametrize("damage", ["truncated", "flipped"])
def test_nothing_is_run_with_a_damaged_backup(place: Place, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(place.backup.path)
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        del data[-1]
    else:
        data[len(data) // 2] ^= 1
    path.write_bytes(data)
    made: list[object] = []
    monkeypatch.setattr(Side, "make", lambda *given: made.append(given))
    with pytest.raises(Refused, match="not what was written"):
        place.restorer.restore(place.backup, ALL, quiet)
    assert not made
    assert place.is_as_before()


def test_a_backup_without_record_is_refused(place: Place) -> None:
    Path(place.backup.path).with_suffix(".json").unlink()
    with pytest.raises(Refused, match="no such backup"):
        place.restorer.restore(place.backup, ALL, quiet)


def _record(place: Place, change: Callable[[Any], None]) -> None:
    path = Path(place.backup.path).with_suffix(".json")
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def test_other_rows_or_another_schema_than_backed_up_refuse(place: Place) -> None:
    _record(place, lambda record: record["backup"].update(counts={"public.a": 7}, fingerprint="0" * 64))
    with pytest.raises(Refused, match="not what was backed up") as caught:
        place.restorer.restore(place.backup, FEW, quiet)
    assert caught.value.evidence[0] == "public.a: 1000 rows, there were 7"
    assert "fingerprint" in caught.value.evidence[1]
    assert place.is_as_before()


def test_rights_that_cannot_be_made_again_refuse(place: Place) -> None:
    stranger = ["acme_reader", "acme_owner", "CREATE", False]
    _record(place, lambda record: record["noted"]["surroundings"]["rights"].append(stranger))
    with pytest.raises(Refused, match="set up like the former one"):
        place.restorer.restore(place.backup, FEW, quiet)
    assert place.is_as_before()


def test_a_restore_that_fails_leaves_everything_as_it_was(place: Place, tmp_path: Path) -> None:
    place.server.query("postgres", "CREATE ROLE passing")
    place.server.query(place.name, "CREATE TABLE theirs (); ALTER TABLE theirs OWNER TO passing")
    backup = PostgresBackups(Session(address.read(place.server.url(place.name))), Catalog, tmp_path / "others")
    taken = backup.take("r2", quiet)
    backup._session.close()
    place.server.query(place.name, "DROP TABLE theirs")
    place.server.query("postgres", "DROP ROLE passing")
    with pytest.raises(ExternalError, match="pg_restore failed") as caught:
        place.restorer.restore(taken, ALL, quiet)
    assert "passing" in " ".join(caught.value.evidence)
    assert place.is_as_before()


def test_a_signal_in_the_middle_of_the_swap_leaves_everything_as_it_was(place: Place) -> None:
    """The server is still waiting for a lock when we leave."""

    def arrive(number: int, frame: object) -> None:
        raise Signalled

    def arm(line: str) -> None:
        if line.startswith("swapping"):
            signal.setitimer(signal.ITIMER_REAL, 0.5)

    before = signal.signal(signal.SIGALRM, arrive)
    try:
        with place.server.connect() as other, other.transaction():
            other.execute(f"COMMENT ON DATABASE {place.name} IS 'not yet'".encode())
            with pytest.raises(Signalled):
                place.restorer.restore(place.backup, FEW, arm)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert place.is_as_before()


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_signal_between_any_two_steps_leaves_everything_as_it_was(place: Place, line: int) -> None:
    said: list[str] = []

    def interrupt(text: str) -> None:
        said.append(text)
        if len(said) > line:
            raise Signalled

    with pytest.raises(Signalled):
        place.restorer.restore(place.backup, FEW, interrupt)
    assert place.is_as_before()


RESTORE = """
import sys, time
from pathlib import Path
from shipit.adapters.postgres import address, restorer
from shipit.adapters.postgres.backups import PostgresBackups
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.side import Side
session = Session(address.read(sys.argv[1]))
where, name = {"side": (Side, "make"), "fill": (Side, "compare"), "furnish": (Side, "furnish"),
    "fence": (restorer, "_comment")}[sys.argv[3]]
then = getattr(where, name)
def stop(*given):
    result = then(*given)
    print("here", flush=True)
    time.sleep(60)
    return result
setattr(where, name, stop)
backup = PostgresBackups(session, Catalog, Path(sys.argv[2])).find("r1")
restorer.PostgresRestorer(session, Catalog).restore(backup, 0, lambda line: None)
"""


@pytest.mark.parametrize("where", ["side", "fill", "furnish", "fence"])
def test_a_run_killed_anywhere_leaves_the_database_open_and_the_next_one_repairs(place: Place, where: str) -> None:
    argv = [sys.executable, "-c", RESTORE, place.url, str(Path(place.backup.path).parent), where]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() == "here\n"
        child.kill()
    began = time.monotonic()
    assert place.count() == 0
    assert time.monotonic() - began < 2
    assert place.databases() == [place.name, f"{place.name}_shipit_side_r1"]
    place.session.reconnect()  # the killed run may have ended it
    assert place.restorer.restore(place.backup, ALL, quiet).kept == f"{place.name}_kept_r1"
    assert place.databases() == [place.name, f"{place.name}_kept_r1"]


class _Mute(Session):
    """The link breaks after the last word, before its answer."""

    @contextlib.contextmanager
    def transaction(self, doing: str = "") -> Iterator[Any]:
        with super().transaction(doing) as connection:
            yield connection
        if "swap" in doing:
            self.close()
            raise Unavailable("could not swap") from psycopg.OperationalError("the connection is lost")


def test_a_lost_answer_to_the_swap_is_settled_by_looking(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def mute(session: Session) -> Session:
        return _Mute(session.another("postgres").target)

    monkeypatch.setattr(obstacles, "elsewhere", mute)
    assert place.restorer.restore(place.backup, FEW, quiet).kept == f"{place.name}_kept_r1"
    assert place.count() == 1000


def test_a_swap_that_is_not_carried_out_is_not_taken_for_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*given: object) -> None:
        raise Unavailable("could not swap") from psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(restorer, "_comment", breaks)
    with pytest.raises(Unavailable):
        place.restorer.restore(place.backup, FEW, quiet)
    assert place.is_as_before()


def test_a_database_whose_lock_somebody_holds_is_not_waited_for_long(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restorer, "_LIMITS", restorer._LIMITS.replace("'3s'", "'300ms'"))
    with place.server.connect() as other, other.transaction():
        other.execute(f"COMMENT ON DATABASE {place.name} IS 'not yet'".encode())
        began = time.monotonic()
        with pytest.raises(Unavailable, match="could not swap the names"):
            place.restorer.restore(place.backup, FEW, quiet)
        assert 0.3 <= time.monotonic() - began < 15
    assert place.is_as_before()


def test_a_mark_that_is_too_old_needs_a_person_who_accepts_all_that_may_be_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipit.adapters.postgres.catalog.FARTHEST", 0)
    with pytest.raises(Refused, match="nobody can tell any more"):
        place.restorer.restore(place.backup, FEW, quiet)
    assert place.is_as_before()
    assert place.restorer.restore(place.backup, ALL, quiet).lost >= 1


def test_a_role_without_the_rights_is_told_before_anything(place: Place) -> None:
    place.server.query("postgres", f"GRANT CONNECT ON DATABASE {place.name} TO acme_reader")
    with contextlib.closing(
        Session(address.read(place.server.url(place.name, "acme_reader", PASSWORD)))
    ) as session:
        assert "CREATEDB" in PostgresRestorer(session, Catalog).possible()
        place.server.query("postgres", "ALTER ROLE acme_reader CREATEDB")
        assert "belongs to acme_owner" in PostgresRestorer(session, Catalog).possible()
        with pytest.raises(Denied):
            session.ask("SELECT * FROM a")


def test_a_setting_that_only_a_superuser_may_give_is_told_before_anything(place: Place) -> None:
    place.server.query("postgres", "REVOKE SET ON PARAMETER acme.tenant FROM acme_owner")
    assert place.restorer.possible() == "the role acme_owner may not give the setting acme.tenant to a database"


def test_what_a_swap_would_break_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setenv("SHIPIT_PG_BIN", str(server.bin))
    own = Server.start(server.bin, {"wal_level": "logical", "max_prepared_transactions": "2"})
    try:
        own.create("shop")
        with contextlib.closing(Session(address.read(own.url("shop")))) as session:
            assert PostgresRestorer(session, Catalog).possible() == ""
            own.query("shop", "BEGIN; CREATE TABLE p (); PREPARE TRANSACTION 'left'")
            assert (
                PostgresRestorer(session, Catalog).possible() == "the transaction left is prepared and not finished"
            )
            own.query("shop", "ROLLBACK PREPARED 'left'")
            own.query("shop", "SELECT pg_create_logical_replication_slot('copy', 'pgoutput')")
            assert "the replication slot copy" in PostgresRestorer(session, Catalog).possible()
            own.query("shop", "SELECT pg_drop_replication_slot('copy')")
            connect = "CONNECTION 'dbname=shop' PUBLICATION p WITH (connect = false, slot_name = NONE)"
            own.query("shop", f"CREATE SUBSCRIPTION news {connect}")
            assert PostgresRestorer(session, Catalog).possible() == "the subscription news would be lost"
    finally:
        own.remove()


def test_a_database_of_another_locale_is_made_again(debian: Server, place: Place) -> None:
    kinds = [
        "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' ENCODING 'UTF8'",
        "LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'LATIN1'",
    ]
    for kind in kinds[place.server is not debian :]:
        place.server.query("postgres", f"CREATE DATABASE {place.name}_one {kind} TEMPLATE template0")
        with place.server.connect() as connection:
            like = surroundings.read(connection, f"{place.name}_one")
            connection.execute(surroundings.creation(like, f"{place.name}_two"))
            assert surroundings.read(connection, f"{place.name}_two") == like
        place.server.drop(f"{place.name}_one")
        place.server.drop(f"{place.name}_two")


EVERYTHING = """
CREATE SCHEMA shop; COMMENT ON SCHEMA shop IS 'goods'; ALTER SCHEMA shop OWNER TO acme_owner;
CREATE TYPE shop.mood AS ENUM ('good', 'bad');
CREATE DOMAIN shop.short AS text CHECK (length(VALUE) < 20) DEFAULT 'x';
CREATE TYPE shop.pair AS (a int, b shop.mood);
CREATE TABLE shop.item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name shop.short NOT NULL UNIQUE,
  mood shop.mood DEFAULT 'good', price numeric(10, 2) CHECK (price > 0),
  twice numeric GENERATED ALWAYS AS (price * 2) STORED,
  tags text[] DEFAULT '{}', made timestamptz DEFAULT now(), pair shop.pair,
  EXCLUDE (name WITH =));
CREATE TABLE shop.part (day date, item bigint REFERENCES shop.item ON DELETE CASCADE DEFERRABLE)
  PARTITION BY RANGE (day);
CREATE TABLE shop.part_1 PARTITION OF shop.part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.part_rest PARTITION OF shop.part DEFAULT; CREATE INDEX ON shop.part (item);
CREATE TABLE shop.child (extra int) INHERITS (shop.item);
CREATE INDEX item_lower ON shop.item (lower(name)) WHERE price > 1;
CREATE STATISTICS shop.both ON name, price FROM shop.item;
CREATE VIEW shop.cheap AS SELECT id, name FROM shop.item WHERE price < 10 WITH CHECK OPTION;
CREATE MATERIALIZED VIEW shop.total AS SELECT count(*) AS n FROM shop.item; CREATE UNIQUE INDEX ON shop.total (n);
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.made = now(); RETURN NEW; END$$;
CREATE TRIGGER touch BEFORE UPDATE ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE PROCEDURE shop.nothing(x int DEFAULT 3) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE shop.longest (text) (SFUNC = textcat, STYPE = text);
CREATE RULE hush AS ON DELETE TO shop.child DO INSTEAD NOTHING;
ALTER TABLE shop.item ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON shop.item TO acme_reader USING (price > 5);
GRANT SELECT (id, name) ON shop.item TO acme_reader; GRANT USAGE ON SCHEMA shop TO acme_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE acme_owner IN SCHEMA shop GRANT SELECT ON TABLES TO acme_reader;
ALTER TABLE shop.item OWNER TO acme_owner; REVOKE EXECUTE ON FUNCTION shop.touch() FROM PUBLIC;
CREATE SEQUENCE shop.s START 7 INCREMENT 3 CYCLE MAXVALUE 99; CREATE UNLOGGED TABLE shop.fleeting (a int);
CREATE COLLATION shop.plain (locale = 'C'); CREATE TABLE shop.told (a text COLLATE shop.plain);
CREATE PUBLICATION news FOR TABLE shop.told; COMMENT ON COLUMN shop.told.a IS 'words'; ALTER TABLE shop.told
  ALTER a SET STATISTICS 50, SET (fillfactor = 70); CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away
  FOREIGN DATA WRAPPER far; CREATE FOREIGN TABLE shop.over_there (a int) SERVER away;
INSERT INTO shop.item (name, price) SELECT 'n' || n, n FROM generate_series(1, 50) n;
UPDATE shop.item SET price = 60 WHERE id = 1; INSERT INTO shop.part SELECT '2024-05-01', 2;
SELECT lo_from_bytea(0, 'large');
REFRESH MATERIALIZED VIEW shop.total; SELECT nextval('shop.s'), nextval('shop.s')
"""


def test_a_schema_of_every_kind_comes_back_the_same(place: Place, tmp_path: Path) -> None:
    with contextlib.closing(Session(address.read(place.server.url(place.name)))) as session:
        session.ask(EVERYTHING)
        session.ask("ALTER TYPE shop.mood ADD VALUE 'fair' BEFORE 'bad'")
        backup = PostgresBackups(session, Catalog, tmp_path / "others").take("r2", quiet)
        session.ask("BEGIN; INSERT INTO shipit.own VALUES (txid_current()); DROP SCHEMA shop CASCADE; COMMIT")
        assert PostgresRestorer(session, Catalog).restore(backup, FEW, quiet).lost == 0
        assert Catalog(session).fingerprint() == backup.fingerprint
        assert session.ask("SELECT nextval('shop.s'), (SELECT price FROM shop.item WHERE id = 1)") == [(13, 60)]


def test_a_schema_too_big_for_one_transaction_needs_a_person(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's lock table is full: the size of a schema for which that is so depends on its settings."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pg_dump").symlink_to(place.server.bin / "pg_dump")
    (folder / "pg_restore").write_text(
        '#!/bin/sh\ncase "$*" in\n'
        '*--single-transaction*) echo "increase max_locks_per_transaction" >&2; exit 1;;\nesac\n'
        f'exec {place.server.bin}/pg_restore "$@"\n'
    )
    (folder / "pg_restore").chmod(0o755)
    monkeypatch.setenv("SHIPIT_PG_BIN", str(folder))
    with pytest.raises(Refused, match="others wrote") as caught:
        place.restorer.restore(place.backup, FEW, quiet)
    assert "did not fit into one transaction" in caught.value.evidence[1]
    assert place.is_as_before()
    assert place.restorer.restore(place.backup, ALL, quiet).kept == f"{place.name}_kept_r1"
    assert place.count() == 1000
