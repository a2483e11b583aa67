"""shipit verify ci and protection"""

from typing import Annotated

import typer

from shipit.cli.options import Json

Apply = Annotated[
    bool, typer.Option("--apply", help="Write what is missing to the forge: a ruleset, or branch protection.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even on a terminal.")]


def mount(verify: typer.Typer) -> None:
    verify.command("ci")(verify_ci)
    verify.command("protection")(verify_protection)


def verify_ci(json: Json = False) -> None:
    """Do the workflows call shipit as they should, pinned, without the known traps? Exit 6 if not.

    Exit 4 if they cannot be read, or there are none.
    """
    from shipit.cli.session import session
    from shipit.project.ci import command
    from shipit.project.ci.outside import WorkTreeFiles

    with session(json=json, git=False) as (project, reporter):
        job = command.Job(files=WorkTreeFiles(project.top), config=project.config, reporter=reporter)
        reporter.renderer.outputs(command.verify(job))


def verify_protection(apply: Apply = False, yes: Yes = False, json: Json = False) -> None:
    """Does the forge demand of main and develop what the configuration does? Exit 6 if not, 4 if it cannot be seen.

    With --apply: write what is missing, and look again.
    """
    from shipit.cli.session import session
    from shipit.project.protection import command
    from shipit.project.protection.outside import forge

    with session(json=json, ask=not yes) as (project, reporter):
        job = command.Job(forge=forge(project), config=project.config, reporter=reporter)
        (command.apply if apply else command.verify)(job)
