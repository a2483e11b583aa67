"""pip-audit on exact versions that shipit wrote down itself: it may read less of a file than the file says."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from shipit.adapters import process
from shipit.adapters.scanners import installed, python_project
from shipit.adapters.scanners.requirements import Pin
from shipit.adapters.scanners.running import Program, Unreadable, beside, named, parsed, run, version
from shipit.engine.plan import Say
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("pip-audit", "pip install pip-audit")
UNIT = "dependencies"

# old versions with advisories that nobody withdraws; the first that the project does not have is the canary
_CANARIES = (
    Pin(name="django", version="1.2"),
    Pin(name="pillow", version="2.0.0"),
    Pin(name="urllib3", version="1.24"),
)
_SERVICE = "PIP_AUDIT_VULNERABILITY_SERVICE"
_UNSET = ("PIP_AUDIT_OUTPUT", "PIP_AUDIT_FORMAT", "PIP_AUDIT_DESC")
_SEVERITY = Severity.HIGH  # pip-audit names none
_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be audited: exact versions, and why that is not all of it (empty if it is)."""

    pins: tuple[Pin, ...]
    fault: str


@dataclass(frozen=True, slots=True)
class PipAudit:
    """Asks an advisory service about the versions that the project is installed with; plays gates.ports.Scanner."""

    settings: ScanSettings
    name: str = "pip-audit"

    def nothing(self) -> str:
        return python_project.nothing(self.settings)

    def scan(self, say: Say) -> Sighting:
        tool = version(PROGRAM, self.settings)
        with beside() as folder:
            try:
                asked = what_to_ask(self.settings, folder, say)
            except Unreadable as error:
                return Sighting(seen=0, expected=1, unit=UNIT, alive=False, fault=str(error), tool=tool)
            return self._asked(asked, folder, tool)

    def _asked(self, asked: Asked, folder: Path, tool: str) -> Sighting:
        commands: list[tuple[str, ...]] = []
        answers: list[Answer] = []
        fault = asked.fault
        for number, pins in enumerate(rounds(asked.pins)):
            file, canary = folder / f"requirements-{number}.txt", canary_for(pins)
            file.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in (*pins, canary)), "utf-8")
            commands.append(argv(file))
            try:
                answers.append(read(self._run(commands[-1]), pins, canary))
            except Unreadable as error:
                fault = fault or str(error)
        return Sighting(
            seen=sum(answer.seen for answer in answers),
            expected=len(asked.pins),
            unit=UNIT,
            alive=len(answers) == len(commands) > 0 and all(answer.alive for answer in answers),
            findings=tuple(finding for answer in answers for finding in answer.findings),
            fault=fault,
            tool=tool,
            commands=tuple(commands),
        )

    def _run(self, command: Sequence[str]) -> process.Finished:
        return run(PROGRAM, command, self.settings, env=environment(self.settings.environment))


def argv(file: Path) -> tuple[str, ...]:
    """Make the command line for one file of exact versions; the service is named in the environment."""
    fixed = ("pip-audit", "--format", "json", "--aliases", "on", "--desc", "on", "--progress-spinner", "off")
    return (*fixed, "--no-deps", "--disable-pip", "--requirement", str(file))


def environment(given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Name the advisory service, OSV unless the user chose another, and let no variable move the report away."""
    chosen = given.get(_SERVICE) or os.environ.get(_SERVICE) or "osv"
    return {**dict.fromkeys(_UNSET), _SERVICE: chosen}


def what_to_ask(settings: ScanSettings, folder: Path, say: Say) -> Asked:
    """Collect the exact versions: what is installed, and what tracked requirements files pin.

    Raises Unreadable if the project's Python does not answer.
    """
    found = installed.look(settings, folder)
    lines, own = python_project.lines(settings, found), python_project.own_name(settings)
    for kind, things in {
        "the project and what was installed from a folder, not asked about": found.left_out(own),
        "lines with a folder, not asked about": lines.local,
        "lines for other systems, not asked about": lines.skipped,
        "lines without an exact version, asked about as they are installed": lines.loose,
    }.items():
        if things:
            say(f"{kind}: {named(things)}")
    pins = {(pin.name, pin.version): pin for pin in lines.pins}
    bad: list[str] = []
    for package in found.others(own):
        if spelled := _spelled(package.version):
            pins.setdefault((package.name, spelled), Pin(name=package.name, version=spelled))
        else:
            bad.append(f"{package.name} {package.version}".rstrip())
    faults = (
        python_project.lacking(settings, found, with_pins=False),
        f"lines that pip-audit cannot be asked about: {named(lines.others)}" if lines.others else "",
        f"packages without a version that can be asked about: {named(bad)}" if bad else "",
    )
    return Asked(pins=tuple(pins.values()), fault="; ".join(filter(None, faults)))


def _spelled(text: str) -> str:
    """Spell a version as pip-audit does; empty if it is none."""
    try:
        return str(Version(text))
    except InvalidVersion:
        return ""


def canary_for(pins: Sequence[Pin]) -> Pin:
    """Choose a version with known advisories, of a package that is not among the pins."""
    names = {pin.name for pin in pins}
    return next((pin for pin in _CANARIES if pin.name not in names), Pin(name="jinja2", version="2.4"))


def rounds(pins: Sequence[Pin]) -> Iterator[tuple[Pin, ...]]:
    """Split pins so that each part has a name once: pip-audit refuses a file with two versions of one."""
    left = list(pins)
    while left:
        now = {pin.name: pin for pin in reversed(left)}
        yield tuple(now.values())
        left = [pin for pin in left if now[pin.name] is not pin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one run says of the pins that it was asked about."""

    seen: int
    alive: bool
    findings: tuple[Finding, ...]


def read(finished: process.Finished, pins: Sequence[Pin], canary: Pin) -> Answer:
    """Read one report; raises Unreadable if it is none, as after a service that could not be reached."""
    report = parsed(finished)
    asked = {(pin.name, pin.version): pin for pin in pins}
    seen: dict[tuple[str, str], Sequence[Finding]] = {}
    alive = False
    try:
        for found in report["dependencies"]:
            key = (canonicalize_name(found["name"]), str(found.get("version", "")))
            if key == (canary.name, canary.version):
                alive = bool(found["vulns"])
            elif "skip_reason" not in found and key in asked:
                seen[key] = [_finding(one, asked[key]) for one in found["vulns"]]
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("pip-audit printed a report of another shape") from None
    return Answer(seen=len(seen), alive=alive, findings=tuple(one for found in seen.values() for one in found))


def _finding(advisory: Mapping[str, Any], pin: Pin) -> Finding:
    every = [str(advisory["id"]), *map(str, advisory.get("aliases", ()))]
    names = sorted(dict.fromkeys(every), key=_rank)
    return Finding(
        rule=names[0],
        severity=_SEVERITY,
        title=" ".join(str(advisory.get("description") or "a known vulnerability").split())[:_TITLE],
        path=pin.path,
        package=pin.name,
        version=pin.version,
        fixed=", ".join(advisory.get("fix_versions", ())[:1]),
        aliases=tuple(names[1:]),
    )


def _rank(name: str) -> int:
    """CVE before GHSA before others."""
    return next((rank for rank, start in enumerate(("CVE-", "GHSA-")) if name.startswith(start)), 2)
