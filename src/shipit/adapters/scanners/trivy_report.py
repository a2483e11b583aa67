"""What trivy prints, read: the report on one image, the proof that it looks, and how old its database is. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shipit.adapters import process
from shipit.adapters.scanners.running import Unreadable, parsed
from shipit.scans.model import Finding, Severity

CANARY = ("django", "1.2")
"""A version with advisories that nobody withdraws."""
OLD = timedelta(days=7)
"""From then on the database of vulnerabilities is too old; a new one is made every few hours."""

_SCHEMA = 2
_SEVERITIES = {
    "UNKNOWN": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "MEDIUM": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
_NO_OS = {"", "none"}
# what docker's own engine says is in the same text: "no such image", "permission denied"
_ABSENT = re.compile(r"manifest[ _]unknown|name[ _]unknown|repository name not known", re.IGNORECASE)
_DENIED = re.compile(r"(?i:unauthorized|authentication required|no basic auth)|\bDENIED:")
_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What trivy says of one image; a fault says why it could not look at it, or not at all of it."""

    name: str
    findings: tuple[Finding, ...] = ()
    fault: str = ""


def read_image(finished: process.Finished, name: str, reference: str) -> Image:
    """Read the report on one image; what is wrong with it is its fault."""
    try:
        report = _report(finished)
        results: list[Mapping[str, Any]] = report.get("Results") or []
        found = (*_end_of_life(report, name), *_vulnerabilities(results, name))
        fault = _unlike(report, reference) or _unseen(report, results)
        return Image(name=name, findings=tuple(dict.fromkeys(found)), fault=f"{name}: {fault}" if fault else "")
    except Unreadable as error:
        return Image(name=name, fault=f"{name}: {why(finished) or error}")
    except (KeyError, TypeError, AttributeError):
        return Image(name=name, fault=f"{name}: trivy printed a report of another shape")


def _report(finished: process.Finished) -> dict[str, Any]:
    """Give the report of a run that ended well: trivy may also have printed one and failed then."""
    report = parsed(finished, quote=False)
    if finished.code:
        raise Unreadable(f"trivy ended with exit code {finished.code}")
    if report.get("SchemaVersion") != _SCHEMA:
        raise Unreadable("trivy printed a report of another shape")
    return report


def why(finished: process.Finished) -> str:
    """Tell why there is no report, of the few reasons that need no words of trivy; empty if it is another one."""
    if _ABSENT.search(finished.stderr):
        return "the registry does not have this image yet"
    return "the registry does not let trivy in" if _DENIED.search(finished.stderr) else ""


def _unlike(report: Mapping[str, Any], reference: str) -> str:
    """Tell how the report is about something else than was asked for."""
    if report.get("ArtifactName") != reference or report.get("ArtifactType") != "container_image":
        return "trivy reports on something else than this image"
    _, pinned, digest = reference.partition("@")
    digests = [str(one).rpartition("@")[2] for one in report["Metadata"].get("RepoDigests") or ()]
    if pinned and digest not in digests:
        return f"trivy looked at {', '.join(digests) or 'an image without a digest'} and not at {digest}"
    return ""


def _unseen(report: Mapping[str, Any], results: list[Mapping[str, Any]]) -> str:
    """Tell what was not looked at: trivy is silent on systems that it does not know, and on emptied databases."""
    family = _system(report)
    if family and not any(one.get("Packages") for one in results if one["Class"] == "os-pkgs"):
        return f"trivy sees no packages of its system, {family}"
    if not any(one.get("Packages") for one in results):
        return "trivy sees no packages in it"
    return ""


def _system(report: Mapping[str, Any]) -> str:
    system = report["Metadata"].get("OS") or {}
    family = str(system.get("Family", ""))
    return "" if family in _NO_OS else f"{family} {system.get('Name', '')}".strip()


def _end_of_life(report: Mapping[str, Any], name: str) -> Iterator[Finding]:
    system = report["Metadata"].get("OS") or {}
    if system.get("EOSL"):
        yield Finding(
            rule="end-of-life",
            severity=Severity.HIGH,
            title=f"image {name}: {_system(report)} gets no security updates any more",
            package=str(system.get("Family", "")),
            version=str(system.get("Name", "")),
        )


def _vulnerabilities(results: list[Mapping[str, Any]], name: str) -> Iterator[Finding]:
    for result in results:
        for found in result.get("Vulnerabilities") or ():
            title = found.get("Title") or found.get("Description") or "a known vulnerability"
            yield Finding(
                rule=str(found["VulnerabilityID"]),
                severity=_SEVERITIES.get(found.get("Severity", ""), Severity.MEDIUM),
                title=f"image {name}: {' '.join(str(title).split())}"[:_TITLE],
                package=str(found["PkgName"]),
                version=str(found.get("InstalledVersion", "")),
                fixed=str(found.get("FixedVersion", "")).partition(",")[0].strip(),
                aliases=tuple(map(str, found.get("VendorIDs") or ())),
            )


def is_found(finished: process.Finished) -> bool:
    """Tell whether the planted package is reported as vulnerable; raises Unreadable if there is no report."""
    try:
        results = _report(finished).get("Results") or ()
        every = [one for result in results for one in result.get("Vulnerabilities") or ()]
        return any(str(one["PkgName"]).casefold() == CANARY[0] for one in every)
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("trivy printed a report of another shape") from None


def read_version(finished: process.Finished, now: datetime) -> tuple[str, str]:
    """Read trivy's version, and what is wrong with its database: not there, or too old."""
    try:
        found = parsed(finished, quote=False)
        tool = f"trivy {found.get('Version', 'of unknown version')}"
        made = datetime.fromisoformat(found["VulnerabilityDB"]["UpdatedAt"])
        age = now - made
    except Unreadable as error:
        return "trivy", str(error)
    except (KeyError, TypeError, ValueError):
        return tool, "trivy does not say how old its database of vulnerabilities is"
    if age > OLD:
        return tool, f"trivy's database is old: it is of {made:%Y-%m-%d}, {age.days} days ago"
    return tool, ""
