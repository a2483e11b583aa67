"""Scenarios written as shell: commits.sh makes a history, expected.txt tells what the command line says of it.

`python -m tests.support.cases FOLDER` prints what it says now, for people who write a new one.
"""

import importlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.run import environment

CASES = Path(__file__).parents[1] / "scenarios" / "cases"
SHELL = CASES / "shell.sh"
BEGINNING = 1_704_067_200  # 2024-01-01 00:00 UTC; each commit and each tag comes a minute later
CONTAINS = "stderr contains: "
BEGIN = """
for options in '--bare ../remote.git' ''; do git init --quiet --initial-branch=main $options; done
git remote add origin "$REMOTE"
git add --all
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A line of expected.txt that starts with `$ `, and the parts of stderr that are asked for below it."""

    command: str
    fragments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stall:
    """The folder of one scenario at work: a repository, a bare remote beside it, a clock, a list of commits."""

    root: Path

    @property
    def top(self) -> Path:
        return self.root / "product"

    def bash(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", *words],
            cwd=self.top,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def commits(self) -> dict[str, str]:
        """For each commit its id and, in as many digits, its number in the order of their making."""
        ids = (self.root / "commits").read_text().split()
        return {sha: f"{number:0{len(sha)}}" for number, sha in enumerate(ids, 1)}

    def _environment(self) -> Mapping[str, str]:
        return environment(
            BASH_ENV=str(SHELL),
            CLOCK=str(self.root / "clock"),
            COMMITS=str(self.root / "commits"),
            PYTHON=sys.executable,
            REMOTE=str(self.root / "remote.git"),
        )


def set_up(folder: Path, root: Path) -> Stall:
    """Make the history; commits.sh must succeed."""
    stall = Stall(root.resolve())
    stall.top.mkdir(parents=True)
    (stall.root / "clock").write_text(f"{BEGINNING}\n")
    (stall.root / "commits").write_text("")
    if (folder / "config.toml").exists():
        shutil.copy(folder / "config.toml", stall.top / "shipit.toml")
    made = stall.bash("-c", BEGIN)
    assert made.returncode == 0, made.stderr.decode(errors="replace")
    done = stall.bash(str(folder / "commits.sh"))
    assert done.returncode == 0, f"{folder.name}/commits.sh failed:\n{done.stderr.decode(errors='replace')}"
    return stall


def questions(expected: str) -> Iterator[Question]:
    """The commands of expected.txt."""
    for block in re.split(r"^\$ ", expected, flags=re.MULTILINE)[1:]:
        command, *rest = block.splitlines()
        yield Question(command, tuple(line.removeprefix(CONTAINS) for line in rest if line.startswith(CONTAINS)))


def transcript(stall: Stall, asked: Iterator[Question]) -> str:
    """What is said now, in the form of expected.txt.

    Every commit's id stands there as its number. A part of stderr that was asked for and is there is repeated;
    whatever else is wrong on stderr is shown in full.
    """
    return "\n".join(_answer(stall, question) for question in asked)


def _answer(stall: Stall, question: Question) -> str:
    done = stall.bash("-c", question.command)
    out, err = (
        numbered(stream.decode("utf-8", "backslashreplace"), stall) for stream in (done.stdout, done.stderr)
    )
    found = [fragment for fragment in question.fragments if fragment in err]
    lines = [f"$ {question.command}", *([out.rstrip("\n")] if out.rstrip("\n") else [])]
    lines += [f"[exit {done.returncode}]"] if done.returncode else []
    lines += [f"{CONTAINS}{fragment}" for fragment in found]
    if len(found) < len(question.fragments) or (err and not found):
        lines += [f"stderr: {line}" for line in err.splitlines()]
    return "\n".join(lines) + "\n"


def numbered(text: str, stall: Stall) -> str:
    """Its ids as numbers, whole or shortened; the folder of this run as `…`."""
    text = text.replace(str(stall.root), "…")
    for sha, number in stall.commits().items():
        text = re.sub(rf"\b{sha[:7]}(?:{sha[7:]})?\b", lambda found: number[-len(found[0]) :], text)  # noqa: B023
    return text


def main(arguments: list[str]) -> None:
    importlib.import_module("tests.conftest")  # cleans the environment
    for name in arguments:
        folder = Path(name).resolve()
        with tempfile.TemporaryDirectory() as root:
            print(transcript(set_up(folder, Path(root)), questions((folder / "expected.txt").read_text())), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
