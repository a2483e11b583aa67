"""What `make test` runs: pytest on every core, then the bars of coverage and time, pytest's closing line last.

The bars of branch coverage stand in pyproject.toml under [tool.bars.coverage]: for each name the least
percentage, and the paths that it leaves out. Arguments are passed on to pytest; with any of them only a part may
run, so no bar is asked and no minutes are printed.
"""

import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support import minutes

TOP = Path(__file__).parent.parent.parent
COVERAGE = ["--cov", "--cov-branch", "--cov-report=xml", "--cov-report="]
MOST_MINUTES = 45
REPORT = TOP / "reports" / "junit.xml"
PYTEST = [sys.executable, "-m", "pytest", "--numprocesses=auto", "--dist=worksteal", f"--junitxml={REPORT}"]


def main(arguments: Sequence[str]) -> int:
    """Run, report, and return the exit code: pytest's, or 1 for a bar that was missed."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    code, closing = follow([*PYTEST, *colour, *arguments]) if arguments else whole(colour)
    print(closing)
    return code


def whole(arguments: Sequence[str]) -> tuple[int, str]:
    """Run everything, print what each folder took and each bar; return exit code and pytest's closing line."""
    began = time.monotonic()
    code, closing = follow([*PYTEST, *arguments, *COVERAGE])
    took = (time.monotonic() - began) / 60
    if REPORT.exists():
        print("\nminutes of each folder of tests:", *minutes.table(REPORT), sep="\n")
    missed = [*([] if code else missed_bars()), *too_long(took)]
    print(*missed, sep="\n", end="\n" if missed else "")
    return code or bool(missed), closing


def too_long(took: float) -> Iterator[str]:
    """A report if the suite took more minutes than it may."""
    if took > MOST_MINUTES:
        yield f"\nThe suite took {took:.1f} minutes, more than the {MOST_MINUTES} that it may take."
    else:
        print(f"time, bar of {MOST_MINUTES} minutes: {took:.1f} minutes")


def follow(command: Sequence[str]) -> tuple[int, str]:
    """Show what a command says as it says it, all but its last line; return its exit code and that line."""
    closing = ""
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True, bufsize=1) as child:
        assert child.stdout
        for line in child.stdout:
            if closing:
                print(closing, flush=True)
            closing = line.rstrip("\n") or " "
    return child.returncode, closing.strip()


def missed_bars() -> Iterator[str]:
    """A report, naming the lines, for each bar that coverage does not reach."""
    bars = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["bars"]["coverage"]
    for name, bar in bars.items():
        command = [sys.executable, "-m", "coverage", "report", f"--fail-under={bar['least']}"]
        leaving = [f"--omit={','.join(bar['without'])}"] if bar.get("without") else []
        said = subprocess.run([*command, *leaving], cwd=TOP, capture_output=True, text=True, check=False)
        if said.returncode:
            yield f"\nBranch coverage, bar “{name}” of {bar['least']} %:\n{said.stdout}{said.stderr}"
        else:
            total = re.search(r"^TOTAL.* (\S+)%$", said.stdout, re.MULTILINE)
            print(f"branch coverage, bar “{name}” of {bar['least']} %: {total[1] if total else '?'} %")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
