"""The command line: one file per subcommand, and the one place where an error becomes text and an exit code."""

import gc
import sys
from importlib import import_module
from typing import Annotated

gc.disable()  # importing makes no garbage, and looking for it costs a tenth of a light command

import typer  # noqa: E402 - it is most of what is imported

from shipit import signals  # noqa: E402
from shipit.cli import answering  # noqa: E402
from shipit.errors import Interrupted, Signalled, Stop  # noqa: E402

app = typer.Typer(
    name="shipit",
    help="Release Python projects: version, changelog, gates, one atomic push, GitHub, package index. Resumable.",
    no_args_is_help=True,
    rich_markup_mode=None,  # the help of a light command must not pay for rich
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(value: bool) -> None:
    if value:
        import shipit

        answering.say(f"shipit {shipit.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print shipit's own version."),
    ] = False,
) -> None:
    """Release Python projects: version, changelog, gates, one atomic push, GitHub, package index. Resumable."""


def _mount(*names: str) -> None:
    for name in names:
        import_module(f"shipit.cli.{name}").mount(app)


_NAMES = (
    *("init", "version", "changelog", "release", "build", "migrate", "deploy"),
    *("verify", "status", "doctor", "config"),
)
# Typer reads the signature of every command that it has, so it gets the one that is asked for where that is plain
_mount(*(sys.argv[1:2] if sys.argv[1:2] and sys.argv[1] in _NAMES else _NAMES))
gc.enable()


def main() -> None:
    """Run the command line; the process ends with the exit code of what happened."""
    try:
        signals.listen()
        _run()
    except Signalled as late:  # while it said how it ended
        sys.exit(interrupted(late))
    finally:
        signals.ignore()


def _run() -> None:
    answering.begin()
    gc.disable()  # a run is over before its garbage matters
    out = sys.stdout
    try:
        app()
    except SystemExit as ended:
        # the framework puts another stream there when whoever read its help has heard enough
        sys.exit(ended.code if sys.stdout is out else 0)
    except Stop as stop:
        sys.exit(show(stop))
    except Exception as bug:  # noqa: BLE001 - nobody is shown a traceback
        from shipit.engine.ending import as_stop

        sys.exit(show(answering.lost(bug) if answering.is_of_writing(bug) else as_stop(bug)))
    except Signalled as caught:
        sys.exit(interrupted(caught))
    finally:
        answering.end()
        gc.freeze()  # else the interpreter looks for garbage once more, among all that goes in a moment anyway


def interrupted(caught: Signalled) -> int:
    """Say that a signal ended it, and which command says how far it came; returns the exit code."""
    command, *rest = (*sys.argv[1:], "")
    is_asking = command == "migrate" and not {"status", "history", "new"}.isdisjoint(rest[:1])
    hint = None if is_asking else _WHERE_THINGS_STAND.get(command)
    return show(Interrupted(f"interrupted by {caught}", hint=hint))


_WHERE_THINGS_STAND = {
    "release": "shipit status says where things stand",
    "deploy": "shipit status says where things stand",
    "migrate": "shipit migrate status --env ENVIRONMENT says where things stand",
}
"""For commands that change something outside; any other can just be run again."""


def show(stop: Stop) -> int:
    """Say why it ended, unless that was said; returns the exit code."""
    if stop.is_shown:
        return stop.exit_code
    import os

    from shipit import output

    renderer = output.make(
        json="--json" in sys.argv and stop.where != answering.WHERE,
        verbose=False,
        environment=os.environ,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )
    renderer.error(stop)
    renderer.close()
    return stop.exit_code
