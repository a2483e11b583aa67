"""npm audit on a copy of each lock with a canary in it: an answer that knows no canary knows nothing."""

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipit.adapters import process
from shipit.adapters.scanners import node_lock
from shipit.adapters.scanners.running import Program, Unreadable, beside, parsed, run, version
from shipit.engine.plan import Say
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("npm", "Node.js brings it")
UNIT = "dependencies"

_CANARY = "shipit-canary"
_NODE = f"node_modules/{_CANARY}"
_VULNERABLE = ("minimist", "0.0.8")  # an old version with advisories that nobody withdraws
_SEVERITIES = {
    "info": Severity.LOW,
    "low": Severity.LOW,
    "moderate": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock as it lies in the tree: where, what is in it, and the versions of its packages by place."""

    place: str
    file: str
    content: dict[str, Any]

    @property
    def versions(self) -> dict[str, str]:
        """The version of each package by its place in the lock; the project itself has none."""
        packages = self.content["packages"]
        return {path: str(entry.get("version", "")) for path, entry in packages.items() if path}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What npm says of one lock."""

    seen: int = 0
    expected: int = 0
    alive: bool = False
    findings: tuple[Finding, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class NpmAudit:
    """Asks the npm registry about locked versions; plays gates.ports.Scanner."""

    settings: ScanSettings
    name: str = "npm-audit"

    def nothing(self) -> str:
        return "" if self._places() else "git tracks no package.json with dependencies"

    def scan(self, say: Say) -> Sighting:
        tool = version(PROGRAM, self.settings)
        with beside() as folder:
            answers = [self._asked(place, folder / str(number)) for number, place in enumerate(self._places())]
        return Sighting(
            seen=sum(answer.seen for answer in answers),
            expected=sum(answer.expected for answer in answers),
            unit=UNIT,
            alive=bool(answers) and all(answer.alive for answer in answers),
            findings=tuple(finding for answer in answers for finding in answer.findings),
            fault="; ".join(answer.fault for answer in answers if answer.fault),
            tool=tool,
            commands=tuple(argv() for _ in answers),
        )

    def _places(self) -> list[str]:
        return node_lock.folders(self.settings.tree, self.settings.tracked)

    def _asked(self, place: str, folder: Path) -> Answer:
        try:
            lock = load(self.settings, place)
            copy(lock, self.settings, folder)
            return read(run(PROGRAM, argv(), self.settings, cwd=folder), lock)
        except Unreadable as error:
            return Answer(expected=1, fault=f"{place or '.'}: {error}")


def argv() -> tuple[str, ...]:
    """Make the command line for the lock of the current folder; a configured `offline` would ask nobody."""
    fixed = ("--package-lock-only", "--offline=false", "--audit=true", "--audit-level=none")
    return ("npm", "audit", "--json", *fixed, "--include=dev", "--include=optional", "--include=peer")


def load(settings: ScanSettings, place: str) -> Lock:
    """Read the lock of a folder; raises Unreadable if there is none that npm reads."""
    node_lock.read(settings.tree, settings.tracked, place)
    names = [name for name in node_lock.LOCKS if posixpath.join(place, name) in settings.tracked]
    return Lock(place=place, file=names[0], content=json.loads((settings.tree / place / names[0]).read_bytes()))


def copy(lock: Lock, settings: ScanSettings, folder: Path) -> None:
    """Write the lock with the canary, and what npm reads beside it, into a folder of its own.

    Raises Unreadable if package.json, or what the lock has of it, cannot be read.
    """
    folder.mkdir()
    source = settings.tree / lock.place
    try:
        package = json.loads((source / "package.json").read_bytes())
        (folder / "package.json").write_text(json.dumps(planted(package)), "utf-8")
        (folder / lock.file).write_text(json.dumps(planted_lock(lock.content)), "utf-8")
    except (OSError, ValueError, TypeError, AttributeError):
        raise Unreadable(f"package.json or {lock.file} cannot be read") from None
    if posixpath.join(lock.place, ".npmrc") in settings.tracked:
        (folder / ".npmrc").write_bytes((source / ".npmrc").read_bytes())


def planted(package: Mapping[str, Any]) -> dict[str, Any]:
    """Add the canary to the dependencies of a package, under a name that no other has."""
    name, version = _VULNERABLE
    return {**package, "dependencies": {**package.get("dependencies", {}), _CANARY: f"npm:{name}@{version}"}}


def planted_lock(lock: Mapping[str, Any]) -> dict[str, Any]:
    """Add the canary to a lock."""
    name, version = _VULNERABLE
    packages = lock["packages"]
    entry = {"name": name, "version": version}
    return {**lock, "packages": {**packages, "": planted(packages.get("", {})), _NODE: entry}}


def read(finished: process.Finished, lock: Lock) -> Answer:
    """Read one report; raises Unreadable if it is none, as when the registry could not be reached."""
    report = parsed(finished)
    if "vulnerabilities" not in report:
        raise Unreadable(f"npm could not audit: {_why(report)[:200]}")
    versions = lock.versions
    try:
        total = int(report["metadata"]["dependencies"]["total"])
        every = report["vulnerabilities"].values()
        advisories = [(one, via) for one in every for via in one["via"] if isinstance(via, dict)]
        alive = any(_NODE in one["nodes"] for one, _ in advisories)
        path = posixpath.join(lock.place, lock.file)
        findings = [finding for one, via in advisories for finding in _findings(one, via, versions, path)]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Unreadable("npm printed a report of another shape") from None
    seen = min(total - 1, len(versions)) if alive else 0
    return Answer(seen=seen, expected=len(versions), alive=alive, findings=tuple(dict.fromkeys(findings)))


def _why(report: Mapping[str, Any]) -> str:
    error = report.get("error")
    known = error if isinstance(error, dict) else {}
    return str(report.get("message") or known.get("summary") or known.get("code") or "no reason is given")


def _findings(
    found: Mapping[str, Any], advisory: Mapping[str, Any], versions: Mapping[str, str], path: str
) -> Sequence[Finding]:
    """Give one finding for each version that is locked; the canary is none."""
    fix = found.get("fixAvailable")
    fixed = str(fix.get("version", "")) if isinstance(fix, dict) and fix.get("name") == found["name"] else ""
    return [
        Finding(
            rule=str(advisory["url"]).rpartition("/")[2] or str(advisory["source"]),
            severity=_SEVERITIES.get(advisory["severity"], Severity.HIGH),
            title=str(advisory["title"]),
            path=path,
            package=str(found["name"]),
            version=version,
            fixed=fixed,
        )
        for version in dict.fromkeys(versions.get(node, "") for node in found["nodes"] if node != _NODE)
    ]
