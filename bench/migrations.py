"""CPU time, wall time and memory of shipit migrate, its peers and the floor, on one throw-away PostgreSQL.

    python bench/migrations.py [--count 1000] [--rounds 5] [--megabytes 500] [--peers FOLDER] [--server NAME]

Every tool has its own folder, with the same statements in the form that it reads, and its own database. Rows take
turns, so that a machine that is busy for a while spoils a round and not a row. CPU is that of the client and its
children; what the server spends on it stands beside. `--peers` is the folder with the peers' programs. Prints
Markdown.
"""

import argparse
import compileall
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import migration_folders as folders
from bench.history import Run, run

if TYPE_CHECKING:
    from tests.support.postgres import Server

SOURCE = Path(__file__).resolve().parent.parent / "src"
SHIPIT = str(Path(sys.executable).parent / "shipit")
TIMEOUT = 1800.0  # seconds
DBMATE = "@dbmate/linux-x64"
APPLY = (SHIPIT, "migrate", "--env", "bench", "--yes")
# as PostgreSQL comes: the tests' own servers lose data in a power cut, and a COMMIT costs nothing there
USUAL = {"fsync": "on", "full_page_writes": "on", "max_connections": "100", "shared_buffers": "128MB"}
# moderately compressible, as real rows are
FILL = """
CREATE TABLE event (id bigint PRIMARY KEY, kind text, at timestamptz, payload text);
INSERT INTO event SELECT n, (ARRAY['created', 'changed', 'removed'])[1 + n % 3],
  '2024-01-01'::timestamptz + n * interval '1 second', md5(n::text) || ' words of a payload that repeat ' || n
FROM generate_series(1, {rows}) n;
CREATE INDEX event_at ON event (at);
"""
BYTES_OF_ROW = 174  # with its part of both indexes


@dataclass
class Row:
    """All runs of one command, with the server's seconds of CPU for each; `prepare` is not measured."""

    name: str
    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    prepare: Callable[[], None] = lambda: None
    runs: list[Run] = field(default_factory=list)
    served: list[float] = field(default_factory=list)

    def median(self, what: str) -> float:
        return statistics.median(getattr(each, what) for each in self.runs)

    @property
    def both(self) -> Sequence[float]:
        """Seconds of CPU of client and server together, of each run."""
        return [each.cpu + served for each, served in zip(self.runs, self.served, strict=True)]

    def ratio(self, what: str, own: "Row") -> float:
        """The median of the rounds' ratios."""
        pairs = zip(self.runs, own.runs, strict=True)
        return statistics.median(getattr(one, what) / (getattr(other, what) or 1) for one, other in pairs)


@dataclass(frozen=True)
class Place:
    """Where it is measured: `measurer` is a small process, for a child inherits the memory of who starts it."""

    server: "Server"
    top: Path
    measurer: Executor

    def measure(self, rows: Sequence[Row], rounds: int) -> None:
        """All rows in turns; the first round only warms the caches, unless it is the only one."""
        for number in range(rounds + (rounds > 1)):
            for row in rows:
                row.prepare()
                before = spent(self.server.data)
                made = self.measurer.submit(run, row.argv, row.folder, TIMEOUT, row.environment).result()
                served = spent(self.server.data) - before
                print(f"{row.name}: {made}, server {served:.2f}", file=sys.stderr, flush=True)
                if number or rounds == 1:
                    row.runs.append(made)
                    row.served.append(served)

    def row(self, name: str, argv: Sequence[str], folder: str, database: str, **more: str) -> Row:
        return Row(name, argv, self.top / folder, {"DATABASE_URL": self.url(database), **more})

    def url(self, database: str) -> str:
        """Without encryption, which one of the peers insists on otherwise."""
        return f"{self.server.url(database)}?sslmode=disable"

    def anew(self, row: Row, database: str) -> Row:
        """The row, each time on an empty database."""
        self.server.create(database)

        def prepare() -> None:
            self.server.drop(database)
            self.server.create(database)

        row.prepare = prepare
        return row


def spent(data: Path) -> float:
    """Seconds of CPU of a server so far: its first process, those that it has, and those that it had."""
    first = (data / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == first:
                ticks += sum(map(int, fields[11:15]))  # with its children that have ended
            elif fields[1] == first:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def table(title: str, rows: Sequence[Row]) -> Iterator[str]:
    """Medians, and how many times as much as shipit each row costs."""
    own = rows[0]
    yield f"### {title}\n"
    yield "| command | runs | CPU s | to shipit's | server CPU s | both | wall s | to shipit's | peak MB |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        problem = next((each.problem for each in row.runs if each.problem), "")
        cpu, wall, memory = (row.median(what) for what in ("cpu", "wall", "memory"))
        served, both = statistics.median(row.served), statistics.median(row.both)
        figures = (
            f"{cpu:.2f} | {row.ratio('cpu', own):.2f} | {served:.2f} | {both:.2f} | {wall:.2f} | "
            f"{row.ratio('wall', own):.2f}"
        )
        figures = "- | - | - | - | - | -" if problem else figures
        note = f" ({problem})" if problem else ""
        yield f"| `{row.name}`{note} | {len(row.runs)} | {figures} | {memory:.0f} |"
    yield ""


def applying(place: Place) -> Sequence[Row]:
    """The same migrations by every tool; shipit's backup and rehearsal are extras that no peer has."""
    rows = {
        "shipit": place.row("shipit migrate", APPLY, "shipit", "shipit"),
        "safe": place.row("the same with backup and rehearsal", APPLY, "safe", "safe"),
        **_peers(place),
        "each": place.row(
            "the same by psycopg, one transaction each (the floor)",
            (sys.executable, str(folders.FLOOR), ".", "--each"),
            "floor",
            "each",
        ),
        "floor": place.row(
            "the same by psycopg in one transaction",
            (sys.executable, str(folders.FLOOR), "."),
            "floor",
            "floor",
        ),
    }
    return [place.anew(row, database) for database, row in rows.items()]


def again(place: Place) -> Sequence[Row]:
    """The same commands, on the databases that `applying` left."""
    return [place.row("shipit migrate", APPLY, "shipit", "shipit"), *_peers(place).values()]


def _peers(place: Place) -> Mapping[str, Row]:
    dbmate = ("dbmate", "--no-dump-schema", "--migrations-dir", "migrations", "up")
    by_psycopg = place.url("yoyo").replace("postgresql:", "postgresql+psycopg:")
    yoyo = ("yoyo", "apply", "--batch", "--no-config-file", "--database", by_psycopg, "migrations")
    return {
        "dbmate": place.row("dbmate up", dbmate, "dbmate", "dbmate", DBMATE_STRICT="false"),
        "alembic": place.row("alembic upgrade head", ("alembic", "upgrade", "head"), "alembic", "alembic"),
        "yoyo": place.row("yoyo apply", yoyo, "yoyo", "yoyo"),
    }


def backups(place: Place) -> Sequence[Row]:
    """A dump that was read back against one that was not."""
    dump = str(place.server.bin / "pg_dump")
    url = place.url("large")
    here = str(place.top / "peer.dump")
    by_hand = f"{dump} -Fc -Z1 -f {here} -d '{url}' && {dump[:-4]}restore -f /dev/null {here} && sha256sum {here}"
    own = place.row("shipit migrate backup", (SHIPIT, "migrate", "backup", "--env", "bench"), "large", "large")
    return [
        own,
        place.row("pg_dump -Fc -Z1, pg_restore -f /dev/null, sha256sum", ("sh", "-c", by_hand), "large", "large"),
        place.row("pg_dump -Fc -Z1", (dump, "-Fc", "-Z1", "-f", here, "-d", url), "large", "large"),
        place.row("pg_dump -Fc", (dump, "-Fc", "-f", here, "-d", url), "large", "large"),
    ]


def fill(server: "Server", megabytes: int) -> int:
    """A database of about this size; returns how many megabytes it has."""
    server.create("large")
    server.query("large", FILL.format(rows=megabytes * 1_000_000 // BYTES_OF_ROW))
    server.query("large", "VACUUM ANALYZE event")
    [[size]] = server.query("large", "SELECT pg_database_size('large')")
    return round(int(str(size)) / 1_000_000)


def dbmate_beside(peers: Path) -> str:
    """The folder of dbmate; installed by npm into the temporary folder where there is none."""
    found = shutil.which("dbmate", path=os.pathsep.join([str(peers), os.environ["PATH"]]))
    if found:
        return str(Path(found).parent)
    top = Path(tempfile.gettempdir()) / "shipit-bench-dbmate"
    program = top / "node_modules" / DBMATE / "bin" / "dbmate"
    if not program.exists() and shutil.which("npm"):
        top.mkdir(exist_ok=True)
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(top), DBMATE]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return str(program.parent)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=500, help="of the database that is backed up; 0: none")
    parser.add_argument("--peers", type=lambda text: Path(text).absolute(), default=Path(sys.executable).parent)
    parser.add_argument("--server", default="", help="debian-15, embedded-18 …; the first one if left out")
    asked = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([str(asked.peers), dbmate_beside(asked.peers), os.environ["PATH"]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # the server goes, too
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    compileall.compile_dir(SOURCE, quiet=2)
    # before psycopg is loaded into this process, and fresh: `spawn`
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as measurer,
        tempfile.TemporaryDirectory(prefix="shipit-bench-") as name,
    ):
        from tests.support.postgres import Server, programs  # noqa: PLC0415 - brings psycopg

        known = programs()
        server = Server.start(known[asked.server or next(iter(known))], USUAL)
        try:
            report(Place(server, Path(name), measurer), asked)
        finally:
            server.remove()


def report(place: Place, asked: argparse.Namespace) -> None:
    [[version]] = place.server.query("postgres", "SELECT split_part(current_setting('server_version'), ' ', 1)")
    machine = f"Python {sys.version.split()[0]}, PostgreSQL {version}, {os.cpu_count()} cores"
    print(f"{asked.count:,} migrations; {', '.join([machine, *versions()])}.\n", flush=True)
    folders.make(place.top, asked.count)
    checked = [place.row("shipit verify migrations", (SHIPIT, "verify", "migrations"), "shipit", "shipit")]
    for title, rows in (
        (f"{asked.count:,} migrations on an empty database", applying(place)),
        ("Nothing is pending", again(place)),
        ("Reading and judging the files", checked),
    ):
        place.measure(rows, asked.rounds)
        print("\n".join(table(title, rows)), flush=True)
    if asked.megabytes:
        size = fill(place.server, asked.megabytes)
        rows = backups(place)
        place.measure(rows, 1)
        print("\n".join(table(f"A backup of {size} MB", rows)), flush=True)


def versions() -> Iterator[str]:
    """Of the peers that are there."""
    for name in ("dbmate", "alembic", "yoyo"):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout.split()
            yield f"{name} {said[-1]}" if said else name


if __name__ == "__main__":
    main()
