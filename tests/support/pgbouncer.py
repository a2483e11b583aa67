"""PgBouncer in transaction mode in front of a real server, from Debian's package `pgbouncer`."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support import postgres
from tests.support.postgres import Server, wait_until
from tests.support.require import require

SETTINGS = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
auth_type = trust
auth_file = {folder}/people
logfile = {folder}/log
pidfile = {folder}/pid
default_pool_size = 8
"""


@dataclass(frozen=True)
class Pooler:
    """A running PgBouncer: whoever comes as postgres gets any of eight sessions of the server per transaction."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


@contextlib.contextmanager
def before(server: Server) -> Iterator[Pooler]:
    """Start one in front of this server, and end it."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    require("pgbouncer", program is not None)
    assert program
    folder = Path(tempfile.mkdtemp(prefix="shipit-pgbouncer-", dir="/tmp"))
    pooler = Pooler(postgres._free_port())
    (folder / "people").write_text('"postgres" ""\n')
    settings = folder / "settings.ini"
    settings.write_text(SETTINGS.format(server=server.port, port=pooler.port, folder=folder))
    shutil.chown(folder, postgres._somebody())
    folder.chmod(0o755)
    child = subprocess.Popen([*postgres._as_somebody(), program, "-q", str(settings)], cwd=folder)
    try:
        wait_until(lambda: child.poll() is not None or _answers(pooler.port))
        assert child.poll() is None, (folder / "log").read_text()
        yield pooler
    finally:
        child.terminate()
        child.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, psycopg.Error), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
