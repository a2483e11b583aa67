"""Traps in single steps: actions that are not pinned, text of others in a script, folders that are not kept."""

import re
from collections.abc import Iterator

from shipit.project.ci.document import Finding, Node
from shipit.project.ci.workflow import Step, Workflow

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIGEST = re.compile(r"docker://[^@]+@sha256:[0-9a-f]{64}")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_BRACKETS = re.compile(r"\[\s*'([\w-]+)'\s*\]")
_OF_OTHERS = re.compile(
    r"\binputs\.[\w-]+|\bgithub\.(?:head_ref|ref_name|ref)\b|\bgithub\.event\.(?:inputs|client_payload)\b"
    r"|\bgithub\.event\.[\w.*-]+\.(?:title|body|message|name|email|ref|label|head_branch|display_title|full_name)\b"
)
_HEAD = re.compile(r"\bgithub\.(?:head_ref|event\.pull_request\.head\.|event\.workflow_run\.head_)|refs/pull/")
_UNTRUSTED_EVENTS = frozenset(("pull_request_target", "workflow_run"))


def step_traps(workflow: Workflow) -> Iterator[Finding]:
    """What is wrong in single steps, and with workflows that a job calls."""
    for job in workflow.jobs:
        if job.uses:
            yield from _pin(workflow, job.node.get("uses"))
        for step in job.steps:
            yield from _pin(workflow, step.node.get("uses"))
            yield from _injection(workflow, step)
            yield from _artifact(workflow, step)
            yield from _checkout(workflow, step)


def _pin(workflow: Workflow, uses: Node) -> Iterator[Finding]:
    """An action of the repository itself is of the same commit."""
    name, _, version = uses.text.partition("@")
    if not name or name.startswith(("./", "$/")) or _DIGEST.fullmatch(uses.text):
        return
    if name.startswith("docker://") or not _COMMIT.fullmatch(version):
        why = f"{uses.text} can be another program tomorrow: a tag moves"
        place = "@sha256:DIGEST" if name.startswith("docker://") else "@COMMIT # TAG"
        yield workflow.finding(uses, "unpinned-action", why, f"uses: {name.partition(':v')[0]}{place}")
    elif not workflow.comment(uses.line):
        why = "nobody sees which version this commit is, and no bot can raise it"
        yield workflow.finding(uses, "pin-without-tag", why, f"uses: {uses.text} # TAG")


def _injection(workflow: Workflow, step: Step) -> Iterator[Finding]:
    script = step.node.get("with", "script") if step.action == "actions/github-script" else step.node.get("run")
    for expression in _EXPRESSION.findall(script.text):
        found = _OF_OTHERS.search(_BRACKETS.sub(r".\1", expression))
        if found:
            why = f"{found[0]} is text of others, and runs as a part of the script"
            fix = f'env: {{ VALUE: "${{{{ {expression.strip()} }}}}" }}, and "$VALUE" in the script'
            yield workflow.finding(script, "script-injection", why, fix)


def _artifact(workflow: Workflow, step: Step) -> Iterator[Finding]:
    if step.action != "actions/upload-artifact" or step.node.get("with", "include-hidden-files").text == "true":
        return
    path = step.node.get("with", "path")
    hidden = [line for line in path.text.splitlines() if _is_hidden(line)]
    if hidden:
        why = f"{hidden[0]} is hidden, and what is hidden is left out"
        yield workflow.finding(path, "hidden-artifact", why, "a folder without a leading dot, such as reports/")


def _is_hidden(path: str) -> bool:
    """Whether the folder that is looked through, or what is looked for in it, begins with a dot.

    A hidden folder further up is no matter: packages/glob/src/internal-globber.ts of actions/toolkit.
    """
    parts = [part for part in path.strip().split("/") if part not in {"", ".", ".."}]
    literal = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return any(part.startswith(".") for part in parts[max(literal - 1, 0) :])


def _checkout(workflow: Workflow, step: Step) -> Iterator[Finding]:
    events = sorted(_UNTRUSTED_EVENTS & set(workflow.triggers))
    if step.action != "actions/checkout" or not events:
        return
    inputs = step.node.get("with")
    found = next((key for key in ("ref", "repository") if _HEAD.search(inputs.get(key).text)), "")
    if found:
        why = f"{events[0]} has the repository's secrets, and this is the code of whoever asks"
        yield workflow.finding(inputs.get(found), "dangerous-checkout", why, "on: pull_request")
