"""Seconds of `shipit init` and `shipit init --check` in a repository of 10,000 files, beside `git ls-files` there.

    python bench/init.py [ROUNDS]

Prints a Markdown table of medians; the commands take turns.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

SHIPIT = str(Path(sys.executable).parent / "shipit")
FILES, FOLDERS, TAGS = 10_000, 100, 200
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "large"
version = "1.0.0"

[tool.ruff]
[tool.mypy]
"""
MEASURED: Sequence[tuple[str, Sequence[str]]] = (
    ("git ls-files", ["git", "ls-files"]),
    ("shipit init", [SHIPIT, "init"]),
    ("shipit init --check", [SHIPIT, "init", "--check"]),
)


def lay_out(folder: Path) -> None:
    """A project in one commit, with some tags; init has been there."""
    for number in range(FILES):
        path = folder / "src" / "large" / f"part{number % FOLDERS}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"VALUE = {number}\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@acme.example", "commit", "--quiet", "--message=feat: all")
    for number in range(TAGS):
        git(folder, "tag", f"v0.{number}.0")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def seconds(command: Sequence[str], folder: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=False, capture_output=True, env=dict(os.environ, NO_COLOR="1"))
    return time.perf_counter() - begun


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 9
    with tempfile.TemporaryDirectory() as temporary:
        new, written = Path(temporary, "new"), Path(temporary, "written")
        for folder in (new, written):
            folder.mkdir()
            lay_out(folder)
        subprocess.run([SHIPIT, "init", "--yes"], cwd=written, check=True, capture_output=True)
        taken: dict[str, list[float]] = {name: [] for name, _ in MEASURED}
        for _ in range(rounds):
            for name, command in MEASURED:
                taken[name].append(seconds(command, written if "--check" in command else new))
    print(f"Median of {rounds} runs, {FILES:,} files, Python {sys.version.split()[0]}, {os.cpu_count()} cores.\n")
    print("| command | seconds | longest |\n|---|---:|---:|")
    for name, found in taken.items():
        print(f"| `{name}` | {statistics.median(found):.2f} | {max(found):.2f} |")


if __name__ == "__main__":
    main()
