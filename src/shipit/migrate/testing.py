"""The database of the environment `testing`: emptied and migrated, so that integration tests begin alike."""

from msgspec.structs import replace

from shipit.config import Project
from shipit.config.tables.environments import BackupOptions
from shipit.errors import Refused
from shipit.migrate.command import run
from shipit.migrate.outside import Outside
from shipit.migrate.run import MigrationJob, Options
from shipit.output.reporter import Reporter

TESTING = "testing"
_SHOWN = 5


def prepare(project: Project, reporter: Reporter) -> str:
    """Empty and migrate the database; returns its address, which is a secret.

    Raises Refused, with nothing touched, unless it is bound to `testing`, or to nothing and empty.
    """
    outside = Outside(project, TESTING)
    outside.environment = replace(
        outside.environment, database=replace(outside.options, backup=BackupOptions(enabled=False), confirm=False)
    )
    try:
        job = MigrationJob(outside=outside, options=Options(), reporter=reporter)
        empty(job)
        run(job)
        return outside.address
    finally:
        outside.close()


def empty(job: MigrationJob) -> None:
    """Take everything out of the database; one that is bound to nothing and empty is bound first."""
    database = job.database
    _require_right_database(job)
    database.guard.take(job.outside.options.lock_wait, job.reporter.say)
    try:
        _require_right_database(job)  # again, now that no other run of shipit can change the answer
        database.ledger.bind(TESTING)
        database.emptying.empty(TESTING)
    finally:
        database.guard.release()
    job.reporter.say(f"the database of {TESTING} is empty: {database.health.address}")


def _require_right_database(job: MigrationJob) -> None:
    """Raise Refused if it belongs to another environment, or to none and holds something."""
    job.refuse_wrong_database()
    database = job.database
    content = () if database.ledger.identity() else database.emptying.content()
    if content:
        more = [f"and {len(content) - _SHOWN} more"] if len(content) > _SHOWN else []
        raise Refused(
            f"this database is not bound to {TESTING}, and it is not empty",
            where=str(database.health.address),
            evidence=[*content[:_SHOWN], *more],
            hint=f"give environments.{TESTING}.database.url a database of its own; an empty one is bound by itself",
        )
