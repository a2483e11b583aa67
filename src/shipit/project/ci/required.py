"""Required checks: each is produced on every pull request to every shared branch, and cannot be skipped."""

import re
from collections.abc import Iterator, Mapping, Sequence

from shipit.config import Config
from shipit.project.ci.branches import reaches
from shipit.project.ci.document import Finding, Node
from shipit.project.ci.names import Shown, shown
from shipit.project.ci.workflow import FOLDER, Job, Workflow

_EVENT = "pull_request"
_ALWAYS = frozenset(("always()", "!cancelled()", "success()||failure()", "failure()||success()"))
_ON_REQUESTS = frozenset(("", "true", "success()", f"github.event_name=='{_EVENT}'"))
_ALLS_GREEN = "re-actors/alls-green@"
_USUAL_TYPES = frozenset(("opened", "synchronize", "reopened"))


def required_checks(workflows: Sequence[Workflow], config: Config) -> Iterator[Finding]:
    """What keeps a required check from being asked, or lets it pass unasked."""
    others = {one.path: one for one in workflows}
    offered = [(one, list(shown(one, others))) for one in workflows if _EVENT in one.triggers]
    branches = [name for name in (config.branches.main, config.branches.develop) if name]
    for name in config.protection.required_checks:
        for branch in dict.fromkeys(branches):
            yield from _one(name, branch, offered, others)


def _one(
    name: str, branch: str, offered: Sequence[tuple[Workflow, Sequence[Shown]]], others: Mapping[str, Workflow]
) -> Iterator[Finding]:
    made = [(one, check) for one, checks in offered for check in checks if check.name == name]
    if not made:
        why = f"no job reports the required check {name} on pull requests to {branch}"
        yield Finding(path=FOLDER, line=0, rule="missing-check", why=why, fix=f"a job with `name: {name}`")
    for workflow, check in made:
        trigger = workflow.triggers[_EVENT]
        yield from _filters(workflow, trigger, name, branch)
        for job in check.jobs:
            place = next(one for one in others.values() if any(job is own for own in one.jobs))
            yield from _skips(place, job, name)


def _filters(workflow: Workflow, trigger: Node, name: str, branch: str) -> Iterator[Finding]:
    for key in ("paths", "paths-ignore"):
        if trigger.has(key):
            why = f"{name} is required and never reports where no such path changed: the merge waits for ever"
            yield workflow.finding(trigger.get(key), "filtered-check", why, f"{_EVENT}: without {key}")
    if not reaches(trigger, branch):
        why = f"{name} is required and never reports on pull requests to {branch}"
        key = "branches" if trigger.has("branches") else "branches-ignore"
        yield workflow.finding(trigger.get(key), "filtered-check", why, f"{_EVENT}: with {branch}")
    if trigger.has("types") and not set(trigger.get("types").texts) >= {"opened", "synchronize"}:
        why = f"{name} is required and does not run on each new commit of a pull request"
        fix = f"types: [{', '.join(sorted(_USUAL_TYPES))}]"
        yield workflow.finding(trigger.get("types"), "filtered-check", why, fix)


def _demands(job: Job) -> bool:
    """Whether a step asks the needs for success; alls-green does by itself."""
    texts = list(job.node.get("steps").scalars())
    return any("needs" in text for text in texts) and any(
        "success" in t or t.startswith(_ALLS_GREEN) for t in texts
    )


def _skips(workflow: Workflow, job: Job, name: str) -> Iterator[Finding]:
    condition = re.sub(r"\s|\$\{\{|\}\}", "", job.node.get("if").text)
    needs = job.node.get("needs")
    if condition not in _ALWAYS | _ON_REQUESTS:
        why = f"{name} is required, and a job that is skipped counts as success"
        yield workflow.finding(job.node.get("if"), "skippable-check", why, "the condition at the steps")
    if not needs.texts:
        return
    if condition not in _ALWAYS:
        why = f"{name} is required, and is skipped, which counts as success, when one of its needs fails"
        yield workflow.finding(
            needs, "skippable-check", why, "if: always(), and a step that demands success of needs"
        )
    elif not _demands(job):
        why = f"{name} is required and runs whatever its needs say, without demanding their success"
        fix = "a step that fails unless each needs.NAME.result is success"
        yield workflow.finding(needs, "undemanding-check", why, fix)
