"""shipit migrate rollback, backup and restore: the ways back that a person asks for."""

import time

from msgspec.structs import replace

from shipit.errors import Refused
from shipit.migrate import files, recipe, wrapped
from shipit.migrate.ending import Declined, followed
from shipit.migrate.run import Desk, Facts
from shipit.migrations.model import Backup
from shipit.migrations.selection import back
from shipit.migrations.wording import counted


@followed("rollback")
def rollback(desk: Desk) -> Facts:
    """Take back the last run, or everything after a version, by down scripts in one transaction."""
    if desk.site.settings.engine != "sql":
        return wrapped.rollback(desk)
    read = files.read(desk.site)
    reversal = back(read.migrations, desk.database.ledger.applied(), desk.options.to)
    files.refuse(reversal.findings)
    prepared, findings = read.prepare(reversal.migrations)
    files.refuse(findings)
    if not prepared:
        desk.refuse_wrong_database()
        desk.story.say(f"nothing to take back on {desk.site.name}")
        return {"rolled-back": "0"}
    made = desk.parts("rollback", read, back=prepared)
    losses = [f"{one.label} destroys {loss}" for one in prepared for loss in one.down_loses]
    question = f"Take back {len(prepared)} of {desk.site.name}?"
    facts = desk.carry_out(recipe.rollback(made), made, losses, question)
    desk.story.say(f"{desk.site.name}: {'would take' if desk.options.dry_run else 'took'} back {len(prepared)}")
    return {"rolled-back": str(len(prepared)), **facts}


@followed("backup")
def backup(desk: Desk) -> Facts:
    """A backup that was read back whole, and nothing else."""
    made = replace(desk.parts("backup", files.Reading(desk.site, (), ())), objections=lambda: ())
    facts = desk.carry_out(recipe.backup_only(made), made, (), f"Back {desk.site.name} up?")
    taken = made.notebook.backup
    if taken:
        desk.story.say(f"{taken.path}: {taken.size:,} bytes, sha256 {taken.sha256}")
    return facts


@followed("restore")
def restore(desk: Desk, run: str) -> Facts:
    """Bring the backup of a run back; refused if more transactions of others would be lost than was accepted."""
    database = desk.database
    desk.refuse_wrong_database()
    backup_ = database.backups.find(run)
    if backup_ is None:
        known = [one.run for one in database.backups.all()]
        raise Refused(f"there is no backup of run {run}", evidence=[f"known: {', '.join(known) or 'none'}"])
    impossible = database.restorer.possible()
    if impossible:
        raise Refused("a restore is not possible here", evidence=[impossible])
    foreign = database.catalog.foreign_since(backup_.mark)
    desk.story.say(f"{counted(foreign, 'transaction')} of others since the backup")
    if desk.options.dry_run:
        return {"restored": "false", "foreign": str(foreign)}
    if desk.story.ask and not desk.story.ask(f"Put the backup of {run} in the place of {desk.site.name}?"):
        raise Declined
    return _restore(desk, backup_)


def _restore(desk: Desk, wanted: Backup) -> Facts:
    database = desk.database
    mine = desk.ending.of("restore")
    database.guard.take(desk.site.settings.wait, desk.story.say)
    restored = database.restorer.restore(wanted, desk.options.loss, desk.story.say)
    now = time.time()
    row = replace(mine, ended=now, outcome="complete", detail=f"backup of {wanted.run}; kept {restored.kept}")
    database.ledger.open_run(row)
    database.ledger.close_run(row)
    desk.ending.tell("restore", None)
    desk.story.say(f"restored in {restored.gap:.2f} s; the former database is kept as {restored.kept}")
    return {"restored": "true", "kept": restored.kept, "lost": str(restored.lost), "run": mine.id}
