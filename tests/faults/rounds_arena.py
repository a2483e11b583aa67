"""The servers on which rounds are played, and who starts the runs."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tests.faults.killer import TOP, unmeasured
from tests.faults.rounds_plan import Call
from tests.support import standing
from tests.support.acme import git
from tests.support.place import NO_FORGE, USUAL, Place, Stage, stage
from tests.support.pypi import Address, pypiserver
from tests.support.shaky_proxy import ShakyProxy

INDEX = """
[tool.shipit.index]
kind = "url"
url = "{address.url}/"
simple = "{address.url}/simple/"
username = "env:INDEX_USER"
password = "env:INDEX_PASSWORD"
"""
PATIENCE = 70.0
_LANDED = """\
#!/bin/sh
time=$(date +%s.%N)
while read -r line; do echo "$time $line"; done >> "$(dirname "$0")/../landed"
"""
"""What the server moved, and when."""


class Crew:
    """Starts runs without waiting for them, and hears how each ended; see tests/faults/rounds_runner.py."""

    def __init__(self) -> None:
        self._answers: dict[int, Mapping[str, Any]] = {}
        self._count = 0
        self._heard = threading.Condition()
        self._child: subprocess.Popen[str] | None = None
        self._ready = False

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.rounds_runner"],
            cwd=TOP,
            env=unmeasured(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._child and self._child.stdin:
            self._child.stdin.close()
            self._child.wait(60)

    def _listen(self) -> None:
        assert self._child
        assert self._child.stdout
        with self._child.stdout as answers:
            for line in answers:
                with self._heard:
                    if line == "ready\n":
                        self._ready = True
                    else:
                        answer = json.loads(line)
                        self._answers[answer["number"]] = answer
                    self._heard.notify_all()

    def start(self, call: Call, where: Path, env: Mapping[str, str], *, output: Path, mark: str, token: str) -> int:
        """Start it; the number that is returned is to be waited for."""
        assert self._child
        assert self._child.stdin
        with self._heard:
            assert self._heard.wait_for(lambda: self._ready, PATIENCE), "the runner did not start"
        self._count += 1
        job: dict[str, object] = {"number": self._count, "argv": call.words, "cwd": str(where)}
        job |= {"env": unmeasured(env), "mark": mark, "token": token}
        job |= {"strikes": [asdict(one) for one in call.strikes], "out": f"{output}.out", "err": f"{output}.err"}
        self._child.stdin.write(json.dumps(job) + "\n")
        self._child.stdin.flush()
        return self._count

    def wait(self, number: int) -> Mapping[str, Any]:
        with self._heard:
            assert self._heard.wait_for(lambda: number in self._answers, PATIENCE), "a run does not end"
            return self._answers.pop(number)


@dataclass(kw_only=True)
class Arena:
    """A git server behind a proxy, a stand-in GitHub, and a package index; one round is played at a time."""

    stage: Stage
    proxy: ShakyProxy
    packages: Path
    address: Address
    crew: Crew

    @contextmanager
    def place(self, *, forge: bool) -> Iterator[Place]:
        """A fresh copy of the product that sees the git server through the proxy alone.

        It has a forge and a folder as index, or no forge and the index server.
        """
        place = self.stage.place(USUAL if forge else INDEX.format(address=self.address) + NO_FORGE)
        place.env.update(INDEX_USER=self.address.username, INDEX_PASSWORD=self.address.password)
        self.through_proxy(place, place.clone)
        self.hook(place, "post-receive", _LANDED)
        try:
            yield place
        finally:
            self.stage.clear(place)
            for path in self.packages.glob("[!.]*"):
                path.unlink()

    def through_proxy(self, place: Place, clone: Path) -> Path:
        """Let a clone see the git server through the proxy alone."""
        url = self.stage.server.url(place.name).replace(f":{self.stage.server.port}/", f":{self.proxy.port}/")
        git(clone, "remote", "set-url", "origin", url)
        return clone

    @staticmethod
    def hook(place: Place, name: str, script: str = "") -> None:
        """Install this hook of the server; without a script it is removed."""
        path = place.laid.remote / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        if script:
            path.write_text(script)
            path.chmod(0o755)

    def outside(self, place: Place) -> standing.Standing:
        """How the shared world stands; of the index server without what it has beside packages."""
        found = place.outside()
        served = {name: data for name, data in standing.files(self.packages).items() if not name.startswith(".")}
        return {**found, "index": {**found["index"], **served}}


@contextmanager
def arena(root: Path) -> Iterator[Arena]:
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(stage(root / "stage"))
        packages = root / "packages"
        address = stack.enter_context(pypiserver(packages, password="an-index-password-5f1c"))
        crew = stack.enter_context(Crew())
        proxy = ShakyProxy(made.server.port)
        proxy.start()
        stack.callback(proxy.stop)
        yield Arena(stage=made, proxy=proxy, packages=packages, address=address, crew=crew)
