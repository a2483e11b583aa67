"""CPU time, wall time and memory of shipit migrate on SQLite, its peers, and the floor.

    python bench/sqlite.py [--count 1000] [--rounds 5] [--peers FOLDER]

Every tool has its own folder, with the same statements in the form that it reads, and its own file. Rows take
turns, so that a machine that is busy for a while spoils a round and not a row. Prints Markdown.
"""

import argparse
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import migration_folders as folders
from bench import migrations
from bench.history import run
from bench.migrations import Row

APPLY, SHIPIT = migrations.APPLY, migrations.SHIPIT
FLOOR = Path(__file__).resolve().parent / "floor_sqlite.py"
DATABASE = "bench.db"


def rows(top: Path) -> Sequence[Row]:
    """The same migrations by every tool; shipit's backup and rehearsal are extras that no peer has."""
    dbmate = ("dbmate", "--no-dump-schema", "--migrations-dir", "migrations", "up")
    yoyo = ("yoyo", "apply", "--batch", "--no-config-file", "--database", f"sqlite:///{DATABASE}", "migrations")

    def row(name: str, argv: Sequence[str], folder: str, **more: str) -> Row:
        return Row(name, argv, top / folder, {"DATABASE_URL": f"sqlite:///{DATABASE}", **more})

    floor = (sys.executable, str(FLOOR), DATABASE)
    return (
        row("shipit migrate", APPLY, "safe"),
        row("the same without backup and rehearsal", APPLY, "shipit"),
        row("dbmate up", dbmate, "dbmate", DATABASE_URL=f"sqlite:{DATABASE}", DBMATE_STRICT="false"),
        row("alembic upgrade head", ("alembic", "upgrade", "head"), "alembic"),
        row("yoyo apply", yoyo, "yoyo"),
        row("the same by sqlite3, one transaction each (the floor)", floor, "floor"),
    )


def measure(taking_turns: Sequence[Row], rounds: int, *, anew: bool) -> None:
    """All rows in turns, on no database at first if `anew`; the first round only warms the caches."""
    for number in range(rounds + (rounds > 1)):
        for row in taking_turns:
            if anew:
                for left in row.folder.glob(f"{DATABASE}*"):
                    left.unlink()
            made = run(row.argv, row.folder, migrations.TIMEOUT, row.environment)
            print(f"{row.name}: {made}", file=sys.stderr, flush=True)
            if number or rounds == 1:
                row.runs.append(made)


def table(title: str, measured: Sequence[Row], one: Row, whose: str = "shipit's") -> Iterator[str]:
    """Medians, and how many times as much as the row `one` each row costs."""
    yield f"### {title}\n"
    yield f"| command | runs | CPU s | to {whose} | wall s | to {whose} | peak MB |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for row in measured:
        problem = next((each.problem for each in row.runs if each.problem), "")
        cpu, wall, memory = (row.median(what) for what in ("cpu", "wall", "memory"))
        figures = f"{cpu:.2f} | {row.ratio('cpu', one):.2f} | {wall:.2f} | {row.ratio('wall', one):.2f}"
        note = f" ({problem})" if problem else ""
        yield f"| `{row.name}`{note} | {len(row.runs)} | {'- | - | - | -' if problem else figures} | {memory:.0f} |"
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=lambda text: Path(text).absolute(), default=Path(sys.executable).parent)
    asked = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join(
        [str(asked.peers), migrations.dbmate_beside(asked.peers), os.environ["PATH"]]
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    migrations.compileall.compile_dir(migrations.SOURCE, quiet=2)
    with tempfile.TemporaryDirectory(prefix="shipit-bench-") as name:
        report(Path(name), asked)


def report(top: Path, asked: argparse.Namespace) -> None:
    machine = f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores"
    print(f"{asked.count:,} migrations; {', '.join([machine, *migrations.versions()])}.\n", flush=True)
    folders.make(top, asked.count)
    first = rows(top)
    measure(first, asked.rounds, anew=True)
    print(
        "\n".join(table(f"{asked.count:,} migrations on no database", first, first[-1], "the floor's")), flush=True
    )
    again = rows(top)[:-1]
    measure(again, asked.rounds, anew=False)
    print("\n".join(table("Nothing is pending", again, again[0])), flush=True)
    checked = [Row("shipit verify migrations", (SHIPIT, "verify", "migrations"), top / "shipit", {})]
    checked[0].environment = {"DATABASE_URL": f"sqlite:///{DATABASE}"}
    measure(checked, asked.rounds, anew=False)
    print("\n".join(table("Reading and judging the files", checked, checked[0])), flush=True)


if __name__ == "__main__":
    main()
