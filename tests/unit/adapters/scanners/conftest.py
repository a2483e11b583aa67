"""Trees and ended programs for the readers of scanners."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.process import Finished
from shipit.scans.settings import ScanSettings

Tree = Callable[..., ScanSettings]


def ended(stdout: Any, code: int = 0, stderr: str = "", argv: tuple[str, ...] = ("tool",)) -> Finished:
    """A program that printed this: bytes as they are, anything else as JSON."""
    return Finished(argv, code, stdout if isinstance(stdout, bytes) else json.dumps(stdout).encode(), stderr)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Settings for a tree with these files, all of them tracked."""

    def make(files: dict[str, str] | None = None, **changed: Any) -> ScanSettings:
        for name, text in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        values: dict[str, Any] = {
            "tree": tmp_path,
            "tracked": tuple(files or {}),
            "licenses": ("MIT",),
            "codeql_sarif": tmp_path / "codeql.sarif",
            "images": (),
            "project_name": "acme",
            "timeout": 60.0,
            "environment": {},
        }
        return ScanSettings(**{**values, **changed})

    return make
