"""Draw what a run looked like: JSON lines of `shipit … --json` in, an SVG out.

    python docs/picture.py run.jsonl docs/release.svg "shipit release --type minor"

The same lines make the same file, byte for byte.
"""

import argparse
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from shipit.engine import events
from shipit.engine.preview import Preview
from shipit.output.problem import Report
from shipit.output.row import Layout, Row
from shipit.output.spinner import Spinner
from shipit.output.terminal import TerminalOutput

THEME = TerminalTheme(
    (22, 27, 34),
    (214, 221, 229),
    [
        (72, 79, 88),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (214, 221, 229),
    ],
)


class Still(Spinner):
    """A picture does not move."""

    def begin(self, row: Row, layout: Layout) -> None: ...


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def draw(lines: Iterable[str], title: str, width: int = 120) -> str:
    """Give the SVG of a run."""
    screen = Screen()
    environment = {"COLUMNS": str(width), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    terminal = TerminalOutput(screen, environment, spinner=Still)
    for line in lines:
        _replay(terminal, json.loads(line))
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, _environ={})
    for line in screen.getvalue().splitlines():
        console.print(Text.from_ansi(line), soft_wrap=False)
    return console.export_svg(title=title, theme=THEME, unique_id="shipit")


def _replay(terminal: TerminalOutput, fields: dict[str, Any]) -> None:
    match fields.pop("event"):
        case "outcome":
            pass
        case "preview":
            terminal.preview(msgspec.convert(fields, Preview))
        case "summary":
            terminal.summary(fields["text"])
        case "error":
            terminal.error(msgspec.convert(fields, Report))
        case "run-started":
            steps = tuple((step["name"], step["summary"]) for step in fields.pop("steps"))
            terminal.event(events.RunStarted(steps=steps, **fields))
        case name:
            kind = getattr(events, name.title().replace("-", ""))
            terminal.event(msgspec.convert(fields, kind))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lines", type=Path)
    parser.add_argument("svg", type=Path)
    parser.add_argument("title", nargs="?", default="shipit")
    parser.add_argument("--width", type=int, default=120)
    options = parser.parse_args()
    text = options.lines.read_text(encoding="utf-8")
    options.svg.write_text(draw(text.splitlines(), options.title, options.width), encoding="utf-8")


if __name__ == "__main__":
    main()
