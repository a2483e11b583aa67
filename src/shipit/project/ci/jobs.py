"""Traps of jobs and of whole workflows: rights, time, what is cancelled, what starts nothing."""

import re
from collections.abc import Iterator, Sequence

from shipit.config import Config
from shipit.project.ci.document import Finding, Node
from shipit.project.ci.workflow import Call, Job, Workflow

_CHANGES = ("deploy", "migrate", "release")
_SECRET = re.compile(r"\bsecrets\.(?!GITHUB_TOKEN\b)\w+")


def job_traps(workflow: Workflow) -> Iterator[Finding]:
    """What is wrong with the jobs of one workflow."""
    if workflow.is_action:
        return
    yield from _write_all(workflow, workflow.root)
    yield from _cancelled(workflow, workflow.root, workflow.jobs)
    for job in workflow.jobs:
        yield from _rights(workflow, job)
        yield from _write_all(workflow, job.node)
        yield from _cancelled(workflow, job.node, [job])
        yield from _unbound(workflow, job)
        yield from _ignored(workflow, job)
        yield from _called(workflow, job)


def starts_nothing(workflows: Sequence[Workflow], config: Config) -> Iterator[Finding]:
    """Workflows that wait for a tag, where it is pushed with a token whose pushes start none."""
    releases = [job for one in workflows for job in one.jobs if any(call.is_("release") for call in job.calls)]
    plain = any(not any(map(_SECRET.search, job.node.scalars())) for job in releases)
    for workflow in workflows:
        name = workflow.path.rpartition("/")[2]
        is_named = name in config.forge.dispatch
        tags = workflow.triggers.get("push", Node(0, "")).get("tags")
        if plain and tags.texts and not is_named:
            why = "the release pushes its tag with GITHUB_TOKEN, which starts no workflow"
            yield workflow.finding(tags, "tag-starts-nothing", why, f'forge.dispatch = ["{name}"]')
        if is_named and "workflow_dispatch" not in workflow.triggers:
            why = "forge.dispatch names it, and it cannot be started like that"
            yield workflow.finding(workflow.root.get("on"), "no-dispatch", why, "workflow_dispatch: below on:")


def _rights(workflow: Workflow, job: Job) -> Iterator[Finding]:
    if not job.uses and not job.node.has("timeout-minutes"):
        why = f"{job.key} may hang for six hours"
        yield workflow.finding(job.node, "no-timeout", why, "timeout-minutes: 15")
    if not job.node.has("permissions") and not workflow.root.has("permissions"):
        why = f"the token of {job.key} has the rights of the repository's settings, which may be all"
        yield workflow.finding(job.node, "no-permissions", why, "permissions: { contents: read }")


def _write_all(workflow: Workflow, node: Node) -> Iterator[Finding]:
    if node.get("permissions").text == "write-all":
        why = "whatever runs there may change everything"
        yield workflow.finding(node.get("permissions"), "write-all", why, "permissions: { contents: read }")


def _cancelled(workflow: Workflow, node: Node, jobs: Sequence[Job]) -> Iterator[Finding]:
    cancels = node.get("concurrency", "cancel-in-progress")
    changing = [call.words[0] for job in jobs for call in job.calls if _changes(call)]
    if changing and cancels.text not in {"", "false"}:
        why = f"shipit {changing[0]} that is cancelled half-way has to be taken up again"
        yield workflow.finding(cancels, "cancelled-run", why, "cancel-in-progress: false")


def _unbound(workflow: Workflow, job: Job) -> Iterator[Finding]:
    for call in job.calls:
        if _changes(call) and not call.is_("release") and not job.node.has("environment"):
            why = f"shipit {call.words[0]} without the rules and secrets of an environment of GitHub"
            yield workflow.finding(call, "no-environment", why, f"environment: {call.environment or 'NAME'}")


def _ignored(workflow: Workflow, job: Job) -> Iterator[Finding]:
    """A step of shipit's that may fail is no check."""
    nodes = [step.node for step in job.steps if step.calls] + ([job.node] if job.calls else [])
    for node in nodes:
        found = node.get("continue-on-error")
        if found.text not in {"", "false"}:
            why = "what shipit refuses is green here"
            yield workflow.finding(found, "ignored-failure", why, "continue-on-error: false")


def _called(workflow: Workflow, job: Job) -> Iterator[Finding]:
    if job.node.get("secrets").text == "inherit":
        why = "the workflow that is called gets every secret"
        yield workflow.finding(job.node.get("secrets"), "inherited-secrets", why, "secrets: { NAME: … }")
    publishes = any(call.is_("release") for call in job.calls) or any(
        step.action == "pypa/gh-action-pypi-publish" for step in job.steps
    )
    rights = [node.get("permissions", "id-token").text for node in (job.node, workflow.root)]
    if "workflow_call" in workflow.triggers and publishes and "write" in rights:
        why = "the package index does not trust a workflow that another one calls"
        yield workflow.finding(workflow.triggers["workflow_call"], "called-publishing", why, "workflow_dispatch:")


def _changes(call: Call) -> bool:
    """Whether it changes what is live; `shipit migrate status` and its like look."""
    looks = call.words[1:2] in {("status",), ("history",), ("new",)} or "--dry-run" in call.words
    return call.words[:1] in {(name,) for name in _CHANGES} and not looks
