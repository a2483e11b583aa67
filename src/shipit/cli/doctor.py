"""shipit doctor"""

from typing import Annotated

import typer

from shipit.cli.answering import say


def mount(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    env: Annotated[
        str,
        typer.Option(
            "--env",
            "-e",
            metavar="NAME",
            help="Databases and targets of this environment alone; needs its secrets.",
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Which tools the configuration needs, which are here, and how to get the others. Exit 4 if not all are.

    Only asks tools for their version; changes nothing and asks no network.
    """
    from shipit.cli.session import session
    from shipit.doctor.command import look, require
    from shipit.doctor.outside import Outside
    from shipit.doctor.page import as_json, text

    with session(json=False, git=False) as (project, _):  # the report is data, it goes to stdout
        outside = Outside(project.top)
        found = look(outside, env)
        has = outside.tools.has
        say(as_json(found, has) if json else text(found, has))
        require(found)
