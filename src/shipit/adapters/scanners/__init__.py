"""Scanners by name: each a program that somebody else wrote, with what it says read as a Sighting."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from shipit.engine.plan import Say
from shipit.errors import UsageError
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings

_CLASSES: Mapping[str, str] = {
    "pip-audit": "pip_audit.PipAudit",
    "npm-audit": "npm_audit.NpmAudit",
    "sbom": "sbom.Sbom",
    "bandit": "bandit.Bandit",
    "semgrep": "semgrep.Semgrep",
    "codeql": "codeql.Codeql",
    "trivy": "trivy.Trivy",
    "pip-licenses": "pip_licenses.PipLicenses",
    "trufflehog": "trufflehog.Trufflehog",
}
"""The module and the class of each scanner; a class takes the settings alone."""

NAMES = tuple(_CLASSES)
"""The scanners that can be made."""


class ToolScanner(Protocol):
    """What each scanner here can do; see gates.ports.Scanner."""

    @property
    def name(self) -> str: ...

    def nothing(self) -> str: ...

    def scan(self, say: Say) -> Sighting: ...


def scanner(name: str, settings: ScanSettings) -> ToolScanner:
    """Make a scanner by its name in the configuration; raises UsageError if there is none."""
    if name not in _CLASSES:
        raise UsageError(f"there is no scan named {name}", hint=f"the scans are {', '.join(_CLASSES)}")
    module, _, class_name = _CLASSES[name].partition(".")
    made = getattr(import_module(f"{__name__}.{module}"), class_name)
    return cast("ToolScanner", made(settings))
