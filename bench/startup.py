"""CPU time of the light commands, each measured in pairs with `import typer` in the same run.

    python bench/startup.py [ROUNDS]

Prints a Markdown table of medians; the ratio is the median of the ratios of the pairs, so that a machine that is
busy for a while spoils a pair and not the result.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.lay_out import lay_out

SHIPIT = str(Path(sys.executable).parent / "shipit")
YARDSTICK = ("import typer", [sys.executable, "-c", "import typer"])
MEASURED: Sequence[tuple[str, list[str]]] = (
    ("bare Python", [sys.executable, "-c", "pass"]),
    ("shipit --version", [SHIPIT, "--version"]),
    ("shipit --help", [SHIPIT, "--help"]),
    ("shipit version", [SHIPIT, "version"]),
    ("shipit version --next", [SHIPIT, "version", "--next"]),
)


def cpu(command: Sequence[str], folder: Path) -> float:
    """Milliseconds of user and system time of a command and the children it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=dict(os.environ, NO_COLOR="1"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def pairs(command: Sequence[str], folder: Path, rounds: int) -> list[tuple[float, float]]:
    """The command and the yardstick in turns; the first turn only warms the disk cache."""
    return [(cpu(command, folder), cpu(YARDSTICK[1], folder)) for _ in range(rounds + 1)][1:]


def main(rounds: int) -> None:
    print(f"Median CPU time of {rounds} runs, Python {sys.version.split()[0]}, {os.cpu_count()} cores.\n")
    print(f"| command | CPU ms | `{YARDSTICK[0]}` in the same run | ratio |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = lay_out(Path(name)).clone
        for title, command in MEASURED:
            measured = pairs(command, folder, rounds)
            own, yardstick = (statistics.median(column) for column in zip(*measured, strict=True))
            ratio = statistics.median(one / other for one, other in measured)
            print(f"| `{title}` | {own:.0f} | {yardstick:.0f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
