"""The line that moves."""

import io

from rich.console import Console

from shipit.output.row import Layout, Row
from shipit.output.spinner import Spinner

LAYOUT = Layout.of([("build", "Build sdist and wheel")], 60)
ROW = Row("→", "", "1/1", "build", "Build sdist and wheel")


def drawn(spinner: Spinner) -> list[str]:
    console = Console(width=60, file=io.StringIO())
    with console.capture() as captured:
        console.print(spinner.picture())
    return captured.get().splitlines()


def test_it_shows_the_seconds_and_what_was_said_last() -> None:
    moments = iter([10.0, 10.0, 12.34])
    spinner = Spinner(Console(width=60, file=io.StringIO()), lambda: next(moments, 12.34))
    spinner.begin(ROW, LAYOUT)
    spinner.end()
    spinner.say("collecting " * 20)
    spinner.say("")  # an empty line says nothing new
    first, second = drawn(spinner)
    assert first[1:] == " 1/1  build       Build sdist and wheel     2.3 s"
    assert second.startswith("       collecting collecting")
    assert second.endswith("…")
    assert len(second) == 60
