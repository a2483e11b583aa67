"""shipit migrate: where it stands; nothing pending is the usual answer, and loads nothing of what applies."""

import time
from collections.abc import Sequence

from msgspec.structs import replace

from shipit.migrate import files
from shipit.migrate.ending import followed
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrations.records import Applied


@followed("migrate")
def run(job: MigrationJob) -> Facts:
    """Apply what is pending; raises every class of shipit.errors."""
    if job.outside.settings.engine != "sql":
        from shipit.migrate import wrapped

        return wrapped.migrate(job)
    read = files.read(job.outside)
    standing = read.standing(job.database, job.options.to)
    if not standing.pending and not standing.findings:
        return _nothing(job)
    from shipit.migrate import pending

    return pending.apply(job, read, standing)


def drift(job: MigrationJob, applied: Sequence[Applied]) -> list[str]:
    """Lines if the schema is not what the last run left: what is another one there."""
    last = applied[-1].fingerprint if applied else ""
    if not last:
        return []
    now = job.database.catalog.fingerprint()
    if now == last:
        return []
    from shipit.migrate.drift import named

    what = f"the schema has changed since {applied[-1].version} was applied (catalog {last[:12]}, now {now[:12]})"
    return [what, *(f"  {line}" for line in named(job.database, last))]


def _end_dead_run(job: MigrationJob) -> None:
    """A run that was killed after its last migration has not said how it ended; nobody else will."""
    ledger, guard = job.database.ledger, job.database.guard
    if all(run.ended for run in ledger.runs()) or not guard.lasts() or guard.holder():
        return
    guard.take(job.outside.options.lock_wait, job.reporter.say)
    ended = time.time()
    for dead in ledger.runs():
        if dead.ended is None:
            row = replace(dead, ended=ended, outcome="killed", detail="after its last migration")
            ledger.close_run(row, job.database.catalog.schema())
    guard.release()


def _nothing(job: MigrationJob) -> Facts:
    """Nothing is pending: say where it stands, and that the database is the right one."""
    job.refuse_wrong_database()
    _end_dead_run(job)
    applied = job.database.ledger.applied()
    version = applied[-1].version if applied else "no version"
    job.reporter.say(f"nothing to migrate: {job.outside.name} is at {version}, {len(applied)} applied")
    return {"migrated": "false", "applied": "0", "version": applied[-1].version if applied else ""}
