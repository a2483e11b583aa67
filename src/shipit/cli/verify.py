"""shipit verify"""

from typing import Annotated

import typer

from shipit.cli import verify_gates, verify_project, verify_security
from shipit.cli.options import Json

verify = typer.Typer(
    help="Ask the outside whether what is there is what was meant.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


verify_gates.mount(verify)
verify_security.mount(verify)
verify_project.mount(verify)


def mount(app: typer.Typer) -> None:
    app.add_typer(verify, name="verify")


@verify.command("release")
def verify_release(
    version: Annotated[str, typer.Argument(help="Version or tag, such as 1.4.0 or v1.4.0.")],
    json: Json = False,
) -> None:
    """Is every effect of a release still there, with the same content? Exit 6 if not."""
    from shipit.cli.session import session
    from shipit.release.outside import Outside
    from shipit.release.verify import release
    from shipit.repository.work_tree import require_work_tree

    with session(json=json) as (project, reporter):
        require_work_tree(project)
        reporter.renderer.outputs(release(Outside(project), version, reporter))


@verify.command("migrations")
def verify_migrations(
    env: Annotated[
        str, typer.Option("--env", "-e", metavar="NAME", help="Ask the database of this environment as well.")
    ] = "",
    json: Json = False,
) -> None:
    """Are the migration files sound? Exit 4 if not. With --env: is the schema what they left? Exit 6 if not."""
    from shipit.cli.session import session
    from shipit.migrate.maintenance import verify_database, verify_files

    if env:
        from shipit.cli.migrate import job_of

        with job_of(env, json=json) as job:
            job.reporter.renderer.outputs(verify_database(job))
        return
    with session(json=json, git=False) as (project, reporter):
        reporter.renderer.outputs(verify_files(project, reporter))


@verify.command("images")
def verify_images(
    version: Annotated[
        str,
        typer.Option(
            "--version", metavar="VERSION", help="Of this release; of the commit that is checked out if left out."
        ),
    ] = "",
    env: Annotated[
        str, typer.Option("--env", "-e", metavar="NAME", help="Of the last deployment to this environment.")
    ] = "",
    json: Json = False,
) -> None:
    """Are the images in the registry, built from this very commit? Exit 6 if not.

    With --env: has the registry the digests that were deployed, and does the environment's tag name them?
    """
    if env:
        _verify_deployed_images(env, version, json=json)
        return
    from shipit.cli.session import session
    from shipit.images.command import verify as proved
    from shipit.images.outside import Outside
    from shipit.repository.work_tree import require_work_tree

    with session(json=json) as (project, reporter):
        require_work_tree(project)
        reporter.renderer.outputs(proved(Outside(project), reporter, version))


@verify.command("deployment")
def verify_deployment(
    env: Annotated[str, typer.Option("--env", "-e", metavar="NAME", help="The environment, such as staging.")],
    json: Json = False,
) -> None:
    """Is what was deployed still what answers? Exit 6 if not."""
    from shipit.cli.deploy import job_of
    from shipit.deploy.reports import verify as proved

    with job_of(env, json=json) as job:
        job.reporter.renderer.outputs(proved(job))


def _verify_deployed_images(env: str, version: str, *, json: bool) -> None:
    from shipit.cli.deploy import job_of
    from shipit.deploy.verify_images import verify_images as proved
    from shipit.errors import UsageError

    if version:
        raise UsageError("an environment has one version", hint="leave out --version, or --env")
    with job_of(env, json=json) as job:
        job.reporter.renderer.outputs(proved(job))
