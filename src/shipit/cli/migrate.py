"""shipit migrate"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say
from shipit.cli.options import DryRun, Json, Verbose

if TYPE_CHECKING:
    from shipit.migrate.run import MigrationJob

app = typer.Typer(name="migrate", rich_markup_mode=None)

Env = Annotated[str, typer.Option("--env", "-e", metavar="NAME", help="The environment, such as staging.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even on a terminal.")]
To = Annotated[str | None, typer.Option("--to", metavar="VERSION", help="Up to this version; all if left out.")]
Back = Annotated[
    str | None, typer.Option("--to", metavar="VERSION", help="Back to this version; the last run if left out.")
]


def mount(root: typer.Typer) -> None:
    root.add_typer(app)


@app.callback(invoke_without_command=True)
def migrate(
    context: typer.Context,
    env: Annotated[str, typer.Option("--env", "-e", metavar="NAME", help="The environment, such as staging.")] = "",
    to: To = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Migrate a database: validate, lock, rehearse, back up, apply, verify; rolled back if it fails.

    What a run has committed is only undone by itself when that is proved to lose nothing of anybody;
    otherwise it stops at the last good version and says so (exit 5).
    """
    if context.invoked_subcommand:
        return
    from shipit.errors import UsageError

    if not env:
        raise UsageError("which environment?", hint="shipit migrate --env staging")
    from shipit.migrate.command import run

    with job_of(env, json=json, verbose=verbose, ask=not (yes or dry_run), to=to, dry_run=dry_run) as job:
        job.reporter.renderer.outputs(run(job))


@app.command()
def status(env: Env, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Say which version a database has, what is pending, and who holds the lock."""
    from shipit.migrate.status import status as lines_of

    with job_of(env, json=False) as job:
        _print(lines_of(job, json=json))


@app.command()
def history(env: Env, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """List what was applied when, and every run with its end."""
    from shipit.migrate.status import history as lines_of

    with job_of(env, json=False) as job:
        _print(lines_of(job, json=json))


@app.command()
def rollback(
    env: Env,
    to: Back = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Roll migrations back by their down scripts, in one transaction."""
    from shipit.migrate.recovery import rollback as taken_back

    with job_of(env, json=json, verbose=verbose, ask=not (yes or dry_run), to=to, dry_run=dry_run) as job:
        job.reporter.renderer.outputs(taken_back(job))


@app.command()
def backup(env: Env, json: Json = False, verbose: Verbose = False) -> None:
    """Take a backup and read it back whole; nothing else."""
    from shipit.migrate.recovery import backup as taken

    with job_of(env, json=json, verbose=verbose) as job:
        job.reporter.renderer.outputs(taken(job))


@app.command()
def restore(
    run: Annotated[str, typer.Argument(help="The run whose backup it is; `history` lists them.")],
    env: Env,
    accept_loss: Annotated[
        int, typer.Option("--accept-loss", metavar="N", help="How many transactions of others may be lost.")
    ] = 0,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Put the backup of a run in the place of the database, which is kept under another name.

    Refused when more than N transactions of others wrote since: what they wrote would only be in the kept one.
    """
    from shipit.migrate.recovery import restore as restored

    with job_of(env, json=json, ask=not (yes or dry_run), dry_run=dry_run, loss=accept_loss) as job:
        job.reporter.renderer.outputs(restored(job, run))


@app.command()
def adopt(env: Env, dry_run: DryRun = False, yes: Yes = False, json: Json = False) -> None:
    """Take over what dbmate, golang-migrate, Flyway, Alembic or Django have applied."""
    from shipit.migrate.maintenance import adopt as adopted

    with job_of(env, json=json, ask=not (yes or dry_run), dry_run=dry_run) as job:
        job.reporter.renderer.outputs(adopted(job))


@app.command()
def unlock(env: Env, yes: Yes = False, json: Json = False) -> None:
    """End a session that holds the migration lock; a dead one's lock is gone by itself."""
    from shipit.migrate.maintenance import unlock as unlocked

    with job_of(env, json=json, ask=not yes) as job:
        job.reporter.renderer.outputs(unlocked(job))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help='What it does, such as "add orders".')], json: Json = False
) -> None:
    """Write the files of a new migration, with the next version."""
    from shipit.cli.session import session
    from shipit.migrate.maintenance import new as made

    with session(json=json, git=False) as (project, reporter):
        reporter.renderer.outputs(made(project, name, reporter))


@contextmanager
def job_of(
    env: str,
    *,
    json: bool,
    verbose: bool = False,
    ask: bool = False,
    to: str | None = None,
    dry_run: bool = False,
    loss: int = 0,
) -> "Iterator[MigrationJob]":
    """The job of one command on one environment; its session with the database ends with the block."""
    from shipit.cli.session import session
    from shipit.migrate.outside import Outside
    from shipit.migrate.run import MigrationJob, Options

    with session(json=json, verbose=verbose, ask=ask, git=False) as (project, reporter):
        outside = Outside(project, env)
        try:
            yield MigrationJob(
                outside=outside, options=Options(to=to or None, dry_run=dry_run, loss=loss), reporter=reporter
            )
        finally:
            outside.close()


def _print(lines: Sequence[str]) -> None:
    from shipit.output.text import clean_text

    for line in lines:
        say(clean_text(line))
