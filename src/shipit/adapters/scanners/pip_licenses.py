"""pip-licenses without a policy of its own: it compares whole texts, so that shipit reads the licences itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from shipit.adapters import process
from shipit.adapters.scanners import installed, made_up, python_project
from shipit.adapters.scanners.installed import Environment
from shipit.adapters.scanners.licenses import UNKNOWN, Decision, Declared, decide
from shipit.adapters.scanners.running import Program, Unreadable, beside, ended, run, version, write_script
from shipit.engine.plan import Say
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("pip-licenses", "pip install pip-licenses")
UNIT = "dependencies"

_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One package with its licence, as pip-licenses reports it."""

    name: str
    version: str
    declared: Declared


@dataclass(frozen=True, slots=True)
class PipLicenses:
    """Holds the licences of installed packages against those that are allowed; plays gates.ports.Scanner."""

    settings: ScanSettings
    name: str = "pip-licenses"

    def nothing(self) -> str:
        return python_project.nothing(self.settings)

    def scan(self, say: Say) -> Sighting:
        tool = version(PROGRAM, self.settings)
        with beside() as folder:
            try:
                found = installed.look(self.settings, folder)
                command = argv(write_script(folder, found.python, self.settings.environment))
                rows = read(run(PROGRAM, command, self.settings, cwd=folder))
            except Unreadable as error:
                return Sighting(seen=0, expected=1, unit=UNIT, alive=False, fault=str(error), tool=tool)
        return self._looked(found, rows, tool, command)

    def _looked(self, found: Environment, rows: Mapping[str, Row], tool: str, command: tuple[str, ...]) -> Sighting:
        own = python_project.own_name(self.settings)
        wanted = [rows[package.name] for package in found.others(own) if package.name in rows]
        return Sighting(
            seen=len(found.packages.keys() & rows.keys()),
            expected=len(found.packages),
            unit=UNIT,
            alive=made_up.NAME in rows and rows[made_up.NAME].declared.expression == made_up.LICENSE,
            findings=tuple(finding for row in wanted for finding in findings(row, self.settings.licenses)),
            fault=python_project.lacking(self.settings, found),
            tool=tool,
            commands=(command,),
        )


def argv(python: Path) -> tuple[str, ...]:
    """Make the command line for the packages of a Python, pip and setuptools among them."""
    return ("pip-licenses", "--python", str(python), "--from", "all", "--with-system", "--format", "json")


def read(finished: process.Finished) -> dict[str, Row]:
    """Read the report by package; raises Unreadable if it is none."""
    try:
        rows = [_row(one) for one in json.loads(finished.stdout)]
    except ValueError:
        raise Unreadable(f"pip-licenses {ended(finished)}") from None
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("pip-licenses printed a report of another shape") from None
    return {row.name: row for row in rows}


def _row(one: Mapping[str, str]) -> Row:
    classifiers = tuple(part.strip() for part in one["License-Classifier"].split(";"))
    declared = Declared(expression=one["License-Expression"], classifiers=classifiers, text=one["License-Metadata"])
    return Row(name=canonicalize_name(one["Name"]), version=one["Version"], declared=declared)


def findings(row: Row, allowed: Sequence[str]) -> tuple[Finding, ...]:
    """Give the finding of a package whose licence is not allowed or not known; none if it is allowed."""
    decision = decide(row.declared, allowed)
    if decision.allowed:
        return ()
    unknown = decision.name == UNKNOWN
    return (
        Finding(
            rule=decision.name,
            severity=Severity.MEDIUM if unknown else Severity.HIGH,
            title=_title(row, decision),
            package=row.name,
            version=row.version,
            aliases=(row.name,),  # a waiver for `unknown` would be one for every package to come
        ),
    )


def _title(row: Row, decision: Decision) -> str:
    if decision.name != UNKNOWN:
        return f"{row.name} is under {decision.name}, which is not among the allowed licences"
    texts = (row.declared.expression, "; ".join(row.declared.classifiers), row.declared.text)
    said = [text for text in map(str.strip, texts) if text not in {"", "UNKNOWN"}]
    shown = f": it says `{said[0].splitlines()[0][:_SHOWN]}`" if said else ": it says none"
    return f"the licence of {row.name} is unknown{shown}"
