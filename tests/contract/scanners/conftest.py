"""The seeded sample, and settings with which the real scanners look at it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners import ToolScanner, scanner
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings
from tests.support import seeded
from tests.support.scanners import environment, scanners

Make = Callable[..., ToolScanner]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A scanner of a tree with these files, the seeded sample by default, and of an environment with `packages`."""

    def made(
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        packages: Mapping[str, Mapping[str, str]] | None = None,
        path: Path | None = None,
        variables: Mapping[str, str | None] | None = None,
        timeout: float = 120,
        tracked: tuple[str, ...] | None = None,
    ) -> ToolScanner:
        tree = tmp_path / "a tree"
        written = seeded.plant(tree, seeded.files() if files is None else files)
        python = environment(tmp_path / "venv", seeded.PACKAGES if packages is None else packages)
        tools = path or scanners("npm" if name in {"sbom", "npm-audit"} else name)
        settings = ScanSettings(
            tree=tree,
            tracked=written if tracked is None else tracked,
            licenses=("MIT", "BSD-3-Clause"),
            codeql_sarif=tree / "codeql.sarif",
            images=(),
            project_name="seeded",
            timeout=timeout,
            environment={
                "PATH": os.pathsep.join((str(python), str(tools), *([] if path else [os.environ["PATH"]]))),
                "VIRTUAL_ENV": None,
                "HOME": str(tmp_path),
                **(variables or {}),
            },
        )
        return scanner(name, settings)

    return made


def scan(made: ToolScanner) -> Sighting:
    """Scan, with what it says kept from pytest; nothing of it may show the sample's secret."""
    lines: list[str] = []
    found = made.scan(lines.append)
    assert seeded.WORD not in f"{found}{lines}"
    return found


def words(sighting: Sighting) -> list[tuple[Any, ...]]:
    """The findings, short."""
    return [(one.path, one.line, one.rule, one.severity.value) for one in sighting.findings]
