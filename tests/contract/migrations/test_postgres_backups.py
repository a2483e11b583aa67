"""Backups of a PostgreSQL database are whole, or they are not there."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shipit.adapters import process
from shipit.adapters.postgres import address, tools
from shipit.adapters.postgres.backups import PostgresBackups
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.session import Session
from shipit.errors import ExternalError, Refused
from tests.support.postgres import Server, programs, wait_until

PASSWORD = "p@ss:/#% word"
SCHEMA = """
CREATE SCHEMA shipit; CREATE TABLE shipit.migration (version text); INSERT INTO shipit.migration VALUES ('1');
CREATE TABLE a (id int PRIMARY KEY, text text);
INSERT INTO a SELECT n, md5(n::text) FROM generate_series(1, 1000) n
"""


def quiet(line: str) -> None:
    pass


@pytest.fixture(autouse=True)
def _fitting_tools(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPIT_PG_BIN", str(server.bin))


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    server.query(database, SCHEMA)
    with contextlib.closing(Session(address.read(server.url(database)), lock_patience=1)) as made:
        yield made


@pytest.fixture
def backups(session: Session, tmp_path: Path) -> PostgresBackups:
    return PostgresBackups(session, Catalog, tmp_path / "backups")


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "backups").glob("*"))


def big(server: Server, database: str, rows: int = 30_000) -> None:
    """What pg_dump cannot hold in a pipe."""
    noise = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 20 + n * 0))"
    server.query(database, f"CREATE TABLE big AS SELECT n, {noise} FROM generate_series(1, {rows}) n")


def test_a_backup_is_taken_with_all_that_is_needed_to_trust_it(
    backups: PostgresBackups, session: Session, server: Server, tmp_path: Path
) -> None:
    assert backups.problems() == ()
    backup = backups.take("r1", quiet)
    assert backup.counts == {"public.a": 1000}
    assert backup.fingerprint == Catalog(session).fingerprint()
    assert Catalog(session).foreign_since(backup.mark) == 0
    assert backup.tool.startswith("pg_dump 1")
    assert names(tmp_path) == ["r1.dump", "r1.json"]
    assert backups.find("r1") == backup
    assert "TABLE DATA shipit migration" in server.run("pg_restore", "-l", _readable(backup.path, server)).stdout


def _readable(path: str, server: Server) -> str:
    copy = server.folder / "copy.dump"
    copy.write_bytes(Path(path).read_bytes())
    copy.chmod(0o644)
    return str(copy)


def test_rows_and_dump_are_of_one_moment_while_others_write(
    backups: PostgresBackups, server: Server, database: str
) -> None:
    begun, over = threading.Event(), threading.Event()

    def write() -> None:
        with server.connect(database) as connection:
            number = 10_000
            while not over.is_set():
                number += 1
                connection.execute("INSERT INTO a VALUES (%s, '')", [number])
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(30)
    try:
        backup = backups.take("r1", quiet)
    finally:
        over.set()
        writer.join()
    listed = server.run("pg_restore", "-f", "-", "-a", "-t", "a", _readable(backup.path, server)).stdout
    rows = listed.partition("FROM stdin;\n")[2].partition("\n\\.")[0].splitlines()
    assert backup.counts["public.a"] == len(rows) > 1000


def test_the_password_stands_in_no_argument_and_in_no_record(
    server: Server, database: str, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    start = process._start

    def listen(argv: list[str], *rest: Any, **named: Any) -> Any:
        started.extend(argv)
        return start(argv, *rest, **named)

    monkeypatch.setattr(process, "_start", listen)
    server.role("bea", PASSWORD, "LOGIN SUPERUSER")
    try:
        with contextlib.closing(Session(address.read(server.url(database, "bea", PASSWORD)))) as own:
            assert PostgresBackups(own, Catalog, tmp_path / "backups").take("r1", quiet).size
    finally:
        server.query("postgres", "DROP ROLE bea")
    assert f"{server.bin}/pg_dump" in started
    assert "p@ss" not in " ".join(started)
    assert "p@ss" not in (tmp_path / "backups" / "r1.json").read_text()


def test_a_table_locked_by_somebody_fails_the_backup_in_time(
    backups: PostgresBackups, server: Server, database: str, tmp_path: Path
) -> None:
    with server.connect(database) as other, other.transaction():
        other.execute("CREATE INDEX ON a (text)")
        other.execute("ALTER TABLE shipit.migration ADD COLUMN b int")
        with pytest.raises(ExternalError, match="pg_dump failed") as caught:
            backups.take("r1", quiet)
    assert "LOCK TABLE shipit.migration" in " ".join(caught.value.evidence)
    assert names(tmp_path) == []


def test_a_dump_that_cannot_be_read_whole_does_not_count(
    backups: PostgresBackups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = PostgresBackups._read_back

    def cut_first(self: PostgresBackups, programs: tools.Tools, partial: Path) -> None:
        os.truncate(partial, partial.stat().st_size * 2 // 3)
        whole(self, programs, partial)

    monkeypatch.setattr(PostgresBackups, "_read_back", cut_first)
    with pytest.raises(ExternalError, match="cannot be read back"):
        backups.take("r1", quiet)
    assert names(tmp_path) == []


def test_a_killed_pg_dump_leaves_nothing(
    backups: PostgresBackups, server: Server, database: str, tmp_path: Path
) -> None:
    big(server, database)
    partial = tmp_path / "backups" / "r1.dump.partial"

    def kill() -> None:
        wait_until(lambda: partial.exists() and partial.stat().st_size > 0)
        for child in _children("pg_dump"):
            os.kill(child, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(ExternalError, match="pg_dump failed"):
            backups.take("r1", quiet)
    finally:
        killer.join()
    assert names(tmp_path) == []


def _children(name: str) -> list[int]:
    """Of this very process, by their program."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, rest = stat.read_text().rpartition(")")
            if int(rest.split()[1]) == os.getpid() and head.partition("(")[2] == name:
                found.append(int(stat.parent.name))
    return found


TAKE = """
import sys
from pathlib import Path
from shipit.adapters.postgres import address
from shipit.adapters.postgres.backups import PostgresBackups
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.session import Session
from shipit.errors import Stop
session = Session(address.read(sys.argv[1]))
try:
    PostgresBackups(session, Catalog, Path(sys.argv[2])).take("r1", print)
except Stop as stop:
    print(type(stop).__name__, stop.what)
finally:
    session.close()
"""


def test_a_killed_run_leaves_a_half_file_that_the_next_one_removes(
    backups: PostgresBackups, server: Server, database: str, tmp_path: Path
) -> None:
    big(server, database)
    folder = tmp_path / "backups"
    child = subprocess.Popen([sys.executable, "-c", TAKE, server.url(database), str(folder)])
    wait_until(lambda: any(path.stat().st_size for path in folder.glob("*.partial")))
    child.kill()
    child.wait()
    assert names(tmp_path) == ["r1.dump.partial"]
    wait_until(
        lambda: not server.query("postgres", "SELECT 1 FROM pg_stat_activity WHERE application_name='pg_dump'")
    )
    assert backups.find("r1") is None
    backups.take("r2", quiet)
    assert names(tmp_path) == ["r2.dump", "r2.json"]


def test_a_full_disk_is_told_and_leaves_nothing(
    session: Session, server: Server, database: str, tmp_path: Path
) -> None:
    big(server, database)
    small = 200_000  # bytes

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (small, small))

    ended = subprocess.run(
        [sys.executable, "-c", TAKE, server.url(database), str(tmp_path / "backups")],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )
    assert "ExternalError there is no space left for the backup" in ended.stdout
    assert names(tmp_path) == []


def test_progress_is_told_and_the_next_backup_is_predicted(
    backups: PostgresBackups, server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipit.adapters.postgres.backups._EVERY", 0)
    said: list[str] = []
    assert backups.seconds(80_000_000) == 2
    backup = backups.take("r1", said.append)
    assert "MB after" in said[0]
    [[size]] = server.query("postgres", f"SELECT pg_database_size('{database}')")
    assert isinstance(size, int)
    assert backups.seconds(size) == pytest.approx(backup.seconds, rel=0.2)
    backups.take("r2", quiet)
    assert backups.prune(1) == ["r1.dump"]
    assert [kept.run for kept in backups.all()] == ["r2"]


@pytest.mark.parametrize("damage", ["truncated", "flipped"])
def test_a_damaged_backup_is_not_found(backups: PostgresBackups, damage: str) -> None:
    path = Path(backups.take("r1", quiet).path)
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        del data[-1]
    else:
        data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Refused, match="not what was written"):
        backups.find("r1")


def test_tools_of_another_version_are_a_problem_and_nothing_is_begun(
    server: Server, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = next(folder for folder in programs().values() if folder != server.bin)
    monkeypatch.setenv("SHIPIT_PG_BIN", str(other))
    backups = PostgresBackups(session, Catalog, tmp_path / "backups")
    (problem,) = backups.problems()
    older = session.version >= 180000
    assert problem.what == (
        "pg_dump is older than the server"
        if older
        else "what this pg_dump writes cannot be restored into this server"
    )
    assert str(other) in problem.evidence
    with pytest.raises(Refused, match=problem.what):
        backups.take("r1", quiet)
    assert names(tmp_path) == []


def test_no_tool_at_all_is_a_problem(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPIT_PG_BIN", str(tmp_path))
    (problem,) = PostgresBackups(session, Catalog, tmp_path / "backups").problems()
    assert problem.what == "there is no pg_dump on this machine"
    assert "SHIPIT_PG_BIN" in problem.hint


def test_the_tools_of_the_servers_own_version_are_found_without_being_named(server: Server) -> None:
    with psycopg.connect(server.url()) as connection:
        version = connection.info.server_version
    found = tools.find_tools(version, {"PATH": os.environ["PATH"]})
    assert found
    assert found.major == version // 10000
    assert found.dump.parent == server.bin


def test_what_is_newer_comes_before_what_is_older(server: Server) -> None:
    own = {"PATH": os.environ["PATH"]}
    newest, oldest = tools.find_tools(990000, own), tools.find_tools(10000, own)
    assert newest
    assert oldest
    assert newest.major > oldest.major


def test_a_child_gets_the_whole_address_and_nothing_that_surprises() -> None:
    target = address.read("postgresql://ada:s%40@db:5433/shop?sslmode=require&options=-c%20role%3Dx")
    shown = tools.environment(target)
    assert shown["PGHOST"] == "db"
    assert shown["PGPORT"] == "5433"
    assert shown["PGDATABASE"] == "shop"
    assert shown["PGUSER"] == "ada"
    assert shown["PGPASSWORD"] == "s@"
    assert shown["PGSSLMODE"] == "require"
    assert shown["PGOPTIONS"] == "-c role=x"
    assert shown["PGTZ"] is None
