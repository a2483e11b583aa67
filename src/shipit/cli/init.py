"""shipit init"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say

if TYPE_CHECKING:
    from shipit.project.init.model import Proposal


def mount(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 6 if a file is not as init writes it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The proposal as one JSON object on stdout.")] = False,
) -> None:
    """Propose configuration and workflows for this project, and write them after a yes.

    Without a terminal and without --yes nothing is written. Files of others stay; a second run changes nothing.
    """
    from shipit.cli.session import is_watched
    from shipit.config import sources
    from shipit.project.init import command
    from shipit.project.init.outside import WorkTree
    from shipit.project.init.page import as_json

    top = sources.find_top(Path.cwd())
    asks = is_watched() and not yes and not check
    job = command.Job(
        top=top,
        documents=sources.read_from(Path.cwd(), top),
        repository=WorkTree(top),
        ask=_ask if asks else None,
        show=(lambda proposal: say(as_json(proposal))) if json else _show,
        say=lambda text: say(text, err=True),
    )
    if check:
        command.check(job)
    else:
        command.init(job, yes=yes)


def _show(proposal: "Proposal") -> None:
    """Print the page: it is what this command answers, so it goes to stdout."""
    from shipit.output.drawing import draw
    from shipit.project.init.page import page

    draw(lambda width: page(proposal, width), sys.stdout, os.environ)


def _ask(question: str, usual: bool) -> bool:
    try:
        return typer.confirm(question, default=usual, err=True)
    except typer.Abort:  # the terminal went away, or its end of file was typed
        return False
