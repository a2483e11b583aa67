"""shipit deploy"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say
from shipit.cli.options import DryRun, Json, Verbose

if TYPE_CHECKING:
    from shipit.deploy.job import DeployJob

app = typer.Typer(name="deploy", rich_markup_mode=None)

Env = Annotated[str, typer.Option("--env", "-e", metavar="NAME", help="The environment, such as staging.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even on a terminal.")]
Version = Annotated[
    str, typer.Option("--version", metavar="VERSION", help="This release; what `from` says if left out.")
]
Back = Annotated[
    str, typer.Option("--to", metavar="VERSION", help="Back to this version or commit; the one before if left out.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Finish what was begun here or on another machine.")]


def mount(root: typer.Typer) -> None:
    root.add_typer(app)


@app.callback(invoke_without_command=True)
def deploy(
    context: typer.Context,
    env: Annotated[str, typer.Option("--env", "-e", metavar="NAME", help="The environment, such as staging.")] = "",
    version: Version = "",
    dry_run: DryRun = False,
    resume: Resume = False,
    yes: Yes = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Deploy: migrate, start beside what is live, check, switch, check from outside; or everything as it was.

    It is a success when the expected version answers at the public address. Run twice, the second run finds
    everything done.
    """
    if context.invoked_subcommand:
        return
    from shipit.errors import UsageError

    if not env:
        raise UsageError("which environment?", hint="shipit deploy --env NAME; shipit status lists them")
    if resume and version:
        raise UsageError(
            "--resume finishes what was begun, whose version is known",
            hint=f"shipit deploy --env {env} --resume, or without --resume for {version}",
        )
    from shipit.deploy.command import deploy as run

    ask = not (yes or dry_run or resume)
    with job_of(env, json=json, verbose=verbose, ask=ask, version=version, dry_run=dry_run, resume=resume) as job:
        job.reporter.renderer.outputs(run(job))


@app.command()
def rollback(
    env: Env, to: Back = "", dry_run: DryRun = False, yes: Yes = False, json: Json = False, verbose: Verbose = False
) -> None:
    """Go back to what was live before; the database keeps its schema."""
    from shipit.deploy.command import roll_back

    with job_of(env, json=json, verbose=verbose, ask=not (yes or dry_run), dry_run=dry_run) as job:
        job.reporter.renderer.outputs(roll_back(job, to))


@app.command()
def history(env: Env, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """List every deployment with its end, newest first."""
    from shipit.deploy.reports import history as lines_of
    from shipit.output.text import clean_text

    with job_of(env, json=False) as job:
        for line in lines_of(job, json=json):
            say(clean_text(line))


@contextmanager
def job_of(
    env: str,
    *,
    json: bool,
    verbose: bool = False,
    ask: bool = False,
    version: str = "",
    dry_run: bool = False,
    resume: bool = False,
) -> "Iterator[DeployJob]":
    """The job of one command on one environment."""
    from shipit.cli.session import session
    from shipit.deploy.job import DeployJob, Options
    from shipit.deploy.outside import Outside

    with session(json=json, verbose=verbose, ask=ask) as (project, reporter):
        options = Options(version=version, dry_run=dry_run, resume=resume)
        yield DeployJob(Outside(project, env), options, reporter)
