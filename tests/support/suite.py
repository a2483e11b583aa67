"""What `make test` runs: pytest on every core, then the bars of branch coverage, pytest's closing line last.

The bars stand in pyproject.toml under [tool.bars.coverage]: for each name the least percentage, and the paths
that it leaves out. Arguments are passed on to pytest; with any of them only a part may run, so no bar is asked.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
PYTEST = [sys.executable, "-m", "pytest", "--numprocesses=auto", "--dist=worksteal"]
COVERAGE = ["--cov", "--cov-branch", "--cov-report=xml", "--cov-report="]


def main(arguments: Sequence[str]) -> int:
    """Run, report, and return the exit code: pytest's, or 1 for a bar that was missed."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    code, closing = follow([*PYTEST, *colour, *(arguments or COVERAGE)])
    missed = [] if arguments or code else list(missed_bars())
    for report in missed:
        print(report)
    print(closing)
    return code or bool(missed)


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
