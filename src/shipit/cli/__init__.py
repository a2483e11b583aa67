"""The command line: one file per subcommand, and the one place where an error becomes text and an exit code."""

import signal
import sys
from typing import Annotated, Any

import typer

from shipit.cli import changelog, config, release, status, verify, version
from shipit.errors import Interrupted, Signalled, Stop

app = typer.Typer(
    name="shipit",
    help="Releases that can look: version, changelog, gates, one atomic push, forge and index; resumable anywhere.",
    no_args_is_help=True,
    rich_markup_mode=None,  # the help of a light command must not pay for rich
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(value: bool) -> None:
    if value:
        import shipit

        typer.echo(f"shipit {shipit.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print shipit's own version."),
    ] = False,
) -> None:
    """Releases that can look: version, changelog, gates, one atomic push, forge and index; resumable anywhere."""


version.mount(app)
changelog.mount(app)
release.mount(app)
verify.mount(app)
status.mount(app)
app.add_typer(config.app, name="config")


def main() -> None:
    """Run the command line; the process ends with the exit code of what happened."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    try:
        app()
    except Stop as stop:
        sys.exit(_tell(stop))
    except Exception as bug:  # noqa: BLE001 - nobody is shown a traceback
        from shipit.engine import as_stop

        sys.exit(_tell(as_stop(bug)))
    except Signalled as caught:
        sys.exit(_tell(Interrupted(f"interrupted by {caught}", hint="shipit status says where things stand")))


def _on_signal(number: int, _frame: Any) -> None:
    """The first signal stops the run; taking back is not interrupted by a second one."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Signalled(signal.Signals(number).name)


def _tell(stop: Stop) -> int:
    if stop.told:
        return stop.exit_code
    import os

    from shipit import show

    renderer = show.make(
        json="--json" in sys.argv,
        verbose=False,
        environment=os.environ,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )
    renderer.error(stop)
    renderer.close()
    return stop.exit_code
