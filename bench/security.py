"""What `shipit verify security` costs beside its scanners: nine children that only sleep.

    python bench/security.py [--seconds 1] [--rounds 5]

The command line is the real one; in the place of each scanner stands a child that sleeps. With `sleep 0` what is
left is shipit itself, from start-up to report.

Prints Markdown.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.history import Run, run
from tests.support.repository import Repository

TIMEOUT = 300.0  # seconds
PROGRAM = """
import sys

import shipit.adapters.scanners
from shipit.adapters import process
from shipit.scans.model import Sighting


class Sleeping:
    def __init__(self, name, settings):
        self.name, self.settings = name, settings

    def nothing(self):
        return ""

    def scan(self, say):
        process.run(("sleep", "{seconds}"), cwd=self.settings.tree, timeout=self.settings.timeout)
        return Sighting(seen=1, expected=1, unit="files", alive=True, tool="sleep")


shipit.adapters.scanners.scanner = Sleeping
sys.argv[1:] = ["verify", "security", *{words}]

from shipit.cli.main import main

main()
"""
PYPROJECT = """[project]
name = "small"
version = "1.0.0"

[tool.shipit]
forge.kind = "none"
"""


def measured(folder: Path, rounds: int, seconds: float, *only: str) -> list[Run]:
    """The first turn only warms the disk cache."""
    words = [word for name in only for word in ("--only", name)]
    argv = (sys.executable, "-c", PROGRAM.format(seconds=seconds, words=words))
    runs = [run(argv, folder, TIMEOUT, {}) for _ in range(rounds + 1)][1:]
    failed = [one.problem for one in runs if one.problem]
    if failed:
        sys.exit(failed[0])
    return runs


def median(runs: list[Run], what: str) -> float:
    return float(statistics.median(getattr(one, what) for one in runs))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        repository = Repository(Path(name) / "small")
        (repository.top / "pyproject.toml").write_text(PYPROJECT)
        repository.git("add", ".")
        repository.git("commit", "--quiet", "--message=feat: begin")
        nothing = measured(repository.top, asked.rounds, 0)
        one = measured(repository.top, asked.rounds, asked.seconds, "bandit")
        nine = measured(repository.top, asked.rounds, asked.seconds)
    print(f"Scanners that take {asked.seconds:g} s; medians of {asked.rounds} runs.\n")
    print("| what | CPU s | wall s |\n|---|---:|---:|")
    rows = {"nine scanners that take no time": nothing, "one scanner": one, "nine scanners": nine}
    for title, runs in rows.items():
        print(f"| {title} | {median(runs, 'cpu'):.2f} | {median(runs, 'wall'):.2f} |")
    share = (median(nine, "wall") - median(nothing, "wall")) / asked.seconds
    print(f"\nWithout start-up and report, nine took {share:.2f} of the time of the slowest.")


if __name__ == "__main__":
    main()
