"""shipit init"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say
from shipit.errors import Signalled

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    from shipit.config import sources
    from shipit.project.init import command
    from shipit.project.init.outside import WorkTree

    top = sources.find_top(Path.cwd())
    talk = _Talk(json=json)
    job = command.Job(
        top=top,
        documents=sources.read_from(Path.cwd(), top),
        repository=WorkTree(top),
        ask=talk.ask if not (yes or check or json) and is_seen() else None,
        show=talk.show,
        say=talk.say,
    )
    if check:
        command.check(job)
    else:
        command.init(job, yes=yes)


def is_seen() -> bool:
    """Whether somebody sees the page, not only the question below it, and can answer."""
    from shipit.cli.session import is_watched

    return is_watched() and sys.stdout.isatty()


class _Talk:
    """The page goes to stdout, since it is what this command answers; questions and all else go to stderr.

    An empty line stands between the page and what is said before or after it.
    """

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._said = ""
        """page or line, whichever came last"""

    def show(self, proposal: "Proposal") -> None:
        from shipit.output.drawing import draw
        from shipit.project.init.page import as_json, page

        if self._json:
            say(as_json(proposal))
        elif proposal.written or proposal.notes:
            self._follow("page")
            draw(lambda width: page(proposal, width), sys.stdout, os.environ)

    def say(self, text: str) -> None:
        self._follow("line")
        for line in text.split("\n"):
            for piece in self._broken(line, spare=0):
                say(piece, err=True)

    def ask(self, question: str, usual: bool) -> bool:
        self._follow("line")
        *pieces, last = self._broken(f"{question} [{'Y/n' if usual else 'y/N'}]:", spare=_ANSWER)
        for piece in pieces:
            say(piece, err=True)
        try:
            return typer.confirm(last, default=usual, show_default=False, prompt_suffix=" ", err=True)
        except typer.Abort:  # the terminal went away, or its end of file was typed
            say("", err=True)
            return False
        except Signalled:
            say("", err=True)
            raise

    def _follow(self, said: str) -> None:
        if self._said and said != self._said:
            say("", err=True)
        self._said = said

    def _broken(self, text: str, *, spare: int) -> "Iterator[str]":
        """In lines that fit the terminal, with so many columns to spare."""
        from shipit.output.wrapping import columns_of, wrapped

        width = columns_of(sys.stderr, os.environ)
        return wrapped(text, None if width is None else width - spare)


_ANSWER = 4
"""Columns for an answer, and the space before it."""
