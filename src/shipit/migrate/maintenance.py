"""shipit migrate unlock, adopt and new, and shipit verify migrations: small things around a run."""

import time
from datetime import UTC, datetime

from shipit.config import Project
from shipit.errors import Refused
from shipit.migrate import files
from shipit.migrate.ending import followed
from shipit.migrate.outside import Sources, sources_of
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrate.status import verify
from shipit.migrations import folder
from shipit.migrations.adopted import match
from shipit.migrations.fresh import Fresh, fresh
from shipit.output.reporter import Declined, Reporter


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
    database.guard.take(job.outside.options.lock_wait, job.reporter.say)
    database.ledger.bind(job.outside.name)
    database.ledger.adopt(rows)
    run = job.ending.of("adopt").id
    job.note(run, "adopt", command="adopt", detail=", ".join(sorted(found)))
    job.ending.report_end("adopt", None)
    job.reporter.say(f"{len(rows)} adopted from {', '.join(sorted(found))}")
    return {"adopted": str(len(rows)), "run": run}


def new(project: Project, name: str, reporter: Reporter) -> Facts:
    """Write the files of a new migration, for each dialect that the project has; never over another."""
    made = [_new(sources, name, reporter) for sources in sources_of(project)]
    return {"version": ", ".join(dict.fromkeys(one.version for one in made)), "name": made[0].name}


def _new(sources: Sources, name: str, reporter: Reporter) -> Fresh:
    """Files that were made before and hold nothing yet are no mistake here."""
    content = sources.files.read()[0] if sources.files.path.is_dir() else {}
    found = folder.read(content, sources.dialect, sources.folder)
    files.refuse([finding for finding in found.findings if finding.rule != "empty-script"])
    unwritten = [f.place.path for f in found.findings if f.rule == "empty-script" and f.level == "error"]
    made = fresh(found.migrations, name, datetime.now(UTC), unwritten=unwritten)
    for file, text in made.files.items():
        sources.files.write(file, text)
        reporter.say(f"{sources.folder}/{file}")
    return made


def verify_files(project: Project, reporter: Reporter) -> Facts:
    """Every file read, parsed and judged; no database is asked. Raises Refused with every error."""
    count = sum(_verify(sources, reporter) for sources in sources_of(project))
    return {"verified": "true", "migrations": str(count)}


def verify_database(job: MigrationJob) -> Facts:
    """The files of one environment, then its ledger and schema; raises Refused, or LiveDiffers if it drifted."""
    if job.outside.settings.engine == "sql":
        _verify(job.outside, job.reporter)
    return verify(job)


def _verify(sources: Sources, reporter: Reporter) -> int:
    began = time.monotonic()
    read = files.read(sources)
    prepared, findings = read.prepare(read.migrations)
    for line in files.warnings((*read.findings, *findings)):
        reporter.say(line)
    files.refuse(findings)
    many = f"{len(prepared)} migrations are" if len(prepared) != 1 else "1 migration is"
    reporter.say(f"{sources.folder}: {many} sound for {sources.database_name}, {time.monotonic() - began:.2f} s")
    return len(prepared)
