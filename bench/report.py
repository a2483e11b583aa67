"""Run the benchmarks and write docs/benchmarks.md, or with --only one section of it anew.

python bench/report.py --peers FOLDER [--only SECTION] [what that script takes]

SECTION is startup, init, migrations, sqlite, images, security, gates or history.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. CPU is user and system time of a command and all its children; the rows of a table take
turns, figures are medians, and ratios those of the runs side by side. Seconds depend on the machine and on what
else it does: compare ratios. Memory is that of the largest process.
"""
STARTUP = """
## Start-up

On the sample product, a small repository. `import typer` is what a command line of this kind costs at the least.

"""
INIT = """
## shipit init

In a repository of 10,000 files, before the first run and after it. The bar is one second.

"""
MIGRATIONS = """
## Migrations

Small migrations, a table and a row or an index each, on a throw-away PostgreSQL with its usual settings, without
autovacuum. All tools run the same statements; shipit reads the very files of dbmate. CPU is the client's, and the
server's stands beside. The floor is one Python process that sends the statements of each file in one transaction
and does nothing else: no ledger, no lock, no judgement of the files. A run of shipit parses every file, up and
down, compares the catalog and counts rows before and after; the second row also takes a backup, reads it back, and
tries everything on a copy of the schema first, down scripts included.

"""
SQLITE = """
## Migrations on SQLite

The same migrations in a file on the disk, without a server. The floor is one Python process that sends the
statements of each file and a row of a ledger in one transaction through `sqlite3`, and waits for the disk at each
COMMIT as everybody does. The first row is what shipit does if nothing is configured: it also tries everything in
memory first, down scripts included, and takes a backup, which it reads back.

"""
IMAGES = """
## Images

Debian's `docker-registry` with images that are nothing but their labels, and a script in the place of docker that
sleeps where it would build: what is measured is shipit itself, and whether builders run side by side.

"""
SECURITY = """
## Security scans

In the place of each scanner stands a child that only sleeps: what is measured is shipit itself, and whether scans
run side by side.

"""
GATES = """
## Gates

`shipit verify tests` beside the same pytest command alone, in turns.

"""
HISTORY = """
## A large history

A repository made by `bench/history.py`: one line of Conventional Commits, four in ten with a body, one in seven
with a reference, and annotated tags at even distances. What takes more than a minute runs once; where a row says
that it was stopped, its figures are lower bounds. `git log` with all that notes are made of is the floor of every
tool that reads history through git. In the last table but one every tenth commit is a merge and one in 200 a
revert: commits must be judged together.

"""
SECTIONS = {
    "startup": (STARTUP, "startup.py"),
    "init": (INIT, "init.py"),
    "migrations": (MIGRATIONS, "migrations.py"),
    "sqlite": (SQLITE, "sqlite.py"),
    "images": (IMAGES, "images.py"),
    "security": (SECURITY, "security.py"),
    "gates": (GATES, "gates.py"),
    "history": (HISTORY, "history.py"),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", default=str(Path(sys.executable).parent))
    parser.add_argument("--only", choices=SECTIONS)
    asked, others = parser.parse_known_args()
    peers = ["--peers", asked.peers]
    words = {"startup": [], "migrations": peers, "sqlite": list(peers), "images": [], "history": [*peers, *others]}
    words["security"] = words["gates"] = words["init"] = []
    if asked.only:
        words[asked.only] += others if asked.only not in {"startup", "history"} else []
        page = replaced(PAGE.read_text(encoding="utf-8"), asked.only, section(asked.only, words[asked.only]))
    else:
        page = HEAD + "".join(section(name, words[name]) for name in SECTIONS)
    PAGE.write_text(page.rstrip() + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(HERE.parent)}")


def section(name: str, words: list[str]) -> str:
    """Measured now."""
    title, script = SECTIONS[name]
    command = [sys.executable, str(HERE / script), *words]
    measured = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return f"{title}{measured.rstrip()}\n"


def replaced(page: str, name: str, new: str) -> str:
    """The page with one section in the place of the former one, or before that which follows it."""
    found = dict(re.findall(r"(?ms)^(## .*?\n)(.*?)(?=^## |\Z)", page))
    texts = {title: f"\n{title}{body.rstrip()}\n" for title, body in found.items()}
    texts[_title(name)] = new
    return HEAD + "".join(texts[_title(one)] for one in SECTIONS if _title(one) in texts)


def _title(name: str) -> str:
    return f"{SECTIONS[name][0].splitlines()[1]}\n"


if __name__ == "__main__":
    main()
