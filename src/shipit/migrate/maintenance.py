"""shipit migrate unlock, adopt and new, and shipit verify migrations: small things around a run."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from shipit.errors import Refused
from shipit.migrate import files
from shipit.migrate.ending import Declined, followed
from shipit.migrate.outside import Shelf
from shipit.migrate.run import Desk, Facts
from shipit.migrations.adopted import match
from shipit.migrations.fresh import fresh
from shipit.output.reporter import Story


def unlock(desk: Desk) -> Facts:
    """End the session that holds the lock; a dead run's lock is gone by itself, so this is for a stuck one."""
    holder = desk.database.guard.holder()
    if holder is None:
        desk.story.say("nobody holds the lock")
        return {"unlocked": "false"}
    desk.story.say(f"held by {holder}")
    if desk.story.ask and not desk.story.ask("End that session? What it has not committed is rolled back."):
        raise Declined
    ended = desk.database.guard.break_()
    desk.note("", "unlock", detail=ended or holder)
    desk.story.say(f"ended: {ended or holder}")
    return {"unlocked": "true"}


@followed("adopt")
def adopt(desk: Desk) -> Facts:
    """Take over what another tool's version table says; nothing is run."""
    database = desk.database
    desk.refuse_wrong_database()
    read = files.read(desk.site)
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
        desk.story.say(line)
    if desk.options.dry_run:
        return {"adopted": "0"}
    if desk.story.ask and not desk.story.ask(f"Record these {len(rows)} as applied, without running them?"):
        raise Declined
    database.guard.take(desk.site.settings.wait, desk.story.say)
    database.ledger.bind(desk.site.name)
    database.ledger.adopt(rows)
    run = desk.ending.of("adopt").id
    desk.note(run, "adopt", command="adopt", detail=", ".join(sorted(found)))
    desk.ending.tell("adopt", None)
    desk.story.say(f"{len(rows)} adopted from {', '.join(sorted(found))}")
    return {"adopted": str(len(rows)), "run": run}


def new(shelf: Shelf, name: str, story: Story) -> Facts:
    """Write the files of a new migration; never over another."""
    existing = files.read(shelf).migrations if shelf.files.path.is_dir() else ()
    made = fresh(existing, name, datetime.now(UTC))
    for file, text in made.files.items():
        shelf.files.write(file, text)
        story.say(f"{shelf.settings.folder}/{file}")
    return {"version": made.version, "name": made.name}


def verify_files(shelf: Shelf, story: Story) -> Mapping[str, str]:
    """Every file read, parsed and judged; no database is asked. Raises Refused with every error."""
    began = time.monotonic()
    read = files.read(shelf)
    prepared, findings = read.prepare(read.migrations)
    for line in files.warnings((*read.findings, *findings)):
        story.say(line)
    files.refuse(findings)
    many = f"{len(prepared)} migrations are" if len(prepared) != 1 else "1 migration is"
    story.say(f"{many} sound, {time.monotonic() - began:.2f} s")
    return {"verified": "true", "migrations": str(len(prepared))}
