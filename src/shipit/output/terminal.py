"""Show a run on a terminal: in colour, with a spinner for each step that is running."""

from collections.abc import Callable, Mapping
from typing import IO, TextIO, cast

from rich.console import Console

from shipit.engine.preview import Preview
from shipit.output.line import Line
from shipit.output.patches import contents_lines
from shipit.output.plain_output import PIPE_WIDTH, PlainOutput
from shipit.output.preview import no_return_rule, page
from shipit.output.row import Row
from shipit.output.spinner import Spinner, drawn
from shipit.output.text import SafeStream


class TerminalOutput(PlainOutput):
    """`verbose` shows what the steps say; `spinner` makes the lines that move, on a terminal only."""

    def __init__(
        self,
        stream: TextIO,
        environment: Mapping[str, str],
        *,
        verbose: bool = False,
        spinner: Callable[[Console], Spinner] = Spinner,
    ) -> None:
        self._console = make_console(stream, environment)
        self._is_measured = stream.isatty() or bool(environment.get("COLUMNS"))
        alive = self._console.is_interactive and stream.isatty()
        self._spinner = spinner(self._console) if alive else None
        super().__init__(stream, verbose=verbose)

    @property
    def listens(self) -> bool:
        return self._verbose or self._spinner is not None

    @property
    def _width(self) -> int | None:
        return self._console.width if self._spinner else None

    def preview(self, preview: Preview) -> None:
        width = self._console.width
        with self._console.capture() as captured:
            self._console.print(page(preview, width, verbose=self._verbose), crop=False)
        # tables fill their last column with spaces, which nobody wants in a pipe
        for line in captured.get().splitlines():
            self._console.out(line.rstrip(), highlight=False)
        if preview.contents:
            more = "" if self._verbose else "-v shows all of it"
            lines = contents_lines(preview.contents, width if self._is_measured else None, more)
            self._put((), *lines)

    def _put(self, *lines: Line) -> None:
        for line in lines:
            # lines may hold commands and addresses to copy: the terminal may wrap them, shipit may not
            self._console.print(drawn(line), soft_wrap=True)

    def _mark_no_return(self) -> None:
        self._console.print(no_return_rule())

    def _begin(self, row: Row) -> None:
        if self._spinner:
            self._move(row)
        else:
            super()._begin(row)

    def _move(self, row: Row) -> None:
        if self._spinner:
            self._spinner.begin(row, self._layout)

    def _hear(self, name: str, line: str) -> None:
        if self._spinner:
            self._spinner.say(name, line)

    def _end_moving(self, name: str | None = None) -> None:
        if self._spinner:
            self._spinner.end(name)


def make_console(stream: IO[str], environment: Mapping[str, str], width: int | None = None) -> Console:
    """Rich's console without its guesses about what a text means."""
    if not stream.isatty() and not environment.get("COLUMNS"):
        width = width or PIPE_WIDTH
    return Console(
        file=cast("IO[str]", SafeStream(stream)),
        _environ=environment,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )
