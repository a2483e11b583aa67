"""The events of a run for programs: one JSON object per line, the last one with the outcome and the exit code."""

import json
import re
from collections.abc import Mapping
from typing import Any, TextIO

from msgspec import to_builtins

from shipit.engine.events import Event, RunFinished, RunStarted
from shipit.engine.preview import Preview
from shipit.output.problem import Report
from shipit.output.text import SafeStream


class JsonLines:
    """Every line has `event`; no line has a time of day, so that two equal runs can be compared."""

    def __init__(self, stream: TextIO) -> None:
        self._safe_stream = SafeStream(stream)
        self._outcome: dict[str, Any] = {"outcome": "complete", "exit_code": 0}
        self._facts: dict[str, str] = {}

    listens = True

    def event(self, event: Event) -> None:
        fields = to_builtins(event)
        if isinstance(event, RunStarted):
            fields["steps"] = [{"name": name, "summary": summary} for name, summary in event.steps]
        if isinstance(event, RunFinished):
            self._outcome = {"outcome": event.outcome, "exit_code": event.exit_code}
        self._write(_kebab(type(event).__name__), fields)

    def preview(self, preview: Preview) -> None:
        fields = to_builtins(preview)
        contents = fields.pop("contents")
        self._write("preview", {**fields, **(contents or {})})

    def summary(self, text: str) -> None:
        self._write("summary", {"text": text})

    def outputs(self, facts: Mapping[str, str]) -> None:
        self._facts.update(facts)

    def error(self, report: Report) -> None:
        self._outcome = {"outcome": report.title, "exit_code": report.exit_code}
        self._write("error", to_builtins(report))

    def close(self) -> None:
        self._write("outcome", {**self._outcome, "outputs": self._facts})

    def _write(self, name: str, fields: dict[str, Any]) -> None:
        # ASCII: readers decode \u escapes in any locale
        self._safe_stream.write(json.dumps({"event": name, **fields}) + "\n")
        self._safe_stream.flush()


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
