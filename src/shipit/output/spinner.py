"""The lines that move while steps run: a spinner, the seconds, and below it what the step said last."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from shipit.output.line import Line
from shipit.output.row import Layout, Row
from shipit.output.text import duration, one_line

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PER_SECOND = 8


@dataclass(slots=True, kw_only=True)
class _Moving:
    row: Row
    layout: Layout
    started: float
    tail: str = ""


class Spinner:
    """Draws two lines for each step that is running; they leave no trace."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._live: Live | None = None
        self._moving: dict[str, _Moving] = {}

    def begin(self, row: Row, layout: Layout) -> None:
        """Draw this step as well; what is printed meanwhile appears above."""
        self._moving = {**self._moving, row.name: _Moving(row=row, layout=layout, started=self._clock())}
        if self._live is None:
            self._live = Live(
                get_renderable=self.picture,
                console=self._console,
                transient=True,
                refresh_per_second=_PER_SECOND,
                redirect_stdout=False,  # stdout is data: it must not be woven into the messages
                redirect_stderr=False,
            )
            self._live.start()

    def say(self, name: str, line: str) -> None:
        """Show it below the step; an empty line changes nothing."""
        if moving := self._moving.get(name):
            moving.tail = one_line(line) or moving.tail

    def end(self, name: str | None = None) -> None:
        """Draw the step no more, or none any more."""
        left = {each: moving for each, moving in self._moving.items() if name not in {None, each}}
        self._moving = left  # another thread draws: it sees the old steps or those that are left
        if self._live and not left:
            self._live.stop()
            self._live = None

    def picture(self) -> Group:
        """Draw the lines of this moment."""
        return Group(*(text for moving in self._moving.values() for text in self._lines(moving)))

    def _lines(self, moving: _Moving) -> tuple[Text, Text]:
        elapsed = self._clock() - moving.started
        frame = _FRAMES[int(elapsed * _PER_SECOND) % len(_FRAMES)]
        row = replace(moving.row, mark=frame, style="cyan", took=duration(elapsed))
        tail = Text(" " * (moving.layout.place + 4) + moving.tail, style="dim")
        tail.truncate(self._console.width, overflow="ellipsis")
        return drawn(moving.layout.line(row)), tail


def drawn(line: Line) -> Text:
    """The line as Rich draws it."""
    return Text.assemble(*line, no_wrap=True, overflow="ellipsis")
