"""shipit migrate rollback, backup and restore: the ways back that a person asks for."""

import time

from msgspec.structs import replace

from shipit.errors import Refused
from shipit.migrate import files, recipe, wrapped
from shipit.migrate.ending import followed
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrations.records import Backup
from shipit.migrations.selection import back
from shipit.migrations.wording import counted
from shipit.output.reporter import Declined


@followed("rollback")
def rollback(job: MigrationJob) -> Facts:
    """Roll back the last run, or everything after a version, by down scripts in one transaction."""
    if job.outside.settings.engine != "sql":
        return wrapped.rollback(job)
    read = files.read(job.outside)
    reversal = back(read.migrations, job.database.ledger.applied(), job.options.to, job.outside.folder)
    hint = f"shipit migrate history --env {job.outside.name}"
    files.refuse(reversal.findings, "there is no way back by down scripts", hint)
    prepared, findings = read.prepare(reversal.migrations)
    files.refuse(findings)
    if not prepared:
        job.refuse_wrong_database()
        job.reporter.say(f"nothing to roll back on {job.outside.name}")
        return {"rolled-back": "0"}
    made = job.parts("rollback", read, back=prepared)
    losses = [f"{one.label} destroys {loss}" for one in prepared for loss in one.down_loses]
    question = f"Roll back {len(prepared)} of {job.outside.name}?"
    facts = job.carry_out(recipe.rollback(made), made, losses, question)
    job.reporter.say(f"{job.outside.name}: {'would take' if job.options.dry_run else 'took'} back {len(prepared)}")
    return {"rolled-back": str(len(prepared)), **facts}


@followed("backup")
def backup(job: MigrationJob) -> Facts:
    """A backup that was read back whole, and nothing else."""
    made = replace(
        job.parts("backup", files.ReadFiles(sources=job.outside, migrations=(), findings=())), objections=lambda: ()
    )
    facts = job.carry_out(recipe.backup_only(made), made, (), f"Back {job.outside.name} up?")
    taken = made.notebook.backup
    if taken:
        job.reporter.say(f"{taken.path}: {taken.size:,} bytes, sha256 {taken.sha256}")
    return facts


@followed("restore")
def restore(job: MigrationJob, run: str) -> Facts:
    """Bring the backup of a run back; refused if more transactions of others would be lost than was accepted."""
    database = job.database
    job.refuse_wrong_database()
    backup_ = database.backups.find(run)
    if backup_ is None:
        known = [one.run for one in database.backups.all()]
        raise Refused(
            f"there is no backup of run {run}",
            evidence=[f"known: {', '.join(known) or 'none'}"],
            hint=f"shipit migrate history --env {job.outside.name}",
        )
    impossible = database.restorer.possible()
    if impossible:
        raise Refused("a restore is not possible here", evidence=[impossible])
    foreign = database.catalog.foreign_since(backup_.mark)
    job.reporter.say(_loss(database.dialect, foreign))
    if job.options.dry_run:
        return {"restored": "false", "foreign": str(foreign)}
    if job.reporter.ask and not job.reporter.ask(f"Put the backup of {run} in the place of {job.outside.name}?"):
        raise Declined
    return _restore(job, backup_)


def _loss(dialect: str, foreign: int) -> str:
    """What `--accept-loss` counts: SQLite knows no transactions of others, only what is another row now."""
    if dialect == "sqlite":
        return f"{counted(foreign, 'row')} other than in the backup"
    return f"{counted(foreign, 'transaction')} of others since the backup"


def _restore(job: MigrationJob, wanted: Backup) -> Facts:
    database = job.database
    mine = job.ending.of("restore")
    database.guard.take(job.outside.options.lock_wait, job.reporter.say)
    restored = database.restorer.restore(wanted, job.options.loss, job.reporter.say)
    now = time.time()
    row = replace(mine, ended=now, outcome="complete", detail=f"backup of {wanted.run}; kept {restored.kept}")
    database.ledger.open_run(row)
    database.ledger.close_run(row)
    job.ending.report_end("restore", None)
    job.reporter.say(f"restored in {restored.gap:.2f} s; the former database is kept as {restored.kept}")
    return {"restored": "true", "kept": restored.kept, "lost": str(restored.lost), "run": mine.id}
