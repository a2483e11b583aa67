"""Run both benchmarks and write docs/benchmarks.md.

python bench/report.py --peers FOLDER
"""

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
HISTORY = """
## A large history

A repository made by `bench/history.py`: one line of Conventional Commits, four in ten with a body, one in seven
with a reference, and annotated tags at even distances. What takes more than a minute runs once; where a row says
that it was stopped, its figures are lower bounds. `git log` with all that notes are made of is the floor of every
tool that reads history through git. In the last table every tenth commit is a merge and one in 200 a revert:
commits must be judged together.

"""


def main(arguments: list[str]) -> None:
    page = HEAD
    for title, script, words in ((STARTUP, "startup.py", []), (HISTORY, "history.py", arguments)):
        command = [sys.executable, str(HERE / script), *words]
        page += title + subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    PAGE.write_text(page.rstrip() + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main(sys.argv[1:])
