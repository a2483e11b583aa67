"""shipit migrate around a project's own tool: lock, identity, backup, audit and notification are ours."""

from msgspec.structs import replace

from shipit.engine.plan import Plan, Step
from shipit.errors import UsageError
from shipit.migrate import recipe
from shipit.migrate.files import ReadFiles
from shipit.migrate.ports import Tool
from shipit.migrate.recipe import MigrationContext
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrate.steps.wrapped import Ran, RunTool, RunToolBack


def migrate(job: MigrationJob) -> Facts:
    """Let the tool apply what is pending."""
    tool = job.outside.tool
    job.refuse_wrong_database()  # before the tool is asked: by then every part of the address is masked
    pending = tool.pending(job.outside.address)
    if pending is not None and not pending:
        job.reporter.say(f"nothing to migrate: {tool.name} has nothing pending on {job.outside.name}")
        return {"migrated": "false"}
    step = RunTool(tool=tool, address=job.outside.address, to=job.options.to, ran=Ran())
    made = _parts(job, "migrate")
    plan = _plan(made, f"Migrate {job.outside.name} with {tool.name}", step)
    facts = job.carry_out(plan, made, _remarks(tool), f"Let {tool.name} migrate {job.outside.name}?")
    return {"migrated": "false" if job.options.dry_run else "true", **facts}


def rollback(job: MigrationJob) -> Facts:
    """Let the tool roll back to a revision, which must be named."""
    tool = job.outside.tool
    if job.options.to is None:
        raise UsageError(
            f"{tool.name} needs a revision: --to",
            hint=f"shipit migrate rollback --env {job.outside.name} --to REVISION",
        )
    step = RunToolBack(tool=tool, address=job.outside.address, to=job.options.to, ran=Ran())
    made = _parts(job, "rollback")
    plan = _plan(made, f"Roll {job.outside.name} back with {tool.name}", step)
    question = f"Let {tool.name} roll {job.outside.name} back to {job.options.to}?"
    return job.carry_out(plan, made, _remarks(tool), question)


def _plan(made: MigrationContext, title: str, step: Step) -> Plan:
    before: tuple[Step, ...] = (
        recipe.lock(made),
        recipe.begin(made),
        *recipe.backup(made, always=True),
    )
    steps: tuple[Step, ...] = (*before, step, recipe.record(made))
    # it is not known how much of a tool's work is committed when it fails
    return recipe.plan(made, made.notebook.run.command, title, steps, recipe.checks(made), before[-1].name)


def _parts(job: MigrationJob, command: str) -> MigrationContext:
    return replace(
        job.parts(command, ReadFiles(sources=job.outside, migrations=(), findings=())), objections=lambda: ()
    )


def _remarks(tool: Tool) -> list[str]:
    return [f"not promised with {tool.name}: {line}" for line in tool.cannot()]
