"""Emptying a database that is there for tests: everything goes, the binding stays, or nothing happens."""

from pathlib import Path

import pytest

from shipit.adapters.postgres import database as postgres
from shipit.adapters.sqlite import database as sqlite
from shipit.config import DatabaseOptions
from shipit.errors import Refused
from tests.support.postgres import Server

OPTIONS = DatabaseOptions(url="env:X")
SQLITE = """
CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, b REFERENCES c (id));
CREATE TABLE c (id INTEGER PRIMARY KEY);
CREATE INDEX "odd "" name" ON a (b);
CREATE VIEW v AS SELECT * FROM a;
CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE f USING fts5 (words);
INSERT INTO a DEFAULT VALUES;
"""
POSTGRES = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
CREATE TYPE pair AS (a int, b int);
CREATE TABLE "A b" (id int GENERATED ALWAYS AS IDENTITY, m mood, s short, p pair);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9);
CREATE MATERIALIZED VIEW mv AS SELECT * FROM "A b";
CREATE VIEW v AS SELECT * FROM mv;
CREATE SEQUENCE s;
CREATE FUNCTION f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);
CREATE COLLATION c (LOCALE = 'C');
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION ts (COPY = simple);
CREATE SCHEMA other;
CREATE TABLE other.t (id int);
"""


def test_sqlite_loses_everything_but_its_binding(tmp_path: Path) -> None:
    database = sqlite.open_database(tmp_path / "a.sqlite3", OPTIONS, tmp_path / "backups")
    assert database.emptying.content() == []
    database.ledger.bind("testing")
    for statement in SQLITE.strip().split(";\n"):
        with database.ledger.session.write() as connection:
            connection.execute(statement)
    assert "table a" in database.emptying.content()
    database.emptying.empty("testing")
    assert database.emptying.content() == []
    assert (database.ledger.identity(), list(database.ledger.applied())) == ("testing", [])
    database.close()


@pytest.mark.parametrize("bound", [None, "production"])
def test_sqlite_of_another_environment_is_not_touched(tmp_path: Path, bound: str | None) -> None:
    database = sqlite.open_database(tmp_path / "a.sqlite3", OPTIONS, tmp_path / "backups")
    if bound:
        database.ledger.bind(bound)
    with database.ledger.session.write() as connection:
        connection.execute("CREATE TABLE a (id)")
    with pytest.raises(Refused, match="not bound to testing"):
        database.emptying.empty("testing")
    assert database.emptying.content() == ["table a"]
    database.close()


def test_postgresql_loses_everything_but_its_binding(server: Server, database: str, tmp_path: Path) -> None:
    opened = postgres.open_database(server.url(database), OPTIONS, tmp_path)
    assert opened.emptying.content() == []
    opened.ledger.bind("testing")
    session = opened.ledger.session
    session.connection.execute(POSTGRES.encode())
    assert {"table public.parted", "schema other"} <= set(opened.emptying.content())
    opened.emptying.empty("testing")
    assert opened.emptying.content() == []
    assert (opened.ledger.identity(), list(opened.ledger.applied())) == ("testing", [])
    session.connection.execute(POSTGRES.encode())  # and all of it can be made again
    opened.emptying.empty("testing")
    opened.close()


def test_postgresql_of_another_environment_is_not_touched(server: Server, database: str, tmp_path: Path) -> None:
    opened = postgres.open_database(server.url(database), OPTIONS, tmp_path)
    opened.ledger.bind("production")
    opened.ledger.session.connection.execute(b"CREATE TABLE kept (id int)")
    with pytest.raises(Refused, match="not bound to testing"):
        opened.emptying.empty("testing")
    assert opened.emptying.content() == ["table public.kept"]
    opened.close()
