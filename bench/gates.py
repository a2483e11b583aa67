"""What `shipit verify tests` costs beside pytest alone.

    python bench/gates.py [--rounds 9] [--seconds 2]

A small project with one package and tests that sleep: both run the same command with branch coverage and a JUnit
report, in turns.

Prints Markdown.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.history import Run, run

BIN = Path(sys.executable).parent
TIMEOUT = 300.0  # seconds
COMMAND = "python -m pytest -q --cov=small --cov-branch --cov-report=xml --junitxml=reports/junit.xml"
PYPROJECT = f"""[project]
name = "small"
version = "1.0.0"

[tool.shipit.gates.tests]
run = "{COMMAND}"
coverage = 50
junit-file = "reports/junit.xml"

[tool.pytest.ini_options]
pythonpath = ["."]
"""
TEST = """import time

from small import one


def test_one():
    time.sleep({seconds})
    assert one.f(1) == 1
"""


def lay_out(folder: Path, seconds: float) -> None:
    files = {
        "pyproject.toml": PYPROJECT,
        "small/__init__.py": "",
        "small/one.py": "def f(x):\n    return x\n",
        "tests/test_one.py": TEST.format(seconds=seconds),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    for words in (("init", "--quiet"), ("add", "."), (*author, "commit", "--quiet", "--message", "feat: small")):
        subprocess.run(["git", *words], cwd=folder, check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, asked.seconds)
        more = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        alone: list[Run] = []
        within: list[Run] = []
        for _ in range(asked.rounds):
            alone.append(run(COMMAND.split(), folder, TIMEOUT, more))
            within.append(run([str(BIN / "shipit"), "verify", "tests"], folder, TIMEOUT, more))
    if problems := {one.problem for one in [*alone, *within] if one.problem}:
        sys.exit("\n".join(problems))
    first, second = (statistics.median(one.wall for one in runs) for runs in (alone, within))
    print("| | median | fastest |\n|---|--:|--:|")
    print(f"| pytest alone | {first:.2f} s | {min(one.wall for one in alone):.2f} s |")
    print(f"| `shipit verify tests` | {second:.2f} s | {min(one.wall for one in within):.2f} s |")
    allowed = max(0.03 * first, 0.3)
    print(f"\nThe difference of the medians is {second - first:.2f} s; at most {allowed:.2f} s are allowed.")


if __name__ == "__main__":
    main()
