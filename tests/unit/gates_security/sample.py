"""A tree with scanners in memory, and everything that a run shows and writes."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from shipit import output
from shipit.config import Security
from shipit.config.tables.security import SCANS
from shipit.errors import ExternalError, Refused, Stop
from shipit.gates.ports import Output, Publisher
from shipit.gates.security import SecurityScans, verify
from shipit.output.reporter import Reporter
from tests.fakes_scanners import FakeScanner

TODAY = date(2026, 12, 1)


class Sample:
    """Nine scanners that find nothing, on a tree with one file."""

    def __init__(self, tree: Path, **options: Any) -> None:
        self.tree = tree
        self.options = msgspec.convert(options, Security)
        self.fakes: dict[str, FakeScanner] = {name: FakeScanner(name=name) for name in SCANS}
        self.written: dict[str, bytes] = {}
        self.said = ""
        self.lines: list[dict[str, Any]] = []
        (tree / "app.py").write_text("import os\n    call(x)\n\ncall(x)\n")

    def __getitem__(self, name: str) -> FakeScanner:
        return self.fakes[name]

    @property
    def scans(self) -> SecurityScans:
        return SecurityScans(
            options=self.options,
            tree=self.tree,
            tracked=("app.py",),
            scanners=lambda names: [self.fakes[name] for name in names],
            write=self.write,
            report=self.tree / "reports" / "security.json",
            today=TODAY,
            id="t" * 40,
        )

    def write(self, path: Path, data: bytes) -> None:
        self.written[path.relative_to(self.tree).as_posix()] = data
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)

    def verify(
        self,
        *only: str,
        write_baseline: bool = False,
        json_lines: bool = False,
        outputs: Sequence[Output] = (),
        publishers: Sequence[Publisher] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Stop | None:
        """Run it; returns what stopped it, if anything did."""
        out, err = io.StringIO(), io.StringIO()
        renderer = output.make(
            json=json_lines, verbose=False, environment=environment or {}, stdout=out, stderr=err
        )
        refused: Stop | None = None
        try:
            verify(
                self.scans,
                Reporter(renderer),
                only,
                write_baseline=write_baseline,
                outputs=outputs,
                publishers=publishers,
            )
        except (Refused, ExternalError) as stop:
            renderer.error(stop)
            refused = stop
        renderer.close()
        self.said = out.getvalue() + err.getvalue()
        self.lines = [json.loads(line) for line in out.getvalue().splitlines()]
        return refused

    @property
    def report(self) -> Mapping[str, Any]:
        return dict(json.loads(self.written["reports/security.json"]))

    def scan(self, name: str) -> Mapping[str, Any]:
        """What the report says of one scan."""
        return next(one for one in self.report["scans"] if one["scan"] == name)

    def row(self, name: str) -> str:
        """The line of the table for a scan."""
        rows: Sequence[str] = [line for line in self.said.splitlines() if line.split()[1:2] == [name]]
        return next(line for line in rows if line[:3].strip() in {"✓", "✗", "·"} and "done in" not in line)
