"""shipit status"""

from pathlib import Path
from typing import Annotated

import typer

from shipit.cli.answering import say
from shipit.cli.options import Json


def mount(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write it as a page, too, with the last deployments."),
    ] = None,
    json: Json = False,
) -> None:
    """What is released and deployed, what is under way, and what would come next."""
    from json import dumps

    from shipit.cli.session import session
    from shipit.deploy.outside import status_page
    from shipit.deploy.reports import environment_line, environments
    from shipit.deploy.status_page import LAST
    from shipit.output.text import clean
    from shipit.release.outside import Outside
    from shipit.release.status import facts, lines
    from shipit.repository.work_tree import require_work_tree

    with session(json=False) as (project, reporter):  # the report is data, it goes to stdout
        require_work_tree(project)
        outside = Outside(project)
        target = status_page.checked(outside, html) if html else None
        report = facts(outside)
        found = environments(project, reporter, LAST if html else 0)
        if target:
            status_page.write(outside, target, report, found)
        environment_facts = [one.facts for one in found]
        if json:
            say(dumps(clean({**report, "environments": environment_facts} if found else report)))
            return
        for line in lines(outside, report):
            say(line)
        for one in environment_facts:
            say(f"environment {environment_line(one)}")
        if target:
            say(f"page        {html}")
