"""What GitHub does with an event: start the workflows that wait for it, and report each job on the commit.

Both are decided here from the text of the workflows, and not by shipit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from tests.support import act
from tests.support.acme import git
from tests.support.online import JOBS, REGISTRY, RELEASER, World

GREEN, RED = "success", "failure"


@dataclass
class Actions:
    """The runs of a world: `runs` has the last one of each workflow."""

    world: World
    place: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    runs: dict[str, act.Ran] = field(default_factory=dict)
    count: int = 0

    def waiting(self, event: str, ref: str = "", changed: Sequence[str] = ()) -> list[str]:
        """The workflows on the commit that is checked out in the clone whose triggers match, by file name."""
        found = []
        for path in sorted((self.world.clone / ".github" / "workflows").glob("*.yml")):
            on = yaml.safe_load(path.read_text("utf-8"))[True]  # YAML 1.1 reads `on` as a truth value
            if event in on and _matches(on[event] or {}, ref, changed):
                found.append(path.name)
        return found

    def push(self, ref: str, changed: Sequence[str] = (), *, first: Sequence[str] = ()) -> Mapping[str, act.Ran]:
        """Run every workflow that a push of this ref starts, those in `first` before the others."""
        names = self.waiting("push", ref, changed)
        ordered = [*(name for name in first if name in names), *(name for name in names if name not in first)]
        return {name: self.run(name, {"ref": ref}, ref) for name in ordered}

    def run(self, name: str, event: Mapping[str, Any], ref: str, on: str = "push") -> act.Ran:
        """One workflow on a checkout of its own, with the secrets that it names; its jobs become checks."""
        self.count += 1
        releases = name == "release.yml"
        clone = self.world.checkout(
            ref.removeprefix("refs/heads/").removeprefix("refs/tags/"), RELEASER if releases else JOBS
        )
        text = (clone / ".github" / "workflows" / name).read_text("utf-8")
        secrets = {key: value for key, value in self.world.secrets.items() if f"secrets.{key}" in text}
        secrets["GITHUB_TOKEN"] = self.world.secrets["GITHUB_TOKEN"]
        environment = "production" if "production" in name else "staging"
        secrets |= {"VERCEL_TOKEN": self.world.vercel[environment].state.token}
        variables = {**self.variables, "VERCEL_API_URL": self.world.vercel[environment].api}
        ran = act.run(
            clone, name, event, secrets, self.place / f"run{self.count}", on=on, actor=REGISTRY, variables=variables
        )
        sha = git(clone, "rev-parse", "HEAD")
        for check, conclusion in ran.checks.items():
            self.world.repository.check(sha, check, conclusion)
        self.runs[name] = ran
        return ran

    def dispatch(self, name: str, ref: str, **inputs: str) -> act.Ran:
        return self.run(name, {"ref": ref, "inputs": inputs}, ref, on="workflow_dispatch")


def _matches(wanted: Mapping[str, Any], ref: str, changed: Sequence[str]) -> bool:
    kind, _, name = ref.removeprefix("refs/").partition("/")
    asked = {"heads": "branches", "tags": "tags"}.get(kind)
    filters = [one for one in ("branches", "tags") if one in wanted]
    if filters and (asked not in filters or not _is_in(name, wanted[asked])):
        return False
    return "paths" not in wanted or kind == "tags" or any(_is_in(path, wanted["paths"]) for path in changed)


def _is_in(name: str, patterns: Sequence[str]) -> bool:
    """The last pattern that matches decides; `!` takes away."""
    answer = False
    for pattern in patterns:
        if fnmatchcase(name, pattern.removeprefix("!")):
            answer = not pattern.startswith("!")
    return answer
