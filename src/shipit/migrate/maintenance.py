"""shipit migrate unlock, adopt and new, and shipit verify migrations: small things around a run."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from shipit.errors import Refused
from shipit.migrate import files
from shipit.migrate.ending import Declined, followed
from shipit.migrate.outside import Sources
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrations.adopted import match
from shipit.migrations.fresh import fresh
from shipit.output.reporter import Reporter


def unlock(job: MigrationJob) -> Facts:
    """End the session that holds the lock; a dead run's lock is gone by itself, so this is for a stuck one."""
    holder = job.database.guard.holder()
    if holder is None:
        job.reporter.say("nobody holds the lock")
        return {"unlocked": "false"}
    job.reporter.say(f"held by {holder}")
    if job.reporter.ask and not job.reporter.ask("End that session? What it has not committed is rolled back."):
        raise Declined
    ended = job.database.guard.break_()
    job.note("", "unlock", detail=ended or holder)
    job.reporter.say(f"ended: {ended or holder}")
    return {"unlocked": "true"}


@followed("adopt")
def adopt(job: MigrationJob) -> Facts:
    """Take over what another tool's version table says; nothing is run."""
    database = job.database
    job.refuse_wrong_database()
    read = files.read(job.outside)
    found = database.adoption.found()
    if not found:
        raise Refused(
            "no other tool's version table is in this database",
            where=str(database.health.address),
            evidence=["looked for dbmate, golang-migrate, Flyway, Alembic and Django"],
            hint="shipit migrate applies the files from the first one on",
        )
    rows, findings = match(read.migrations, found, at=time.time())
    files.refuse(findings)
    for line in (*files.warnings(findings), *(f"{row.version}_{row.name}" for row in rows)):
        job.reporter.say(line)
    if job.options.dry_run:
        return {"adopted": "0"}
    if job.reporter.ask and not job.reporter.ask(f"Record these {len(rows)} as applied, without running them?"):
        raise Declined
    database.guard.take(job.outside.settings.wait, job.reporter.say)
    database.ledger.bind(job.outside.name)
    database.ledger.adopt(rows)
    run = job.ending.of("adopt").id
    job.note(run, "adopt", command="adopt", detail=", ".join(sorted(found)))
    job.ending.report_end("adopt", None)
    job.reporter.say(f"{len(rows)} adopted from {', '.join(sorted(found))}")
    return {"adopted": str(len(rows)), "run": run}


def new(sources: Sources, name: str, reporter: Reporter) -> Facts:
    """Write the files of a new migration; never over another."""
    existing = files.read(sources).migrations if sources.files.path.is_dir() else ()
    made = fresh(existing, name, datetime.now(UTC))
    for file, text in made.files.items():
        sources.files.write(file, text)
        reporter.say(f"{sources.settings.folder}/{file}")
    return {"version": made.version, "name": made.name}


def verify_files(sources: Sources, reporter: Reporter) -> Mapping[str, str]:
    """Every file read, parsed and judged; no database is asked. Raises Refused with every error."""
    began = time.monotonic()
    read = files.read(sources)
    prepared, findings = read.prepare(read.migrations)
    for line in files.warnings((*read.findings, *findings)):
        reporter.say(line)
    files.refuse(findings)
    many = f"{len(prepared)} migrations are" if len(prepared) != 1 else "1 migration is"
    reporter.say(f"{many} sound, {time.monotonic() - began:.2f} s")
    return {"verified": "true", "migrations": str(len(prepared))}
