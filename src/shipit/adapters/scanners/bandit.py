"""Bandit on the Python files that git tracks, each named: what it looks for itself is not what is tracked."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from shipit.adapters import process
from shipit.adapters.scanners.pyproject import Pyproject, listed
from shipit.adapters.scanners.running import (
    Program,
    Unreadable,
    batches,
    beside,
    inside,
    named,
    parsed,
    run,
    version,
)
from shipit.engine.plan import Say
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("bandit", "pip install bandit")

_CANARY = "import subprocess\n\nsubprocess.call(eval(input()), shell=True)\n"
_EXCLUDES_NOTHING = "/shipit/excludes/nothing"  # without -x, bandit's own list hides folders
_QUOTED = re.compile(r":?\s*(?<=[\s:])['\"].*", re.DOTALL)  # B105 to B107 show the password that they found
_SEVERITIES = {"LOW": Severity.LOW, "MEDIUM": Severity.MEDIUM, "HIGH": Severity.HIGH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run of bandit reports; paths as bandit writes them are made relative to the tree."""

    files: frozenset[str]
    broken: Mapping[str, str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Bandit:
    """Looks for mistakes in Python code that weaken security; plays gates.ports.Scanner."""

    settings: ScanSettings
    name: str = "bandit"

    def nothing(self) -> str:
        return "" if self._python() else "git tracks no Python file"

    def scan(self, say: Say) -> Sighting:
        options = Pyproject.read(self.settings).tool("bandit")
        left = listed(options, "exclude_dirs")
        files = [file for file in self._python() if not excluded(file, left)]
        left_out = len(self._python()) - len(files)
        if left_out:
            say(f"{left_out} files are left out by exclude_dirs of [tool.bandit]")
        tool = version(PROGRAM, self.settings)
        with beside() as folder:
            return self._looked(files, options, folder, tool)

    def _python(self) -> list[str]:
        return [file for file in self.settings.tracked if file.endswith(".py")]

    def _looked(self, files: Sequence[str], options: Mapping[str, Any], folder: Path, tool: str) -> Sighting:
        canary, configuration = folder / "canary.py", folder / "options.json"
        canary.write_text(_CANARY, "utf-8")
        configuration.write_text(json.dumps({k: v for k, v in options.items() if k != "exclude_dirs"}), "utf-8")
        given = configuration if options else None
        commands = [argv(batch, canary, given) for batch in batches(files)]
        try:
            reports = [read(run(PROGRAM, command, self.settings), self.settings.tree) for command in commands]
        except Unreadable as error:
            return Sighting(
                seen=0, expected=len(files), unit="files", alive=False, fault=str(error), tool=tool,
                commands=tuple(commands),
            )  # fmt: skip
        return sighting(reports, frozenset(files), str(canary), tool, commands)


def argv(files: Sequence[str], canary: Path, configuration: Path | None) -> tuple[str, ...]:
    """Make the command line for some files of the tree and the canary."""
    options = ("-c", str(configuration)) if configuration else ()
    fixed = ("bandit", "--quiet", "--format", "json", "--exclude", _EXCLUDES_NOTHING, *options)
    return (*fixed, str(canary), *(f"./{file}" for file in files))


def excluded(file: str, patterns: Sequence[object]) -> bool:
    """Tell whether [tool.bandit] leaves a file out: by a folder, or by a pattern of shells."""
    for pattern in map(str, patterns):
        plain = pattern.removeprefix("./").strip("/")
        if file == plain or file.startswith(f"{plain}/") or fnmatch(file, plain):
            return True
    return False


def read(finished: process.Finished, tree: Path) -> Report:
    """Read one report; raises Unreadable if it is none."""
    report = parsed(finished, quote=False)
    try:
        broken = {inside(error["filename"], tree): str(error["reason"]) for error in report["errors"]}
        files = frozenset(inside(file, tree) for file in report["metrics"] if file != "_totals")
        findings = tuple(_finding(result, tree) for result in report["results"])
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("bandit printed a report of another shape") from None
    return Report(files=files - broken.keys(), broken=broken, findings=findings)


def _finding(result: Mapping[str, Any], tree: Path) -> Finding:
    return Finding(
        rule=result["test_id"],
        severity=_SEVERITIES.get(result["issue_severity"], Severity.LOW),
        title=_QUOTED.sub("", result["issue_text"]),
        path=inside(result["filename"], tree),
        line=int(result["line_number"]),
    )


def sighting(
    reports: Sequence[Report], files: frozenset[str], canary: str, tool: str, commands: Sequence[tuple[str, ...]]
) -> Sighting:
    """Join the reports of all runs; each of them must have found the canary."""
    broken = {file: why for report in reports for file, why in report.broken.items()}
    findings = [finding for report in reports for finding in report.findings]
    seen = frozenset[str]().union(*(report.files for report in reports)) & files
    unread = named(f"{file} ({why})" for file, why in sorted(broken.items()))
    return Sighting(
        seen=len(seen),
        expected=len(files),
        unit="files",
        alive=bool(reports) and all(_found(report, canary) for report in reports),
        findings=tuple(finding for finding in findings if finding.path != canary),
        fault=f"bandit could not read {unread}" if broken else "",
        tool=tool,
        commands=tuple(commands),
        unseen=tuple(sorted(files - seen)),
    )


def _found(report: Report, canary: str) -> bool:
    return any(finding.path == canary for finding in report.findings)
