"""What a command needs around its body: the project, the reporter, and a terminal that is given back."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipit.config import Project
    from shipit.output.reporter import Reporter


@contextmanager
def session(
    *, json: bool, verbose: bool = False, ask: bool = False, git: bool = True
) -> "Iterator[tuple[Project, Reporter]]":
    """Open the project and the reporter; closes the renderer whatever happens, errors pass through.

    Without need of `git` a folder with the configuration alone will do, such as a container has it.
    """
    from shipit import output
    from shipit.config import open_project
    from shipit.config.sources import overlooked
    from shipit.errors import Stop
    from shipit.output.reporter import Reporter

    renderer = output.make(json=json, verbose=verbose, environment=os.environ, stdout=sys.stdout, stderr=sys.stderr)
    try:
        project = open_project(Path.cwd(), git=git)
        watched = is_watched()
        reporter = Reporter(renderer, _ask if ask and watched else None, is_watched=watched)
        if file := overlooked(Path.cwd(), project.top):
            reporter.say(f"{file} is not read: the configuration is that of {project.top}")
        yield project, reporter
    except Stop as stop:
        renderer.error(stop)
        stop.is_shown = True
        raise
    finally:
        renderer.close()


def is_watched() -> bool:
    """Whether somebody sits at a terminal and can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty() and "CI" not in os.environ


def _ask(question: str) -> bool:
    import typer

    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # the terminal went away, or its end of file was typed
        return False
