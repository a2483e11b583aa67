"""Show a run to people: plain in a pipe, drawn on a terminal; Rich is only loaded where something is drawn."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from shipit.engine.events import Event
from shipit.output.text import SafeStream

if TYPE_CHECKING:
    from shipit.engine.preview import Preview
    from shipit.output.plain_output import PlainOutput
    from shipit.output.problem import Report
    from shipit.output.terminal import TerminalOutput

_ASK_FOR_MORE = ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""Variables with which Rich treats a pipe as a terminal, or as one of another width."""


class HumanOutput:
    """Passes events on to PlainOutput in a pipe, otherwise to TerminalOutput; a lone summary needs neither."""

    def __init__(self, stream: TextIO, environment: Mapping[str, str], *, verbose: bool = False) -> None:
        self._stream = stream
        self._environment = environment
        self._verbose = verbose

    @cached_property
    def _chosen(self) -> "PlainOutput":
        if self._stream.isatty() or any(self._environment.get(name) for name in _ASK_FOR_MORE):
            return self._terminal
        from shipit.output.plain_output import PlainOutput

        return PlainOutput(self._stream, verbose=self._verbose)

    @cached_property
    def _terminal(self) -> "TerminalOutput":
        from shipit.output.terminal import TerminalOutput

        return TerminalOutput(self._stream, self._environment, verbose=self._verbose)

    @property
    def listens(self) -> bool:
        return self._chosen.listens

    def event(self, event: Event) -> None:
        self._chosen.event(event)

    def preview(self, preview: "Preview") -> None:
        self._terminal.preview(preview)

    def summary(self, text: str) -> None:
        if "_chosen" in vars(self):  # it may have to end the lines that move
            self._chosen.summary(text)
            return
        safe_stream = SafeStream(self._stream)
        safe_stream.write(f"{text}\n")
        safe_stream.flush()

    def outputs(self, facts: Mapping[str, str]) -> None:
        """Facts are for programs; people read the summary."""

    def error(self, report: "Report") -> None:
        self._chosen.error(report)

    def close(self) -> None:
        if "_chosen" in vars(self):
            self._chosen.close()
