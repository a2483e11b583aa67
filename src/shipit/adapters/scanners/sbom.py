"""SBOMs (CycloneDX) of what is installed and locked, held against that, and kept in `reports`."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from shipit.adapters.python.virtualenv import module
from shipit.adapters.scanners import installed, made_up, node_lock, python_project
from shipit.adapters.scanners.running import Program, Unreadable, beside, inside, named, parsed, run, write_script
from shipit.engine.plan import Say
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings

PYTHON = Program("cyclonedx-py", "pip install cyclonedx-bom")
NODE = Program("npm", "Node.js brings it")
UNIT = "components"

_SERIAL = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOGIN = re.compile(
    r"""(://)(?!git@)[^/\s"@?#]+@|(%3A%2F%2F)(?!git%40)(?:(?!%2F|%40)[^/\s"@?#])+%40""", re.IGNORECASE
)
"""A user and a password in an address, plain or as part of a purl."""
_OWN = ("sbom-python.cdx.json", "sbom-node*.cdx.json")
_SCHEMAS = frozenset({"1.4", "1.5", "1.6", "1.7"})
_PART = tuple[str, str]
_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One SBOM: what it should list, what it does, and what is wrong with it."""

    seen: int = 0
    expected: int = 0
    alive: bool = False
    fault: str = ""
    command: tuple[str, ...] = ()
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sbom:
    """Writes an SBOM of the Python environment, and one of each npm lock; plays gates.ports.Scanner."""

    settings: ScanSettings
    name: str = "sbom"

    def nothing(self) -> str:
        node = "" if self._places() else "git tracks no package.json with dependencies"
        python = python_project.nothing(self.settings)
        return f"{python}; {node}" if python and node else ""

    def scan(self, say: Say) -> Sighting:
        found: dict[str, Listing] = {}
        forget(self.settings.tree / self.settings.reports)
        with beside() as folder:
            if not python_project.nothing(self.settings):
                found["sbom-python.cdx.json"] = self._python(folder)
        for place, suffix in suffixes(self._places()).items():
            found[f"sbom-node{suffix}.cdx.json"] = self._node(place)
        for file, listing in found.items():
            say(_kept(self.settings, file, listing))
        return joined(list(found.values()))

    def _places(self) -> list[str]:
        return node_lock.folders(self.settings.tree, self.settings.tracked)

    def _python(self, folder: Path) -> Listing:
        command: tuple[str, ...] = ()
        try:
            environment = installed.look(self.settings, folder)
            command = python_argv(write_script(folder, environment.python, self.settings.environment))
            sbom = parsed(run(PYTHON, command, self.settings, cwd=folder))
            wanted = frozenset((package.name, package.version) for package in environment.packages.values())
            return compared(sbom, wanted, python_project.lacking(self.settings, environment), command, canary=True)
        except Unreadable as error:
            return Listing(expected=1, fault=str(error), command=command)

    def _node(self, place: str) -> Listing:
        command = node_argv()
        try:
            wanted = node_lock.read(self.settings.tree, self.settings.tracked, place)
            finished = run(NODE, command, self.settings, cwd=self.settings.tree / place)
            return compared(parsed(finished), wanted, "", command, canary=False)
        except Unreadable as error:
            return Listing(expected=1, fault=f"{place or '.'}: {error}", command=command)


def forget(reports: Path) -> None:
    """Remove the SBOMs of an earlier run, also where this one makes none."""
    for pattern in _OWN:
        for old in reports.glob(pattern):
            old.unlink()


def python_argv(python: Path) -> tuple[str, ...]:
    """Make the command line for what a Python finds; cyclonedx-py is installed with shipit."""
    return module("cyclonedx_py", "environment", "--output-format", "JSON", "--spec-version", "1.6", str(python))


def node_argv() -> tuple[str, ...]:
    """Make the command line for the lock of the current folder; it asks nobody."""
    return ("npm", "sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--offline", "--loglevel", "error")


def suffixes(places: Sequence[str]) -> dict[str, str]:
    """Give what the names of files end in, for each folder its own: `a/b` and `a-b` differ by a digest."""
    plain = {place: f"-{place.replace('/', '-')}" if place else "" for place in places}
    many = Counter(name.casefold() for name in plain.values())
    return {
        place: f"{name}-{sha256(place.encode('utf-8', 'surrogateescape')).hexdigest()[:_DIGITS]}"
        if many[name.casefold()] > 1
        else name
        for place, name in plain.items()
    }


def compared(
    sbom: dict[str, Any], wanted: frozenset[_PART], lacking: str, command: tuple[str, ...], *, canary: bool
) -> Listing:
    """Hold an SBOM against what it should list; the canary and the passwords in addresses are taken out.

    Raises Unreadable if it is none.
    """
    planted = (made_up.NAME, made_up.VERSION)
    try:
        listed = {part(one) for one in sbom.get("components", ())}
        without(sbom, planted)
    except (AttributeError, TypeError):
        raise Unreadable("the SBOM is of another shape") from None
    alive = planted in listed if canary else wanted <= listed
    missing = [f"{name} {version}" for name, version in sorted(wanted - listed)]
    fault = shape(sbom) or lacking or (f"not in the SBOM: {named(missing)}" if missing else "")
    text = _LOGIN.sub(r"\1\2", json.dumps(sbom, indent=2, ensure_ascii=False)) + "\n"
    return Listing(
        seen=len(wanted & listed), expected=len(wanted), alive=alive, fault=fault, command=command, text=text
    )


def part(component: Mapping[str, Any]) -> _PART:
    """Give name and version of a component: a Python name as indexes compare it, an npm one with its scope."""
    purl, name = str(component.get("purl", "")), str(component.get("name", ""))
    if purl.startswith("pkg:npm/"):
        group = component.get("group")
        return (f"{group}/{name}" if group else name), str(component.get("version", ""))
    return canonicalize_name(name), str(component.get("version", ""))


def shape(sbom: Mapping[str, Any]) -> str:
    """Tell what an SBOM lacks that makes it one; empty if nothing."""
    if sbom.get("bomFormat") != "CycloneDX" or sbom.get("specVersion") not in _SCHEMAS:
        return f"this is no CycloneDX that shipit knows: version {str(sbom.get('specVersion'))[:20]}"
    if not _SERIAL.fullmatch(str(sbom.get("serialNumber", ""))):
        return "the SBOM has no serial number"
    return ""


def without(sbom: dict[str, Any], planted: _PART) -> None:
    """Take a component out of an SBOM, and every address of a file on this machine."""
    gone = {one.get("bom-ref") for one in sbom.get("components", ()) if part(one) == planted}
    sbom["components"] = [one for one in sbom.get("components", ()) if part(one) != planted]
    sbom["dependencies"] = [one for one in sbom.get("dependencies", ()) if one.get("ref") not in gone]
    for one in sbom["components"]:
        kept = [link for link in one.get("externalReferences", ()) if not str(link.get("url")).startswith("file:")]
        if "externalReferences" in one:
            one["externalReferences"] = kept


def _kept(settings: ScanSettings, file: str, listing: Listing) -> str:
    """Write an SBOM if it is whole; returns what was done."""
    target = settings.tree / settings.reports / file
    if listing.fault:
        return f"{file} was not written"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(listing.text, "utf-8")
    return f"{listing.seen} components: {inside(target, settings.tree)}"


def joined(listings: Sequence[Listing]) -> Sighting:
    """Make one sighting of all SBOMs."""
    return Sighting(
        seen=sum(one.seen for one in listings),
        expected=sum(one.expected for one in listings),
        unit=UNIT,
        alive=all(one.alive for one in listings),
        fault="; ".join(one.fault for one in listings if one.fault),
        tool="cyclonedx-py, npm sbom",
        commands=tuple(one.command for one in listings if one.command),
    )
