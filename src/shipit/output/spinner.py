"""The line that moves while a step runs: a spinner, the seconds, and below it what the step said last."""

import time
from collections.abc import Callable

from msgspec.structs import replace
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from shipit.output.line import Line
from shipit.output.row import Layout, Row
from shipit.output.text import duration, one_line

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PER_SECOND = 8


class Spinner:
    """Starts and ends with each step; what it draws leaves no trace."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._live: Live | None = None
        self._tail = ""

    def begin(self, row: Row, layout: Layout) -> None:
        self.end()
        self._row, self._layout, self._tail = row, layout, ""
        self._started = self._clock()
        self._live = Live(
            get_renderable=self.picture,
            console=self._console,
            transient=True,
            refresh_per_second=_PER_SECOND,
            redirect_stdout=False,  # stdout is data: it must not be woven into the talk
            redirect_stderr=False,
        )
        self._live.start()

    def say(self, line: str) -> None:
        self._tail = one_line(line) or self._tail

    def end(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def picture(self) -> Group:
        """Draw the two lines of this moment."""
        elapsed = self._clock() - self._started
        frame = _FRAMES[int(elapsed * _PER_SECOND) % len(_FRAMES)]
        line = drawn(self._layout.line(replace(self._row, mark=frame, style="cyan", took=duration(elapsed))))
        tail = Text(" " * (self._layout.place + 4) + self._tail, style="dim")
        tail.truncate(self._console.width, overflow="ellipsis")
        return Group(line, tail)


def drawn(line: Line) -> Text:
    return Text.assemble(*line, no_wrap=True, overflow="ellipsis")
