"""What a heavy command needs around its body: the world, the story, and an end that always comes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipit.output.reporter import Story
    from shipit.release.outside import World


@contextmanager
def session(
    *, json: bool, verbose: bool = False, ask: bool = False, git: bool = True
) -> "Iterator[tuple[World, Story]]":
    """Build the world and the story; closes the renderer whatever happens, errors pass through.

    Without need of `git` a folder with the configuration alone will do, such as a container has it.
    """
    from shipit import output
    from shipit.errors import Stop
    from shipit.output.reporter import Story
    from shipit.release.outside import World

    renderer = output.make(json=json, verbose=verbose, environment=os.environ, stdout=sys.stdout, stderr=sys.stderr)
    try:
        world = World(Path.cwd(), git=git)
        yield (
            world,
            Story(renderer, lambda: world.private / "journal", _ask if ask and _somebody_is_there() else None),
        )
    except Stop as stop:
        renderer.error(stop)
        stop.told = True
        raise
    finally:
        renderer.close()


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty() and "CI" not in os.environ


def _ask(question: str) -> bool:
    import typer

    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # the terminal went away, or its end of file was typed
        return False
