"""shipit migrate: where it stands; nothing pending is the usual answer, and loads nothing of what applies."""

import time
from collections.abc import Sequence

from msgspec.structs import replace

from shipit.migrate import files
from shipit.migrate.ending import followed
from shipit.migrate.run import Desk, Facts
from shipit.migrations.model import Applied


@followed("migrate")
def run(desk: Desk) -> Facts:
    """Apply what is pending; raises every class of shipit.errors."""
    if desk.site.settings.engine != "sql":
        from shipit.migrate import wrapped

        return wrapped.migrate(desk)
    read = files.read(desk.site)
    standing = read.standing(desk.database, desk.options.to)
    if not standing.pending and not standing.findings:
        return _nothing(desk)
    from shipit.migrate import pending

    return pending.apply(desk, read, standing)


def drift(desk: Desk, applied: Sequence[Applied]) -> list[str]:
    """Lines if the schema is not what the last run left: what is another one there."""
    last = applied[-1].fingerprint if applied else ""
    if not last:
        return []
    now = desk.database.catalog.fingerprint()
    if now == last:
        return []
    from shipit.migrate.drift import named

    what = f"the schema has changed since {applied[-1].version} was applied (catalog {last[:12]}, now {now[:12]})"
    return [what, *(f"  {line}" for line in named(desk.database, last))]


def _end_dead_run(desk: Desk) -> None:
    """A run that was killed after its last migration has not said how it ended; nobody else will."""
    ledger, guard = desk.database.ledger, desk.database.guard
    if all(run.ended for run in ledger.runs()) or not guard.lasts() or guard.holder():
        return
    guard.take(desk.site.settings.wait, desk.story.say)
    ended = time.time()
    for dead in ledger.runs():
        if dead.ended is None:
            row = replace(dead, ended=ended, outcome="killed", detail="after its last migration")
            ledger.close_run(row, desk.database.catalog.schema())
    guard.release()


def _nothing(desk: Desk) -> Facts:
    """Nothing is pending: say where it stands, and that the database is the right one."""
    desk.refuse_wrong_database()
    _end_dead_run(desk)
    applied = desk.database.ledger.applied()
    version = applied[-1].version if applied else "no version"
    desk.story.say(f"nothing to migrate: {desk.site.name} is at {version}, {len(applied)} applied")
    return {"migrated": "false", "applied": "0", "version": applied[-1].version if applied else ""}
