"""What is pending is applied, and everything can be looked at before."""

from collections.abc import Sequence

from shipit.migrate import files, recipe
from shipit.migrate.checks import quietly
from shipit.migrate.command import drift
from shipit.migrate.recipe import MigrationContext
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrations.agreement import Standing
from shipit.migrations.groups import plan_groups
from shipit.migrations.ladder import why_not_down
from shipit.migrations.model import Finding, Group
from shipit.migrations.records import Needs


def apply(job: MigrationJob, read: files.ReadFiles, standing: Standing) -> Facts:
    """Read and judge it, then run the plan or show it."""
    prepared, findings = read.prepare(standing.pending)
    files.refuse(findings)
    made = job.parts("migrate", read, plan_groups(prepared))
    facts = job.carry_out(
        recipe.migrate(made),
        made,
        remarks(job, made, (*read.findings, *standing.findings, *findings)),
        f"Apply {len(prepared)} to {job.outside.name}?",
    )
    last = prepared[-1].version if prepared else ""
    if not job.options.dry_run:
        job.reporter.say(f"{job.outside.name} is at version {last}")
    return {"migrated": _truth(not job.options.dry_run), "applied": str(len(prepared)), "version": last, **facts}


def remarks(job: MigrationJob, made: MigrationContext, findings: Sequence[Finding]) -> list[str]:
    """What a person should read before the plan."""
    database = job.database
    lines = [f"{database.health.server()} at {database.health.address}"]
    lines += files.warnings(findings)
    needs = Needs(frozenset(name for one in made.pending for name in one.footprint.locks))
    lines += database.health.remarks(needs)
    lines += drift(job, database.ledger.applied())
    lines += _backup(made) if made.options.backup.enabled else ["no backup is taken (backup.enabled = false)"]
    if made.options.backup.enabled and made.store is None and job.outside.is_in_ci:
        lines.append("the backup stays on this runner, whose disk does not outlive the job (database.backup.store)")
    lines += _rehearsal(made)
    return lines + _way_back(made.groups)


def _backup(made: MigrationContext) -> list[str]:
    def line_of() -> str:
        size = made.database.health.size()
        return f"the backup of {size / 1e6:,.1f} MB takes about {made.database.backups.seconds(size):.0f} s"

    line = quietly(line_of, "")
    return [line] if line else []


def _rehearsal(made: MigrationContext) -> list[str]:
    if made.settings.rehearse != "auto":
        return []
    reason = made.database.rehearsal.possible()
    return [f"no rehearsal: {reason}"] if reason else []


def _way_back(groups: Sequence[Group]) -> list[str]:
    if len(groups) < 2:
        return []
    reason = why_not_down([one for group in groups for one in group.migrations])
    return [f"once it is committed, {reason}"] if reason else []


def _truth(value: bool) -> str:
    return "true" if value else "false"
