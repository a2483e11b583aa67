"""Show a run in a job of GitHub Actions: groups, annotations, masks, outputs and the step summary.

Everything goes to one stream. The runner finds commands anywhere in it, so no text that came from outside may
look like one: inside a group, commands are stopped under a token that nobody can guess, and everywhere the two
spellings of a command are broken up. The only place where a secret is written is `::add-mask::`.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import starmap
from pathlib import Path
from typing import TextIO

from shipit import masking
from shipit.engine import events
from shipit.engine.preview import Contents, Preview
from shipit.output.event_lines import event_lines
from shipit.output.line import plain
from shipit.output.patches import NOTES, changes_title, notes_lines, patches_lines
from shipit.output.preview import page
from shipit.output.problem import Report, details, problem_lines
from shipit.output.summary import LIMIT, Summary
from shipit.output.terminal import make_console
from shipit.output.text import SafeStream, one_line

_WIDTH = 120


@dataclass(frozen=True, slots=True)
class _Held:
    """The group of a step that runs beside others, written once the step has ended."""

    title: str
    lines: list[str] = field(default_factory=list)


class GitHubActions:
    """Writes to `stream`, and to the files that GITHUB_OUTPUT and GITHUB_STEP_SUMMARY name.

    Each step has a group. A runner knows no groups within groups: what steps say that run side by side is held
    back, and written as one group per step when the step ends.
    """

    def __init__(self, stream: TextIO, environment: Mapping[str, str], *, verbose: bool = False) -> None:
        self._verbose = verbose
        self._safe_stream = SafeStream(stream)
        self._output = environment.get("GITHUB_OUTPUT")
        self._summary_file = environment.get("GITHUB_STEP_SUMMARY")
        self._summary = Summary()
        self._announced: set[str] = set()
        self._token = ""
        """Inside a group: what starts commands again."""
        self._running: dict[str, _Held] = {}
        self._live = ""
        """The running step whose group is open."""

    listens = True

    def event(self, event: events.Event) -> None:
        self._announce_masks()
        self._summary.event(event)
        match event:
            case events.RunStarted(title):
                self._say(title)
                self._open_group("pre-flight")
            case events.Checked() | events.Looked():
                self._say(*event_lines(event))
            case events.Warned(name, problem):
                self._warn(name, "\n".join(problem_lines(problem)))
            case events.StepStarted(name, summary):
                self._step_started(name, f"{name} — {summary}")
            case events.Said(name, line):
                held = self._running.get(name) if name != self._live else None
                held.lines.extend(line.splitlines()) if held else self._say(*line.splitlines())
            case _:
                self._step_ended(getattr(event, "name", ""))
                self._say(*event_lines(event))

    def _step_started(self, name: str, title: str) -> None:
        self._close_group()
        self._live = "" if self._running else name
        self._running[name] = _Held(title)
        if self._live:
            self._open_group(title)

    def _step_ended(self, name: str) -> None:
        held = self._running.pop(name, None)
        if held and held.lines:
            self._open_group(held.title)
            self._say(*held.lines)
        self._close_group()

    def _warn(self, name: str, text: str) -> None:
        token = self._resume_commands()
        self._command("warning", text, title=f"shipit: {name}")
        if token:
            self._stop_commands()

    def preview(self, preview: Preview) -> None:
        self._announce_masks()
        for check in preview.checked:
            for problem in check.problems:
                if problem.is_warning:
                    self._warn(check.name, "\n".join(problem_lines(problem)))
        self._summary.preview(preview)
        text = StringIO()
        make_console(text, {}, _WIDTH).print(page(preview, _WIDTH, verbose=self._verbose), crop=False)
        self._say(*(line.rstrip() for line in text.getvalue().splitlines()))
        if preview.contents:
            self._show_contents(preview.contents)

    def _show_contents(self, contents: Contents) -> None:
        """All of it in two groups, which are closed until somebody opens them."""
        self._open_group(NOTES)
        self._say(*notes_lines(contents.notes, None))
        self._open_group(changes_title(contents))
        self._say(*map(plain, patches_lines(contents.diffs, None, "")))
        self._close_group()

    def summary(self, text: str) -> None:
        self._announce_masks()
        self._close_group()
        self._summary.note(text)
        self._command("notice", text, title="shipit")

    def outputs(self, facts: Mapping[str, str]) -> None:
        self._append(self._output, lambda _: "".join(starmap(_output, facts.items())))

    def error(self, report: Report) -> None:
        self._announce_masks()
        self._close_group()
        self._summary.error(report)
        text = "\n".join([report.what, *details(report)])
        if report.hint:
            text += f"\n\nhint: {report.hint}"
        self._command(report.level, text, title=f"shipit: {report.title}")

    def close(self) -> None:
        self._close_group()
        self._append(self._summary_file, lambda size: self._summary.text(LIMIT - size))

    def _append(self, name: str | None, text: Callable[[int], str]) -> None:
        """Add to a file of the runner; `text` gets the number of bytes that it has already."""
        if not name:
            return
        try:
            with Path(name).open("ab") as file:
                file.write(text(file.seek(0, os.SEEK_END)).encode())
        except OSError as error:
            # what was released is released: a full disk of the runner must not turn it into a bug of shipit
            self._command("warning", f"cannot write {name}: {error.strerror}", title="shipit")

    def _announce_masks(self) -> None:
        """Before any other word: secrets are read when they are needed, so new ones may have come."""
        new = {form for form in masking.known_forms() - self._announced if form.strip()}
        if new:
            token = self._resume_commands()
            for form in sorted(new):
                self._command("add-mask", form)
            self._announced |= new
            if token:
                self._stop_commands()

    def _open_group(self, title: str) -> None:
        self._close_group()
        self._command("group", one_line(title))
        self._stop_commands()

    def _close_group(self) -> None:
        if self._resume_commands():
            self._command("endgroup")

    def _stop_commands(self) -> None:
        self._token = secrets.token_hex(16)
        self._command("stop-commands", self._token)

    def _resume_commands(self) -> str:
        token, self._token = self._token, ""
        if token:
            self._write(f"::{token}::")
        return token

    def _command(self, name: str, text: str = "", *, title: str = "") -> None:
        properties = f" title={_property(title)}" if title else ""
        self._write(f"::{name}{properties}::{_data(text)}")

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._write(harmless(line))

    def _write(self, line: str) -> None:
        self._safe_stream.write(line + "\n")
        self._safe_stream.flush()


def _output(name: str, value: str) -> str:
    # a value that holds the delimiter could set other outputs: so it is random
    delimiter = f"shipit_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def harmless(line: str) -> str:
    """Break up what the runner takes for a command: `::x::` after leading blanks, `##[x]` anywhere."""
    bare = line.lstrip()
    if bare.startswith("::"):
        line = line[: len(line) - len(bare)] + ": :" + bare[2:]
    return line.replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
