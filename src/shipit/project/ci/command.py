"""shipit verify ci: do the workflows call shipit as they should, pinned, without the known traps?"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from shipit.config import Config
from shipit.errors import LiveDiffers, Refused
from shipit.output.reporter import Reporter
from shipit.output.text import one_line
from shipit.project.ci.document import Finding
from shipit.project.ci.expected import missing_calls, other_values
from shipit.project.ci.jobs import job_traps, starts_nothing
from shipit.project.ci.ports import WorkflowFiles
from shipit.project.ci.required import required_checks
from shipit.project.ci.steps import step_traps
from shipit.project.ci.workflow import FOLDER, Workflow

Facts = Mapping[str, str]


class Job(Struct, frozen=True, kw_only=True):
    """What is looked at, and who hears of it."""

    files: WorkflowFiles
    config: Config
    reporter: Reporter


def verify(job: Job) -> Facts:
    """Raises LiveDiffers with every finding, Refused where there is nothing to look at or a file is no YAML."""
    workflows = [Workflow(document) for document in job.files.read()]
    number = sum(not one.is_action for one in workflows)
    if not number:
        raise Refused("there are no workflows to look at", where=FOLDER, hint="look into docs/workflows.md")
    found = sorted(set(findings(workflows, job.config)))
    if found:
        raise LiveDiffers(
            f"the workflows are not what the configuration asks for: {len(found)} findings",
            where=FOLDER,
            evidence=[one_line(str(one)) for one in found],
            hint="fix the named lines, then run shipit verify ci again",
        )
    job.reporter.say(f"{number} workflows, nothing found")
    return {"verified": "true", "workflows": str(number)}


def findings(workflows: Sequence[Workflow], config: Config) -> Iterator[Finding]:
    """What is wrong, in no order; the same may come twice."""
    yield from missing_calls(workflows, config)
    yield from other_values(workflows, config)
    yield from required_checks([one for one in workflows if not one.is_action], config)
    yield from starts_nothing(workflows, config)
    for workflow in workflows:
        yield from step_traps(workflow)
        yield from job_traps(workflow)
