"""shipit migrate around a project's own tool: lock, identity, backup, audit and notification are ours."""

from msgspec.structs import replace

from shipit.engine.plan import Plan, Step
from shipit.errors import UsageError
from shipit.migrate import recipe
from shipit.migrate.files import Reading
from shipit.migrate.ports import Tool
from shipit.migrate.recipe import Parts
from shipit.migrate.run import Desk, Facts
from shipit.migrate.steps.wrapped import Ran, RunTool, RunToolBack


def migrate(desk: Desk) -> Facts:
    """Let the tool apply what is pending."""
    tool = desk.site.tool
    desk.refuse_wrong_database()  # before the tool is asked: by then every part of the address is masked
    pending = tool.pending(desk.site.address)
    if pending is not None and not pending:
        desk.story.say(f"nothing to migrate: {tool.name} has nothing pending on {desk.site.name}")
        return {"migrated": "false"}
    step = RunTool(tool, desk.site.address, desk.options.to, Ran())
    made = _parts(desk, "migrate")
    plan = _plan(made, f"Migrate {desk.site.name} with {tool.name}", step)
    facts = desk.carry_out(plan, made, _remarks(tool), f"Let {tool.name} migrate {desk.site.name}?")
    return {"migrated": "false" if desk.options.dry_run else "true", **facts}


def rollback(desk: Desk) -> Facts:
    """Let the tool take back to a revision, which must be named."""
    tool = desk.site.tool
    if desk.options.to is None:
        raise UsageError(
            f"{tool.name} needs to be told where to: --to",
            hint=f"shipit migrate rollback --env {desk.site.name} --to REVISION",
        )
    step = RunToolBack(tool, desk.site.address, desk.options.to, Ran())
    made = _parts(desk, "rollback")
    plan = _plan(made, f"Take {desk.site.name} back with {tool.name}", step)
    question = f"Let {tool.name} take {desk.site.name} back to {desk.options.to}?"
    return desk.carry_out(plan, made, _remarks(tool), question)


def _plan(made: Parts, title: str, step: Step) -> Plan:
    before: tuple[Step, ...] = (
        recipe.lock(made),
        recipe.begin(made),
        *recipe.backup(made, always=True),
    )
    again = recipe.again(made, made.notebook.run.command)
    steps: tuple[Step, ...] = (*before, step, recipe.record(made))
    # nobody can say how much of a tool's work is committed when it fails
    return Plan(title, steps, recipe.checks(made), before[-1].name, again, again)


def _parts(desk: Desk, command: str) -> Parts:
    return replace(desk.parts(command, Reading(desk.site, (), ())), objections=lambda: ())


def _remarks(tool: Tool) -> list[str]:
    return [f"not promised with {tool.name}: {line}" for line in tool.cannot()]
