"""Draw lines on a stream: in colour on a terminal, as plain text elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

from shipit.output.line import Line
from shipit.output.spinner import drawn
from shipit.output.terminal import make_console
from shipit.output.wrapping import columns_of


def draw(page: Callable[[int | None], Iterable[Line]], stream: TextIO, environment: Mapping[str, str]) -> None:
    """Print a page that is made for so many columns, or for None: a pipe, whose readers want whole lines."""
    width = columns_of(stream, environment)
    console = make_console(stream, environment, width)
    for line in page(width):
        # the page is broken where it may be: the terminal gets whole lines to copy
        console.print(drawn(line), soft_wrap=True)
