"""shipit status"""

import typer

from shipit.cli.options import Json


def mount(app: typer.Typer) -> None:
    app.command("status")(status)


def status(json: Json = False) -> None:
    """What is released, what is under way, and what would come next."""
    from shipit.cli.session import session
    from shipit.release.outside import Outside
    from shipit.release.status import report
    from shipit.repository.work_tree import require_work_tree

    with session(json=False) as (project, _):  # the report is data, it goes to stdout
        require_work_tree(project)
        for line in report(Outside(project), json=json):
            typer.echo(line)
