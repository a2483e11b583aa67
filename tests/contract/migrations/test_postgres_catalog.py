"""The catalog of a PostgreSQL database: what counts as the same schema, how much is in it, and who wrote since."""

import threading
from collections.abc import Iterator

import pytest

from shipit.adapters.postgres import address
from shipit.adapters.postgres.catalog import FARTHEST, Catalog, _counted, fingerprint_of
from shipit.adapters.postgres.session import Session
from shipit.errors import Denied, Refused
from tests.support.postgres import Server

TABLE = "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b text, c int DEFAULT 3)"
EVERYTHING = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s');
CREATE DOMAIN app.posint AS int DEFAULT 3 NOT NULL CHECK (VALUE > 0);
CREATE TYPE app.pair AS (a int, b text COLLATE "C");
CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE app.t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m app.mood DEFAULT 'ok', p app.posint,
  twice int GENERATED ALWAYS AS (2) STORED, at timestamptz DEFAULT '2020-01-01 00:00:00+02', note text COLLATE "C");
ALTER TABLE app.t ALTER note SET STORAGE EXTERNAL;
CREATE TABLE app."odd.Name" ("a""b" int, t_id bigint REFERENCES app.t ON DELETE CASCADE);
ALTER TABLE app."odd.Name" ADD CHECK ("a""b" > 0) NOT VALID;
CREATE INDEX ON app.t (lower(note)) WHERE note <> 'x';
CREATE TABLE app.part (k int, v text) PARTITION BY RANGE (k);
CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES FROM (0) TO (10);
CREATE INDEX ON app.part (k);
CREATE VIEW app.v AS SELECT id, m FROM app.t WHERE id > 3;
CREATE MATERIALIZED VIEW app.mv AS SELECT count(*) AS n FROM app.t;
CREATE SEQUENCE app.s INCREMENT 5 OWNED BY app.t.note;
CREATE FUNCTION app.f(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT a + b';
CREATE FUNCTION app.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE PROCEDURE app.pr() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
CREATE AGGREGATE app.agg(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE TRIGGER tr BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.fire();
ALTER TABLE app.t DISABLE TRIGGER tr;
CREATE RULE r AS ON INSERT TO app."odd.Name" DO ALSO NOTIFY x;
ALTER TABLE app.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY pol ON app.t FOR SELECT TO public USING (id > 0);
CREATE FUNCTION app.ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER evt ON ddl_command_end EXECUTE FUNCTION app.ev();
CREATE PUBLICATION pub FOR TABLE app.t;
CREATE STATISTICS app.st (ndistinct) ON id, note FROM app.t;
CREATE COLLATION app.co (provider = libc, locale = 'C');
CREATE OPERATOR app.=== (leftarg = int, rightarg = int, function = int4eq);
CREATE CAST (app.pair AS text) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION app.ts (COPY = simple);
CREATE OPERATOR CLASS app.oc FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER srv FOREIGN DATA WRAPPER w OPTIONS (host 'x');
CREATE FOREIGN TABLE app.ft (a int OPTIONS (x 'y')) SERVER srv OPTIONS (z '1');
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO public;
GRANT SELECT (id) ON app.t TO public;
COMMENT ON COLUMN app.t.id IS 'the id';
CREATE EXTENSION hstore;
"""
CHANGES = {
    "a default": "ALTER TABLE a ALTER c SET DEFAULT 4",
    "a type": "ALTER TABLE a ALTER b TYPE varchar(10)",
    "not null": "ALTER TABLE a ALTER b SET NOT NULL",
    "another order of columns": "ALTER TABLE a DROP b; ALTER TABLE a ADD b text",
    "a constraint": "ALTER TABLE a ADD CHECK (c > 0)",
    "a constraint that is not checked": "ALTER TABLE a ADD CONSTRAINT x CHECK (c > 0) NOT VALID",
    "an index": "CREATE INDEX ON a (b)",
    "an option": "ALTER TABLE a SET (fillfactor = 50)",
    "a right": "GRANT SELECT ON a TO public",
    "a right on a column": "GRANT SELECT (b) ON a TO public",
    "a comment": "COMMENT ON TABLE a IS 'x'",
    "row security": "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
    "a policy": "CREATE POLICY p ON a USING (c > 0)",
    "a trigger switched off": "ALTER TABLE b DISABLE TRIGGER fires",
    "the step of a sequence": "ALTER SEQUENCE a_id_seq INCREMENT 2",
    "the body of a function": "CREATE OR REPLACE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "a label of an enum": "ALTER TYPE e ADD VALUE 'z'",
    "an extension": "CREATE EXTENSION hstore",
    "a schema": "CREATE SCHEMA s",
    "an owner": "ALTER TABLE a OWNER TO pg_monitor",
    "a default right": "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public",
    "a publication": "CREATE PUBLICATION p FOR TABLE a",
}
START = f"""
{TABLE};
CREATE TABLE b (id int);
CREATE TYPE e AS ENUM ('x', 'y');
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER fires BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION fire();
"""


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    session = Session(address.read(server.url(database)))
    yield session
    session.close()


@pytest.fixture
def catalog(session: Session) -> Catalog:
    return Catalog(session)


def test_a_change_of_anything_changes_the_fingerprint_and_rolling_it_back_does_not(
    server: Server, database: str, catalog: Catalog
) -> None:
    server.query(database, START)
    before = catalog.fingerprint()
    for what, change in CHANGES.items():
        with server.connect(database) as connection:
            connection.execute("BEGIN")
            connection.execute(change.encode())
            connection.execute("ROLLBACK")
        assert catalog.fingerprint() == before, what
    for what, change in CHANGES.items():
        earlier = catalog.fingerprint()
        server.query(database, change)
        assert catalog.fingerprint() != earlier, what


def test_what_is_dropped_and_made_again_is_the_same(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, START)
    before = catalog.fingerprint()
    server.query(database, f"DROP TABLE a; {TABLE}; ALTER TABLE b ADD x int; ALTER TABLE b DROP x")
    server.query(database, "GRANT SELECT ON a TO public; REVOKE SELECT ON a FROM public")
    assert catalog.fingerprint() == before


def test_data_and_the_ledger_do_not_count(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, START)
    before = catalog.fingerprint()
    server.query(database, "INSERT INTO a (b) VALUES ('x'); ANALYZE a")
    server.query(database, "CREATE SCHEMA shipit; CREATE TABLE shipit.x (a int); COMMENT ON SCHEMA shipit IS 'y'")
    assert catalog.fingerprint() == before


def test_a_copy_of_everything_has_the_same_fingerprint(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, EVERYTHING)
    server.create(f"{database}_copy")
    place = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres"]
    server.run("pg_dump", *place, "-f", str(server.folder / "copy.sql"), database)
    server.run(
        "psql", *place, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(server.folder / "copy.sql"), f"{database}_copy"
    )
    copy = Session(address.read(server.url(f"{database}_copy")))
    try:
        assert Catalog(copy).describe() == catalog.describe()
        assert Catalog(copy).fingerprint() == catalog.fingerprint()
    finally:
        copy.close()
        server.drop(f"{database}_copy")


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1", "SQL_ASCII"])
def test_the_server_computes_the_same_fingerprint_in_every_encoding(
    server: Server, database: str, encoding: str
) -> None:
    """A run keeps what the server hashed, and compares it with what was hashed here."""
    name = f"{database}_{encoding.lower()}"
    form = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
    server.query("postgres", f"CREATE DATABASE {name} TEMPLATE template0 {form}")
    session = Session(address.read(server.url(name)))
    try:
        assert fingerprint_of(session.connection) == Catalog(session).fingerprint()
        server.query(name, EVERYTHING)
        server.query(name, """CREATE TABLE "größe" (zähler int); CREATE TABLE "z b" (a int DEFAULT 3)""")
        assert fingerprint_of(session.connection) == Catalog(session).fingerprint()
    finally:
        session.close()
        server.drop(name)


def test_settings_of_the_session_do_not_change_the_fingerprint(
    server: Server, database: str, session: Session, catalog: Catalog
) -> None:
    server.query(
        database, f"{EVERYTHING}; CREATE TABLE d (a date DEFAULT '2020-02-01', b interval DEFAULT '1 day')"
    )
    before = catalog.fingerprint()
    session.ask("SET search_path = app, public")
    session.ask("SET datestyle = German")
    session.ask("SET timezone = 'Asia/Tokyo'")
    session.ask("SET intervalstyle = iso_8601")
    assert catalog.fingerprint() == before
    assert session.ask("SHOW search_path") == [("app, public",)]


def test_each_object_is_named_as_people_write_it(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, EVERYTHING)
    named = catalog.describe()
    for name in ("table app.t", 'table app."odd.Name"', "index app.t_lower_idx", "function app.f(integer,integer)"):
        assert len(named[name]) == 64
    assert not [name for name in named if "hstore" in name and not name.endswith("extension hstore")]


def test_everybody_sees_the_same_fingerprint(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, EVERYTHING)
    server.role("eve", "x")
    session = Session(address.read(server.url(database, "eve", "x")))
    try:
        assert Catalog(session).describe() == catalog.describe()
    finally:
        session.close()
        server.query("postgres", "DROP ROLE eve")


def test_an_invalid_index_is_another_one(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, "CREATE TABLE a (b int); INSERT INTO a VALUES (1), (1)")
    with server.connect(database) as connection, pytest.raises(Exception, match="could not create unique index"):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY a_b ON a (b)")
    invalid = catalog.describe()["index public.a_b"]
    server.query(database, "DROP INDEX a_b")
    server.query(database, "DELETE FROM a")
    server.query(database, "CREATE UNIQUE INDEX a_b ON a (b)")
    assert catalog.describe()["index public.a_b"] != invalid


def test_rows_are_counted_in_each_table_and_partition_once(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, EVERYTHING)
    server.query(database, "INSERT INTO app.part VALUES (1), (2); INSERT INTO app.t (note) VALUES ('x')")
    assert catalog.counts() == {'app."odd.Name"': 0, "app.part_1": 2, "app.t": 1}


def test_many_tables_are_counted_without_filling_the_lock_table(
    server: Server, database: str, session: Session
) -> None:
    server.query(
        database, "DO $$ BEGIN FOR i IN 1..450 LOOP EXECUTE 'CREATE TABLE t' || i || '()'; END LOOP; END $$"
    )
    with session.connection.transaction():
        counts = _counted(session.connection)
        [[held]] = session.ask(
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
        )
    assert len(counts) == 450
    assert held < 100


def test_rows_hidden_by_row_security_are_refused_and_not_left_out(server: Server, database: str) -> None:
    server.query(
        database, "CREATE TABLE a (b int); ALTER TABLE a ENABLE ROW LEVEL SECURITY; GRANT SELECT ON a TO public"
    )
    server.role("eve", "x")
    session = Session(address.read(server.url(database, "eve", "x")))
    try:
        with pytest.raises(Denied):
            Catalog(session).counts()
    finally:
        session.close()
        server.query(database, "DROP OWNED BY eve; DROP ROLE eve")


def test_the_baseline_is_of_one_moment(server: Server, database: str, catalog: Catalog) -> None:
    """A writer that moves rows from one table to another is never seen half-way."""
    server.query(
        database, "CREATE TABLE a (i int); CREATE TABLE b (i int); INSERT INTO a SELECT generate_series(1, 50)"
    )
    over = threading.Event()

    def move() -> None:
        with server.connect(database) as connection:
            while not over.is_set():
                connection.execute("WITH m AS (DELETE FROM a RETURNING i) INSERT INTO b SELECT i FROM m")
                connection.execute("WITH m AS (DELETE FROM b RETURNING i) INSERT INTO a SELECT i FROM m")

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(20):
            assert sum(catalog.baseline().counts.values()) == 50
    finally:
        over.set()
        mover.join()


def test_nobody_wrote_when_nobody_wrote(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, "CREATE TABLE a (b int)")
    mark = catalog.baseline().mark
    server.query(database, "SELECT * FROM a")
    with server.connect(database) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO a VALUES (1)")
        connection.execute("ROLLBACK")
    assert catalog.foreign_since(mark) == 0


def test_each_commit_of_another_counts_and_ours_does_not(server: Server, database: str, catalog: Catalog) -> None:
    server.query(database, "CREATE TABLE a (b int); CREATE SCHEMA shipit; CREATE TABLE shipit.own (xid bigint)")
    mark = catalog.baseline().mark
    server.query(database, "INSERT INTO a VALUES (1)")
    server.query(database, "INSERT INTO a VALUES (2)")
    assert catalog.foreign_since(mark) == 2
    server.query(database, "INSERT INTO shipit.own SELECT txid_current()")
    assert catalog.foreign_since(mark) == 2


def test_a_writer_that_began_before_the_mark_and_committed_after_it_counts(
    server: Server, database: str, catalog: Catalog
) -> None:
    server.query(database, "CREATE TABLE a (b int)")
    with server.connect(database) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO a VALUES (1)")
        mark = catalog.baseline().mark
        assert catalog.foreign_since(mark) == 1, "it still runs"
        connection.execute("COMMIT")
    assert catalog.foreign_since(mark) == 1


def test_who_still_writes_in_another_database_does_not_count(
    server: Server, database: str, catalog: Catalog
) -> None:
    mark = catalog.baseline().mark
    with server.connect("postgres") as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT txid_current()")
        assert catalog.foreign_since(mark) == 0
        connection.execute("COMMIT")
    assert catalog.foreign_since(mark) == 1, "once it is over nobody can tell where it was"


@pytest.mark.parametrize("mark", ["9999999999:9999999999:", "nonsense", "1:1:"])
def test_what_cannot_be_known_is_refused(catalog: Catalog, session: Session, mark: str) -> None:
    if mark == "1:1:":
        session.ask("SELECT txid_current()")
    with pytest.raises(Refused, match="who wrote since"):
        catalog.foreign_since(mark)


def test_too_many_transactions_are_refused(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FARTHEST == 1_000_000
    monkeypatch.setattr("shipit.adapters.postgres.catalog.FARTHEST", 3)
    with pytest.raises(Refused, match="who wrote since"):
        catalog.foreign_since("1:1:")


def test_a_fingerprint_in_a_transaction_sees_it_and_leaves_its_settings(
    server: Server, database: str, session: Session, catalog: Catalog
) -> None:
    before = catalog.fingerprint()
    session.ask("BEGIN")
    session.ask("SET LOCAL search_path = pg_temp")
    session.ask("CREATE TABLE public.a (b int)")
    assert catalog.fingerprint() != before
    assert session.ask("SHOW search_path") == [("pg_temp",)]
    session.ask("ROLLBACK")
    assert catalog.fingerprint() == before
