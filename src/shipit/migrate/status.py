"""shipit migrate status, history and verify: what a database says, and whether it is what was applied."""

import json as _json
import time
from collections.abc import Sequence

from msgspec.structs import asdict

from shipit.errors import LiveDiffers, Refused
from shipit.migrate import files
from shipit.migrate.command import drift
from shipit.migrate.run import Facts, MigrationJob
from shipit.migrations.records import Applied, Run


def status(job: MigrationJob, *, json: bool) -> Sequence[str]:
    """Lines for people, or one line of JSON. Only reads."""
    database = job.database
    try:
        pending, problems = _pending(job)
    except Refused as why:  # files that cannot be read are no reason to hide what the database says
        pending, problems = None, [why.what, *why.evidence]
    applied, runs = database.ledger.applied(), database.ledger.runs()
    facts = {
        "environment": job.outside.name,
        "database": str(database.health.address),
        "server": database.health.server(),
        "bound": database.ledger.identity(),
        "version": applied[-1].version if applied else None,
        "applied": len(applied),
        "pending": pending,
        "problems": problems,
        "drift": bool(drift(job, applied)),
        "lock": database.guard.holder(),
        "run": _run(runs[0]) if runs else None,
    }
    if json:
        return [_json.dumps(facts)]
    return [
        f"environment {facts['environment']}{'' if facts['bound'] else ' (the database is not bound yet)'}",
        f"database    {facts['database']}, {facts['server']}",
        f"version     {facts['version'] or 'none'} ({facts['applied']} applied)",
        f"pending     {_listed(pending, problems)}",
        f"schema      {'changed since then' if facts['drift'] else 'as it was left'}",
        f"lock        {facts['lock'] or 'free'}",
        f"last run    {facts['run'] or 'none'}",
        *(f"problem     {line}" for line in problems),
    ]


def _pending(job: MigrationJob) -> tuple[list[str] | None, list[str]]:
    """What is to be applied (None: the project's own tool cannot say), and what speaks against it."""
    if job.outside.settings.engine != "sql":
        found = job.outside.tool.pending(job.outside.address)
        return (None if found is None else list(found)), []
    standing = files.read(job.outside).standing(job.database, None)
    problems = [line for finding in standing.findings for line in files.finding_lines(finding)]
    return [one.label for one in standing.pending], problems


def _listed(pending: Sequence[str] | None, problems: Sequence[str]) -> str:
    if pending is None:
        return "not known: the files cannot be read" if problems else "the tool cannot say"
    return ", ".join(pending) or "nothing"


def history(job: MigrationJob, *, json: bool) -> Sequence[str]:
    """Every applied migration and every run, oldest first."""
    ledger = job.database.ledger
    applied, runs = ledger.applied(), list(reversed(ledger.runs()))
    if json:
        return [_json.dumps({"applied": [_fields(row) for row in applied], "runs": [_fields(run) for run in runs]})]
    lines = [
        f"{_when(row.at)}  {row.version}_{row.name}  {row.milliseconds:,} ms  run {row.run}" for row in applied
    ]
    return [*lines, *([""] if lines and runs else []), *(_run(run) for run in runs)]


def verify(job: MigrationJob) -> Facts:
    """Is the schema what the migrations left? Raises LiveDiffers if not."""
    job.refuse_wrong_database()
    pending, wrong = _pending(job)
    applied = job.database.ledger.applied()
    wrong += drift(job, applied)
    wrong += _begun(job) if job.outside.settings.engine == "sql" else []
    if wrong:
        raise LiveDiffers(
            f"{job.outside.name} is not what its migrations left",
            evidence=wrong,
            hint=f"shipit migrate status --env {job.outside.name}",
        )
    count = "an unknown number" if pending is None else str(len(pending))
    job.reporter.say(f"{job.outside.name} is what its {len(applied)} migrations left; {count} pending")
    return {"verified": "true", "pending": "" if pending is None else str(len(pending))}


def _begun(job: MigrationJob) -> list[str]:
    """Statements outside of transactions that a dead run has begun."""
    read = files.read(job.outside)
    solo = [one for one in read.prepare(read.standing(job.database, None).pending)[0] if one.solo]
    return [
        f"{one.label} was begun outside of a transaction and is not recorded; the next run looks how far it came"
        for one in solo
        if job.database.runner.settled(one) is None
    ]


def _run(run: Run) -> str:
    took = f" after {run.ended - run.started:.1f} s" if run.ended else ""
    detail = f": {run.detail}" if run.detail and run.outcome != "complete" else ""
    return (
        f"{_when(run.started)}  {run.id}  {run.command} by {run.actor}, {run.outcome or 'not ended'}{took}{detail}"
    )


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _fields(row: Applied | Run) -> dict[str, object]:
    return asdict(row)
