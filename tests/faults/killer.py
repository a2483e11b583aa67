"""The tests' side of the runner: start it once, give it jobs, read what became of them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self

from tests.support.run import Ran

Moment = Literal["before", "during", "after"]
TOP = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Blow:
    """A signal at one moment of one effect; see tests/faults/runner.py."""

    effect: str
    when: Moment
    how: str = "SIGKILL"


def unmeasured(env: Mapping[str, str]) -> dict[str, str]:
    """Without coverage: who is killed writes none, and hundreds of releases have no time for it."""
    return {name: value for name, value in env.items() if not name.startswith("COVERAGE_")}


class Killer:
    """A warmed-up command line that can be struck down at any effect."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.runner"],
            cwd=TOP,
            env=unmeasured(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            self._child.communicate(timeout=60)

    @property
    def effects(self) -> list[str]:
        """Every effect of the last run, in order."""
        return [line for line in self._log.read_text().splitlines() if not line.startswith("#")]

    @property
    def children(self) -> list[int]:
        """The process ids of the children that the last run started inside of an effect."""
        return [int(line.split()[-1]) for line in self._log.read_text().splitlines() if line.startswith("#")]

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def run(self, where: Path, *words: str, env: Mapping[str, str], blow: Blow | None = None) -> Ran:
        """Run `shipit` with these words; struck down, its code is the negative number of the signal."""
        assert self._child
        assert self._child.stdin
        assert self._child.stdout
        self._log.write_bytes(b"")
        job = {"argv": words, "cwd": str(where), "env": unmeasured(env), "blow": asdict(blow) if blow else None}
        job |= {name: str(self.folder / name) for name in ("out", "err", "log")}
        self._child.stdin.write(json.dumps(job) + "\n")
        self._child.stdin.flush()
        code = json.loads(self._child.stdout.readline())
        out, err = ((self.folder / name).read_text(errors="surrogateescape") for name in ("out", "err"))
        return Ran(words, code, out, err)
