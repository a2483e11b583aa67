"""A rehearsal finds what would fail, changes nothing, and leaves nothing on the server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipit.adapters import python_scripts
from shipit.adapters.postgres import address
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.rehearsal import Rehearsal
from shipit.adapters.postgres.session import Session
from shipit.errors import Refused
from tests.support.postgres import Server, wait_until
from tests.support.prepared import prepared, scripted

FIRST = prepared(
    "0001", "CREATE TABLE b (i int REFERENCES a)", down="DROP TABLE b", verify="SELECT count(*) = 0 FROM b"
)
LEFT = "SELECT datname FROM pg_database WHERE datname LIKE 'shipit%'"


@pytest.fixture
def session(server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("SHIPIT_PG_BIN", str(server.bin))
    server.query(database, "CREATE TABLE a (i int PRIMARY KEY); INSERT INTO a VALUES (1)")
    with closing(Session(address.read(server.url(database)))) as session:
        before = Catalog(session).describe()
        yield session
        assert Catalog(session).describe() == before
        assert server.query("postgres", LEFT) == []


@pytest.fixture
def rehearsal(session: Session) -> Rehearsal:
    return Rehearsal(session, python_scripts.load)


@pytest.fixture
def lines() -> list[str]:
    return []


def test_what_works_is_tried_up_and_down_on_the_same_schema_without_rows(
    rehearsal: Rehearsal, lines: list[str]
) -> None:
    assert rehearsal.possible() == ""
    alone = prepared("0002", "CREATE INDEX CONCURRENTLY b_i ON b (i)", down="DROP INDEX CONCURRENTLY b_i")
    empty = prepared("0003", "ALTER TABLE a ADD n int NOT NULL", down="ALTER TABLE a DROP n")
    rehearsal.rehearse([[FIRST], [alone], [empty]], lines.append)
    assert [line.split("  ")[0] for line in lines] == [
        "made an empty copy of the schema",
        "0001_m: CREATE TABLE b (i int REFERENCES a)",
        "0002_m: CREATE INDEX CONCURRENTLY b_i ON b (i)",
        "0003_m: ALTER TABLE a ADD n int NOT NULL",
        "0003_m: ALTER TABLE a DROP n",
        "0002_m: DROP INDEX CONCURRENTLY b_i",
        "0001_m: DROP TABLE b",
    ]


def test_what_fails_is_refused_by_name(rehearsal: Rehearsal) -> None:
    with pytest.raises(Refused, match="the rehearsal of 0002_m failed: nothing was changed") as caught:
        rehearsal.rehearse([[FIRST], [prepared("0002", "ALTER TABLE b DROP nothing")]], print)
    assert caught.value.where == "migrations/0002_m.sql:1:1"
    assert any("42703" in line for line in caught.value.evidence)


def test_a_way_back_that_leads_elsewhere_is_refused_with_what_differs(rehearsal: Rehearsal) -> None:
    wrong = prepared("0001", "CREATE TABLE b (); ALTER TABLE a ADD x int", down="DROP TABLE b")
    with pytest.raises(Refused, match="down scripts of 0001_m do not lead back") as caught:
        rehearsal.rehearse([[wrong]], print)
    assert caught.value.evidence == ("different: table public.a",)


def test_a_way_back_that_fails_is_refused(rehearsal: Rehearsal) -> None:
    wrong = prepared("0001", "CREATE TABLE b ()", down="DROP TABLE c")
    with pytest.raises(Refused, match="way back of 0001_m failed") as caught:
        rehearsal.rehearse([[wrong]], print)
    assert caught.value.where == "migrations/0001_m.down.sql:1:1"


def test_the_way_back_is_tried_as_far_as_there_is_one(rehearsal: Rehearsal, lines: list[str]) -> None:
    only_up = prepared("0002", "ALTER TABLE b ADD x int")
    rehearsal.rehearse([[FIRST], [only_up], [prepared("0003", "SELECT 1", down="SELECT 2")]], lines.append)
    assert lines[-2].startswith("0003_m: SELECT 2")
    assert lines[-1].startswith("0002_m: no way back")


@pytest.mark.parametrize(
    "statement",
    ["CREATE ROLE noah", "DO $$ BEGIN CREATE ROLE noah; END $$", "SELECT 1; CREATE ROLE noah; SELECT 2"],
)
def test_what_reaches_into_the_server_is_rolled_back_and_ends_it(
    server: Server, rehearsal: Rehearsal, lines: list[str], statement: str
) -> None:
    rehearsal.rehearse([[FIRST], [prepared("0002", statement)], [prepared("0003", "SELECT nothing")]], lines.append)
    assert server.query("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'noah'") == [(0,)]
    assert any("0002_m reaches beyond the database: tried" in line for line in lines)
    assert any("CREATE ROLE" in line or "DO $$" in line for line in lines)


def test_what_cannot_be_rolled_back_is_not_tried(
    server: Server, rehearsal: Rehearsal, lines: list[str], tmp_path: Path
) -> None:
    script = scripted("0002", f"def up(connection):\n    open({str(tmp_path / 'made')!r}, 'w').close()\n")
    rehearsal.rehearse([[FIRST], [script]], lines.append)
    rehearsal.rehearse([[prepared("0002", "ALTER SYSTEM SET work_mem = '7MB'")]], lines.append)
    rehearsal.rehearse([[prepared("0002", "REINDEX DATABASE somewhere")]], lines.append)
    assert not (tmp_path / "made").exists()
    assert b"work_mem" not in (server.data / "postgresql.auto.conf").read_bytes()
    assert sum("not tried, nor what follows" in line for line in lines) == 3


def test_settings_of_the_live_database_hold_in_the_rehearsal(
    server: Server, database: str, session: Session, rehearsal: Rehearsal
) -> None:
    server.query(database, f"CREATE SCHEMA app; ALTER DATABASE {database} SET search_path = app, public")
    try:
        check = prepared("0001", "CREATE TABLE here (); ALTER TABLE app.here ADD i int")
        rehearsal.rehearse([[check]], print)
    finally:
        server.query(database, "DROP SCHEMA app")


def test_a_role_that_may_not_create_databases_cannot_rehearse(server: Server, database: str) -> None:
    server.role("eve", "x")
    with closing(Session(address.read(server.url(database, "eve", "x")))) as session:
        assert "CREATEDB" in Rehearsal(session, python_scripts.load).possible()
    server.query("postgres", "DROP ROLE eve")


def test_a_plain_role_with_the_right_can_rehearse_and_its_password_is_in_no_argv(
    server: Server, database: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.role("eve", "p@ss word", "LOGIN CREATEDB")
    server.query(database, "GRANT SELECT, REFERENCES ON a TO eve; GRANT ALL ON SCHEMA public TO eve")
    try:
        with closing(Session(address.read(server.url(database, "eve", "p@ss word")))) as own:
            rehearsal = Rehearsal(own, python_scripts.load)
            assert rehearsal.possible() == ""
            rehearsal.session.ask("SELECT 1")
            seen: list[str] = []
            started = subprocess.Popen

            class Watched(started):  # type: ignore[valid-type, misc]
                def __init__(self, argv: list[str], **options: object) -> None:
                    seen.extend(argv)
                    super().__init__(argv, **options)

            monkeypatch.setattr(subprocess, "Popen", Watched)
            rehearsal.rehearse([[FIRST]], print)  # the tables belong to somebody else, whom it cannot become
        assert len(seen) > 8
        assert not [word for word in seen if "p@ss" in word or "p%40ss" in word]
    finally:
        server.query(database, "DROP OWNED BY eve; DROP ROLE eve")


CHILD = """
import os, signal, sys
from shipit.adapters.postgres import address
from shipit.adapters.postgres.rehearsal import Rehearsal
from shipit.adapters.postgres.session import Session
from tests.support.prepared import prepared

session = Session(address.read(sys.argv[1]))
Rehearsal(session, lambda *_: {}).rehearse(
    [[prepared("0001", "CREATE TABLE b ()")]], lambda _: os.kill(os.getpid(), signal.SIGKILL)
)
"""


def test_what_a_killed_rehearsal_left_the_next_one_drops(
    server: Server, database: str, rehearsal: Rehearsal, lines: list[str]
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", str(Path.cwd())])}
    child = subprocess.run([sys.executable, "-c", CHILD, server.url(database)], env=environment, check=False)
    assert child.returncode == -signal.SIGKILL
    [(name,)] = server.query("postgres", LEFT)
    wait_until(lambda: server.query("postgres", f"SELECT FROM pg_stat_activity WHERE datname = '{name}'") == [])
    rehearsal.rehearse([[FIRST]], lines.append)
    assert lines[0] == f"dropped {name}, which a rehearsal that died had left"


def test_what_a_verify_script_says_of_rows_is_not_asked_of_a_copy_that_has_none(rehearsal: Rehearsal) -> None:
    rehearsal.rehearse([[prepared("0001", "CREATE TABLE b ()", verify="SELECT count(*) = 7 FROM b")]], print)
