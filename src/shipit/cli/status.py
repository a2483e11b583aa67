"""shipit status"""

import typer

from shipit.cli.answering import say
from shipit.cli.options import Json


def mount(app: typer.Typer) -> None:
    app.command("status")(status)


def status(json: Json = False) -> None:
    """What is released and deployed, what is under way, and what would come next."""
    from json import dumps, loads

    from shipit.cli.session import session
    from shipit.deploy.reports import environment_line, environments
    from shipit.release.outside import Outside
    from shipit.release.status import report
    from shipit.repository.work_tree import require_work_tree

    with session(json=False) as (project, reporter):  # the report is data, it goes to stdout
        require_work_tree(project)
        lines = list(report(Outside(project), json=json))
        found = environments(project, reporter)
        if json and found:
            lines = [dumps({**loads(lines[0]), "environments": found})]
        elif found:
            lines += [f"environment {environment_line(one)}" for one in found]
        for line in lines:
            say(line)
